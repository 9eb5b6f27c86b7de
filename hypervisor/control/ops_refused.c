/* SPDX-License-Identifier: MIT */
/* ops_refused.c - calls whose answer to a PV guest is mostly no.
 *
 * Guards: each is refused with the error the ABI defines for it. hc_absent
 * and hc_unsupported serve the rows of calls we do not offer; the gate has
 * asked for the caller's rights before.
 */
#include "domain/domain.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "time/time.h"

#include <public/hvm/hvm_op.h>
#include <public/hvm/params.h>

long hc_absent(struct vcpu *v, struct hcall *c)
{
	return -ENOSYS;
}

long hc_unsupported(struct vcpu *v, struct hcall *c)
{
	return -EOPNOTSUPP;
}

/* Parameters of a domain: checked as far as it takes to see that the domain
 * is not of that kind. */
static long hvm_param(uint64_t arg)
{
	struct xen_hvm_param req;
	struct domain *d;

	if (copy_from_guest(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.index >= HVM_NR_PARAMS)
		return -EINVAL;
	if (req.domid != DOMID_SELF) {
		d = domain_get_by_id(req.domid);
		if (!d)
			return -ESRCH;
		domain_put(d);
	}
	return -EINVAL;
}

static long hvm_time(uint64_t arg)
{
	struct xen_hvm_get_time reply = { .now = time_now() };

	return copy_to_guest(arg, &reply, sizeof(reply));
}

long hc_hvm_op(struct vcpu *v, struct hcall *c)
{
	uint64_t arg = c->arg[1];

	switch ((uint32_t)c->arg[0]) {
	case HVMOP_set_param:
	case HVMOP_get_param:
		return hvm_param(arg);
	case HVMOP_get_time:
		return hvm_time(arg);
	case HVMOP_flush_tlbs:
	case HVMOP_pagetable_dying:
	case HVMOP_get_mem_type:
	case HVMOP_set_evtchn_upcall_vector:
		return -EINVAL;
	case HVMOP_guest_request_vm_event:
		return arg ? -EINVAL : 0;	/* nobody listens */
	case HVMOP_altp2m:
		return -EOPNOTSUPP;
	default:
		return -ENOSYS;
	}
}
