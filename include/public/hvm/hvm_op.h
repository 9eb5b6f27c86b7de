/* SPDX-License-Identifier: MIT */
/* hvm/hvm_op.h - the calls of guests with hardware virtualization.
 *
 * hvm_op(cmd, arg).  We run none: a PV guest may ask the time, the rest of what
 * is named here answers EINVAL, and any other number ENOSYS.
 */
#ifndef __XEN_PUBLIC_HVM_HVM_OP_H__
#define __XEN_PUBLIC_HVM_HVM_OP_H__

#include "../xen.h"

#define HVMOP_set_param			0
#define HVMOP_get_param			1
#define HVMOP_flush_tlbs		5
#define HVMOP_pagetable_dying		9
#define HVMOP_get_time			10
#define HVMOP_xentrace			11
#define HVMOP_get_mem_type		15
#define HVMOP_set_evtchn_upcall_vector	23
#define HVMOP_guest_request_vm_event	24
#define HVMOP_altp2m			25

#ifndef __ASSEMBLY__

struct xen_hvm_param {
	domid_t  domid;
	uint16_t pad;
	uint32_t index;			/* HVM_PARAM_* of hvm/params.h */
	uint64_t value;
};
typedef struct xen_hvm_param xen_hvm_param_t;
DEFINE_XEN_GUEST_HANDLE(xen_hvm_param_t);

/* get_time */
struct xen_hvm_get_time {
	uint64_t now;			/* OUT: ns of system time */
};
typedef struct xen_hvm_get_time xen_hvm_get_time_t;
DEFINE_XEN_GUEST_HANDLE(xen_hvm_get_time_t);

#endif /* !__ASSEMBLY__ */
#endif
