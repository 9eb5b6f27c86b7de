/* SPDX-License-Identifier: MIT */
/* callback.h - where the hypervisor enters a guest kernel.
 *
 * callback_op(cmd, arg).  Each type has one address; what the entry finds on
 * its stack is told in docs/.  EFAULT; EINVAL: not canonical; ENOSYS: type
 */
#ifndef __XEN_PUBLIC_CALLBACK_H__
#define __XEN_PUBLIC_CALLBACK_H__

#include "xen.h"

#define CALLBACKOP_register	0
#define CALLBACKOP_unregister	1	/* only nmi can be; else EINVAL */

#define CALLBACKTYPE_event		0	/* event channels pending */
#define CALLBACKTYPE_failsafe		1	/* return to guest failed */
#define CALLBACKTYPE_syscall		2	/* SYSCALL from 64-bit user */
#define CALLBACKTYPE_sysenter_deprecated 3
#define CALLBACKTYPE_nmi		4
#define CALLBACKTYPE_sysenter		5
#define CALLBACKTYPE_syscall32		7

/* callback_register.flags: enter with events masked. */
#define _CALLBACKF_mask_events	0
#define CALLBACKF_mask_events	(1U << _CALLBACKF_mask_events)

#ifndef __ASSEMBLY__

struct callback_register {
	uint16_t type;
	uint16_t flags;
	xen_callback_t address;
};
typedef struct callback_register callback_register_t;
DEFINE_XEN_GUEST_HANDLE(callback_register_t);

struct callback_unregister {
	uint16_t type;
	uint16_t _unused;
};
typedef struct callback_unregister callback_unregister_t;
DEFINE_XEN_GUEST_HANDLE(callback_unregister_t);

#endif /* !__ASSEMBLY__ */
#endif
