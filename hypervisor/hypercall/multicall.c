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

/* An entry, whose arguments are a call's as they stand. */
struct entry {
	uint64_t op, result;
	struct hcall call;
};
_Static_assert(sizeof(struct entry) == sizeof(struct multicall_entry) &&
	       offsetof(struct entry, call) == offsetof(struct multicall_entry, args),
	       "an entry's arguments are struct hcall");

/* Budget units of an entry. A call that takes long as a rule takes its own; one
 * with a large block of arguments does not, and is taken to be long here. */
#define SHORT_UNITS	20
#define BLOCK_UNITS	340

static int units_of(uint64_t number)
{
	switch (number) {
	case __HYPERVISOR_domctl:
	case __HYPERVISOR_sysctl:
	case __HYPERVISOR_platform_op:
		return BLOCK_UNITS;
	}
	return SHORT_UNITS;
}

/* True: go on with the next entry. `traced` is a constant. */
static inline __attribute__((always_inline))
bool one_call(struct vcpu *v, uint64_t at, long *rc, bool traced)
{
	struct entry e;
	long result;

	if (copy_from_guest(&e, at, sizeof(e))) {
		*rc = -EFAULT;
		return false;
	}
	entry_command((uint32_t)e.op);
	result = traced ? hypercall_traced(v, &e.call, e.op) :
			  hypercall_dispatch(v, &e.call, e.op);
	if (unlikely(RESULT_IS_SPECIAL(result))) {
		if (result == HCALL_FRAME_SET) {
			/* iret: the frame stands as it set it. */
			*rc = result;
			return false;
		}
		if (result == -ERESTART) {
			*rc = copy_to_guest(at + offsetof(struct entry, call), &e.call,
					    sizeof(e.call)) ? -EFAULT : -ERESTART;
			return false;
		}
		refusal_keep(v, e.op, &e.call, result);
	}
	if (guest_write_u64(at + offsetof(struct entry, result), (uint64_t)result)) {
		*rc = -EFAULT;
		return false;
	}
	(void)budget_left(units_of(e.op));
	return true;
}

static inline __attribute__((always_inline))
long all_calls(struct vcpu *v, struct hcall *c, bool traced)
{
	uint64_t at = c->arg[0];
	uint32_t left = (uint32_t)c->arg[1];
	long rc = 0;

	if (v->in_multicall)
		return -EINVAL;
	/* Where it begins; each entry is asked for as it is copied. */
	if (!guest_range_ok(at, 1))
		return -EFAULT;
	v->in_multicall = true;
	while (left) {
		if (!one_call(v, at, &rc, traced))
			break;
		at += sizeof(struct multicall_entry);
		left--;
		if (left && (!budget_left(0) || READ_ONCE(this_cpu()->pending))) {
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

long hc_multicall(struct vcpu *v, struct hcall *c)
{
	return all_calls(v, c, false);
}

/* The same again, so that those who are not traced need not ask. */
long multicall_traced(struct vcpu *v, struct hcall *c)
{
	return all_calls(v, c, true);
}
