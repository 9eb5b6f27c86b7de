/* SPDX-License-Identifier: MIT */
/* ops_batch.h - lists of requests in guest memory: mmu_update and mmuext_op.
 *
 * Invariant: the argument registers say what is left: where, and how many,
 * with a bit for "taken up again" that asks for the count so far.
 */
#ifndef PARAVANE_MM_OPS_BATCH_H
#define PARAVANE_MM_OPS_BATCH_H

#include "base/errno.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "mm/roots.h"

#define BATCH_CONTINUED	0x80000000U

/* Budget units of a request, without what it takes for itself. */
#define BATCH_UNITS	14

struct batch {
	uint32_t left, all;	/* with those of the entries before this one */
};

/* False: the call ends here, with *rc. */
static inline bool batch_begin(struct batch *b, struct vcpu *v, const struct hcall *c,
			       size_t size, int *rc)
{
	*b = (struct batch){ .left = (uint32_t)c->arg[1] };
	*rc = finish_dropping(v);
	if (unlikely(*rc))
		return false;
	if (unlikely(b->left & BATCH_CONTINUED)) {
		if (b->left == BATCH_CONTINUED && !c->arg[0]) {
			*rc = (int)c->arg[3];
			return false;
		}
		b->left &= ~BATCH_CONTINUED;
		if (c->arg[2])
			(void)!copy_from_guest(&b->all, c->arg[2], sizeof(b->all));
	}
	b->all += b->left;
	*rc = -EFAULT;
	return likely(guest_range_ok(c->arg[0], b->left * size));
}

/* A request came to *rc: true if the next one is to follow. */
static inline bool batch_next(struct batch *b, struct vcpu *v, struct hcall *c,
			      size_t size, int *rc)
{
	bool dropping = !mfn_eq(v->mm.dropping, MFN_NONE);

	/* what is only half dropped has taken effect: it counts as done */
	if (unlikely(*rc && !(*rc == -ERESTART && dropping)))
		return false;
	c->arg[0] += size;
	b->left--;
	if (unlikely(dropping || (!budget_left(BATCH_UNITS) && b->left))) {
		*rc = -ERESTART;
		return false;
	}
	return true;
}

/* What was done, where the guest wants it, and what is left. Where it cannot
 * be written, upstream says nothing either. */
static inline void batch_end(const struct batch *b, struct hcall *c)
{
	c->arg[1] = b->left | BATCH_CONTINUED;
	if (c->arg[2])
		(void)!guest_write_u32(c->arg[2], b->all - b->left);
}

#endif
