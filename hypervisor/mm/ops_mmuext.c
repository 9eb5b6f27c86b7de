/* SPDX-License-Identifier: MIT */
/* ops_mmuext.c - front of mmuext_op: pins, roots, flushes, LDT, pages.
 *
 * Guards: each operation is read once; only pins and page copies reach
 * another domain, and only with power over it.
 * Long work: a half-validated table waits in its frame, a half-dropped one
 * in the vCPU (roots.c); the call comes again with the rest of its list.
 */
#include "base/errno.h"
#include "base/refusal.h"
#include "base/string.h"
#include "cpu/insn.h"
#include "mm/ops_batch.h"
#include "mm/target.h"

#define COPY_UNITS	24

int flush_mask_get(uint64_t mask, uint64_t *vcpus)
{
	return guest_read_u64(vcpus, mask);	/* a word, however few vCPUs */
}

/* Clear a frame, or copy another into it. */
static int fill_page(struct domain *d, uint64_t dst, uint64_t src, bool copy)
{
	struct frame *from = NULL, *to;
	int rc = -EINVAL;

	if (copy) {
		from = frame_lookup(src);
		if (!from || !frame_get(from, d->mm.slot))
			return REFUSE(-EINVAL, NOT_OWN);
	}
	to = frame_lookup(dst);
	if (!to || !frame_get(to, d->mm.slot))
		goto out;
	if (writable_get(to)) {
		if (copy)
			memcpy(mfn_to_virt(mfn_make(dst)), mfn_to_virt(mfn_make(src)), PAGE_SIZE);
		else
			memset(mfn_to_virt(mfn_make(dst)), 0, PAGE_SIZE);
		writable_put(to);
		(void)budget_left(COPY_UNITS);
		rc = 0;
	}
	frame_put(to);
out:
	if (from)
		frame_put(from);
	return rc;
}

static __attribute__((noinline))
int pin_or_unpin(struct vcpu *v, struct domain *d, const struct mmuext_op *op)
{
	const mfn_t m = mfn_make(op->arg1.mfn);
	int rc;

	spin_lock(&d->mm.pt_lock);
	if (d->life != DOMAIN_ALIVE)	/* teardown has been here: a pin would stay */
		rc = -EINVAL;
	else if (op->cmd == MMUEXT_UNPIN_TABLE)
		rc = unpin_table(v, d, m);
	else
		rc = pin_table(d, m, op->cmd - MMUEXT_PIN_L1_TABLE + 1);
	spin_unlock(&d->mm.pt_lock);
	return rc;
}

/* Other vCPUs forget everything, whatever address was named; this one no more
 * than was asked. */
static int flush(struct vcpu *v, const struct mmuext_op *op)
{
	uint64_t others = 0;

	switch (op->cmd) {
	case MMUEXT_TLB_FLUSH_MULTI:
	case MMUEXT_INVLPG_MULTI:
		if (flush_mask_get((uint64_t)op->arg2.vcpumask.p, &others))
			return -EINVAL;
		break;
	case MMUEXT_TLB_FLUSH_ALL:
	case MMUEXT_INVLPG_ALL:
		others = TLB_ALL_VCPUS;
		break;
	}
	if (others)
		flush_others(v, others);
	if (op->cmd == MMUEXT_TLB_FLUSH_LOCAL || op->cmd == MMUEXT_TLB_FLUSH_MULTI ||
	    op->cmd == MMUEXT_TLB_FLUSH_ALL)
		tlb_flush_local();
	else if (is_canonical(op->arg1.linear_addr))
		invlpg(op->arg1.linear_addr);
	return 0;
}

static int new_user_root(struct vcpu *v, uint64_t mfn)
{
	if (!mfn)		/* no user mode any more */
		return mm_set_user_root(v, MFN_NONE);
	return mfn_valid(mfn_make(mfn)) ? mm_set_user_root(v, mfn_make(mfn)) : -EINVAL;
}

/* Operations on the caller itself. */
static int own_op(struct vcpu *v, const struct mmuext_op *op)
{
	switch (op->cmd) {
	case MMUEXT_FLUSH_CACHE:
		if (!v->domain->mm.io)
			return -EACCES;
		wbinvd();
		return 0;
	case MMUEXT_FLUSH_CACHE_GLOBAL:
		if (!v->domain->mm.io)
			return -EINVAL;
		cpus_empty_caches();
		return 0;
	case MMUEXT_SET_LDT:
		return mm_set_ldt(v, op->arg1.linear_addr, op->arg2.nr_ents);
	}
	return flush(v, op);
}

static __attribute__((noinline))
int other_op(struct vcpu *v, struct domain *d, const struct mmuext_op *op)
{
	switch (op->cmd) {
	case MMUEXT_PIN_L1_TABLE:
	case MMUEXT_PIN_L2_TABLE:
	case MMUEXT_PIN_L3_TABLE:
	case MMUEXT_PIN_L4_TABLE:
	case MMUEXT_UNPIN_TABLE:
		return d ? pin_or_unpin(v, d, op) : -EINVAL;
	case MMUEXT_CLEAR_PAGE:
	case MMUEXT_COPY_PAGE:
		return d ? fill_page(d, op->arg1.mfn, op->arg2.src_mfn,
				     op->cmd == MMUEXT_COPY_PAGE) : -EINVAL;
	case MMUEXT_MARK_SUPER:
	case MMUEXT_UNMARK_SUPER:
		return -EOPNOTSUPP;
	case MMUEXT_NEW_BASEPTR ... MMUEXT_SET_LDT:
	case MMUEXT_NEW_USER_BASEPTR:
	case MMUEXT_FLUSH_CACHE_GLOBAL:
		if (d != v->domain)
			return REFUSE(-EPERM, NO_POWER);
		return own_op(v, op);
	}
	return -ENOSYS;
}

/* Those of each switch between processes first. */
static inline int one_op(struct vcpu *v, struct domain *d, const struct mmuext_op *op)
{
	entry_command(op->cmd);
	if (likely(d == v->domain)) {
		if (op->cmd == MMUEXT_NEW_BASEPTR)
			return mm_set_kernel_root(v, mfn_make(op->arg1.mfn));
		if (op->cmd == MMUEXT_NEW_USER_BASEPTR)
			return new_user_root(v, op->arg1.mfn);
	}
	return other_op(v, d, op);
}

/* The only request there is, of the most frequent ones. False: it is another, or is
 * not done with, and may as well be made again. */
static inline bool only_op(struct vcpu *v, const struct hcall *c)
{
	struct mmuext_op op;

	if (c->arg[3] != DOMID_SELF || c->arg[2] || !mfn_eq(v->mm.dropping, MFN_NONE) ||
	    copy_from_guest(&op, c->arg[0], sizeof(op)))
		return false;
	entry_command(op.cmd);
	if (op.cmd == MMUEXT_INVLPG_LOCAL && is_canonical(op.arg1.linear_addr))
		invlpg(op.arg1.linear_addr);
	else if (op.cmd == MMUEXT_TLB_FLUSH_LOCAL)
		tlb_flush_local();
	else if (op.cmd != MMUEXT_NEW_BASEPTR || mm_set_kernel_root(v, mfn_make(op.arg1.mfn)))
		return false;
	(void)budget_left(BATCH_UNITS);
	return true;
}

static __attribute__((noinline)) long list_of_ops(struct vcpu *v, struct hcall *c)
{
	struct mmuext_op op;
	struct target t;
	struct batch b;
	int rc;

	if (unlikely(!batch_begin(&b, v, c, sizeof(op), &rc)))
		return rc;
	rc = target_get(v, (domid_t)c->arg[3], &t);
	if (unlikely(rc))
		return rc;
	if (unlikely(!target_allowed(v, t.d) || (!t.d && !v->domain->control))) {
		rc = REFUSE(-EPERM, NO_POWER);
		goto out;
	}
	while (b.left) {
		rc = copy_from_guest(&op, c->arg[0], sizeof(op));
		if (likely(!rc))
			rc = one_op(v, t.d, &op);
		if (!batch_next(&b, v, c, sizeof(op), &rc))
			break;
	}
	batch_end(&b, c);
out:
	target_put(&t);
	return rc;
}

long hc_mmuext_op(struct vcpu *v, struct hcall *c)
{
	return c->arg[1] == 1 && only_op(v, c) ? 0 : list_of_ops(v, c);
}
