/* SPDX-License-Identifier: MIT */
/* xenbus_backend.c - /dev/xen/xenbus_backend: the control domain's own ring,
 * for the program that is its store daemon.
 *
 * The page stays the kernel's when the daemon ends, and the next one finds the
 * ring as the last one left it. Not here: the ring's other end (xenbus.c), a
 * daemon in a domain of its own (IOCTL_XENBUS_BACKEND_SETUP is unknown).
 */
#include "core/errno.h"
#include "fs/file.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "platform/xen-pv/xen.h"
#include "platform/xen-pv/xenbus.h"

#define IOCTL_EVTCHN ('B' << 8 | 0)

static long backend_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return cmd == IOCTL_EVTCHN ? (long)xenbus_own_port() : -ENOTTY;
}

static int backend_mmap(struct file *file, struct mm *mm, struct vma *vma)
{
	struct page *page = xenbus_own_page();
	int rc;

	if (!(vma->flags & VMA_SHARED) || vma->pgoff || vma->end - vma->start > PAGE_SIZE)
		return -EINVAL;
	vma->flags |= VMA_NOFORK | VMA_FIXED_SIZE;
	page_get(page);
	rc = vma_insert_page(mm, vma, vma->start, page);
	if (rc)
		page_put(page);
	return rc;
}

static const struct file_ops backend_ops = {
	.ioctl = backend_ioctl,
	.mmap = backend_mmap,
};

void xenbus_backend_init(void)
{
	dev_register("xen/xenbus_backend", 0600, 10, 57, &backend_ops);
}
