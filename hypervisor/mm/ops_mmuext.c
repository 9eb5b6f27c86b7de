/* SPDX-License-Identifier: MIT */
/* ops_mmuext.c - front of mmuext_op: pins, roots, flushes, LDT, pages.
 *
 * Guards: each operation is read once; only pins and page copies reach
 * another domain, and only with power over it.
 * Long work: a half-validated table waits in its frame, a half-dropped one
 * in the vCPU (roots.c); the call comes again with the rest of its list.
 */
#include "base/errno.h"
#include "base/string.h"
#include "cpu/insn.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "mm/roots.h"
#include "mm/target.h"
#include "mm/tlb.h"

#define CONTINUED	0x80000000U
#define COPY_UNITS	16

int flush_mask_check(struct vcpu *v, uint64_t mask)
{
	uint64_t bits;

	return copy_from_guest(&bits, mask, (v->domain->max_vcpus + 7) / 8);
}

/* Clear a frame, or copy another into it. */
static int fill_page(struct domain *d, uint64_t dst, uint64_t src, bool copy)
{
	struct frame *from = NULL, *to;
	int rc = -EINVAL;

	if (copy) {
		from = frame_lookup(src);
		if (!from || !frame_get(from, d->mm.slot))
			return -EINVAL;
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

static int pin_or_unpin(struct vcpu *v, struct domain *d, const struct mmuext_op *op)
{
	const mfn_t m = mfn_make(op->arg1.mfn);
	int rc;

	if (d->life != DOMAIN_ALIVE)	/* teardown would not see a new pin */
		return -EINVAL;
	spin_lock(&d->mm.pt_lock);
	if (op->cmd == MMUEXT_UNPIN_TABLE)
		rc = unpin_table(v, d, m);
	else
		rc = pin_table(d, m, op->cmd - MMUEXT_PIN_L1_TABLE + 1);
	spin_unlock(&d->mm.pt_lock);
	return rc;
}

/* Operations on the caller itself. */
static int own_op(struct vcpu *v, const struct mmuext_op *op)
{
	switch (op->cmd) {
	case MMUEXT_NEW_BASEPTR:
		return mm_set_kernel_root(v, mfn_make(op->arg1.mfn));
	case MMUEXT_NEW_USER_BASEPTR:
		if (!op->arg1.mfn)		/* no user mode any more */
			return mm_set_user_root(v, MFN_NONE);
		if (!mfn_valid(mfn_make(op->arg1.mfn)))
			return -EINVAL;
		return mm_set_user_root(v, mfn_make(op->arg1.mfn));
	case MMUEXT_TLB_FLUSH_MULTI:
	case MMUEXT_INVLPG_MULTI:
		if (flush_mask_check(v, (uint64_t)op->arg2.vcpumask.p))
			return -EINVAL;
		break;
	case MMUEXT_FLUSH_CACHE:
		if (!v->domain->mm.io)
			return -EACCES;
		wbinvd();
		return 0;
	case MMUEXT_FLUSH_CACHE_GLOBAL:
		if (!v->domain->mm.io)
			return -EINVAL;
		wbinvd();
		return 0;
	case MMUEXT_SET_LDT:
		return mm_set_ldt(v, op->arg1.linear_addr, op->arg2.nr_ents);
	}
	if (op->cmd == MMUEXT_TLB_FLUSH_LOCAL || op->cmd == MMUEXT_TLB_FLUSH_MULTI ||
	    op->cmd == MMUEXT_TLB_FLUSH_ALL)
		tlb_flush_all();
	else if (is_canonical(op->arg1.linear_addr))
		invlpg(op->arg1.linear_addr);
	return 0;
}

static int one_op(struct vcpu *v, struct domain *d, const struct mmuext_op *op)
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
			return -EPERM;
		return own_op(v, op);
	}
	return -ENOSYS;
}

/* Operations from c->arg on; advances c->arg over what is done. */
static int run_batch(struct vcpu *v, struct domain *d, struct hcall *c, uint32_t count)
{
	struct mmuext_op op;
	int rc = 0;

	while (count) {
		if (copy_from_guest(&op, c->arg[0], sizeof(op))) {
			rc = -EFAULT;
			break;
		}
		rc = one_op(v, d, &op);
		/* what is only half dropped has taken effect: it counts as done */
		if (rc && !(rc == -ERESTART && !mfn_eq(v->mm.dropping, MFN_NONE)))
			break;
		c->arg[0] += sizeof(op);
		count--;
		if (rc || (!budget_left(1) && count)) {
			rc = -ERESTART;
			break;
		}
	}
	c->arg[1] = count | CONTINUED;
	return rc;
}

long hc_mmuext_op(struct vcpu *v, struct hcall *c)
{
	uint32_t count = (uint32_t)c->arg[1], done = 0;
	struct target t;
	int rc;

	rc = finish_dropping(v);
	if (unlikely(rc))
		return rc;
	if (unlikely(count & CONTINUED)) {
		if (count == CONTINUED && !c->arg[0])
			return (int)c->arg[3];
		count &= ~CONTINUED;
		if (c->arg[2])
			(void)!copy_from_guest(&done, c->arg[2], sizeof(done));
	}
	if (unlikely(!guest_range_ok(c->arg[0], (uint64_t)count * sizeof(struct mmuext_op))))
		return -EFAULT;
	rc = target_get(v, (domid_t)c->arg[3], &t);
	if (unlikely(rc))
		return rc;
	if (unlikely(!target_allowed(v, t.d) || (!t.d && !v->domain->control))) {
		rc = -EPERM;
		goto out;
	}
	rc = run_batch(v, t.d, c, count);
	done += count - ((uint32_t)c->arg[1] & ~CONTINUED);
	if (c->arg[2])	/* as in mmu_update */
		(void)!copy_to_guest(c->arg[2], &done, sizeof(done));
out:
	target_put(&t);
	return rc;
}
