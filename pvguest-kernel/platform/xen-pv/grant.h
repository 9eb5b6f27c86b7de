/* SPDX-License-Identifier: MIT */
/* grant.h - what the two grant devices share: taking (gntdev.c) and giving
 * (gntalloc.c). The ioctls and their structures are Linux's. */
#ifndef KERNEL_XEN_PV_GRANT_H
#define KERNEL_XEN_PV_GRANT_H

#include "core/errno.h"
#include "mm/user.h"
#include "platform/xen-pv/xen.h"

#define GRANT_IOC(nr, size) ((uint32_t)(size) << 16 | 'G' << 8 | (nr))
#define IOCTL_SET_UNMAP_NOTIFY GRANT_IOC(7, 16)

#define UNMAP_NOTIFY_CLEAR_BYTE 1u
#define UNMAP_NOTIFY_SEND_EVENT 2u

struct unmap_notify {
	uint64_t index;		/* of the byte, in the file */
	uint32_t action, port;
};

static inline int unmap_notify_get(struct unmap_notify *n, uint64_t arg)
{
	if (get_user(*n, arg))
		return -EFAULT;
	if (n->action & ~(UNMAP_NOTIFY_CLEAR_BYTE | UNMAP_NOTIFY_SEND_EVENT))
		return -EINVAL;
	if ((n->action & UNMAP_NOTIFY_SEND_EVENT) && !event_is_bound(n->port))
		return -EINVAL;
	return 0;
}

void gntdev_init(void);
void gntalloc_init(void);

#endif
