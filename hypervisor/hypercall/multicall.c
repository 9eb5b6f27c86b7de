/* SPDX-License-Identifier: MIT */
/* multicall.c - several calls for one entry.
 *
 * Guards: each entry is dispatched through the same gate, with the caller's
 * rights checked anew; it is copied once, and only its result (or, when it
 * must go on later, its arguments) is written back.
 * Invariant: after an entry that left guest-kernel mode (iret) no further
 * entry runs.
 */
#include <public/xen.h>

#include "domain/domain.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"

/* True: go on with the next entry. */
static bool one_call(struct vcpu *v, uint64_t at, long *rc)
{
	struct multicall_entry e;
	struct hcall args;
	long result;

	if (copy_from_guest(&e, at, sizeof(e))) {
		*rc = -EFAULT;
		return false;
	}
	for (unsigned i = 0; i < 6; i++)
		args.arg[i] = e.args[i];
	result = hypercall_dispatch(v, &args, e.op);
	if (result == HCALL_FRAME_SET) {
		/* iret: the frame stands as it set it. */
		*rc = result;
		return false;
	}
	if (result == -ERESTART) {
		*rc = copy_to_guest(at + offsetof(struct multicall_entry, args),
				    args.arg, sizeof(args.arg)) ? -EFAULT : -ERESTART;
		return false;
	}
	if (guest_write_u64(at + offsetof(struct multicall_entry, result),
			    (uint64_t)result)) {
		*rc = -EFAULT;
		return false;
	}
	return true;
}

long hc_multicall(struct vcpu *v, struct hcall *c)
{
	uint64_t at = c->arg[0];
	uint32_t left = (uint32_t)c->arg[1];
	long rc = 0;

	if (v->in_multicall)
		return -EINVAL;
	if (!guest_range_ok(at, left * sizeof(struct multicall_entry)))
		return -EFAULT;
	v->in_multicall = true;
	while (left) {
		if (!one_call(v, at, &rc))
			break;
		at += sizeof(struct multicall_entry);
		left--;
		if (left && (!budget_left(1) || READ_ONCE(this_cpu()->pending))) {
			rc = -ERESTART;
			break;
		}
	}
	v->in_multicall = false;
	if (rc == -ERESTART) {
		c->arg[0] = at;
		c->arg[1] = left;
	}
	return rc;
}
