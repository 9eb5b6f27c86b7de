/* SPDX-License-Identifier: MIT */
/* roots.c - the tables a vCPU runs on, and pins.
 *
 * Guards: a table in CR3 is a validated L4 with a reference of its own; no
 * table is dropped in more work than an entry's budget allows.
 * Invariant: a vCPU has at most one table half dropped, because every call
 * that could leave one first finishes the last (finish_dropping).
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/refusal.h"
#include "cpu/insn.h"
#include "cpu/tlb.h"
#include "mm/gdt.h"
#include "mm/hyp_slots.h"
#include "mm/map.h"
#include "mm/roots.h"

/* Both references of a table, or leave it with v. */
static int drop_table(struct vcpu *v, mfn_t m)
{
	struct frame *f = frame_of(m);

	if (type_put(f)) {
		v->mm.dropping = m;
		return -ERESTART;
	}
	frame_put(f);
	return 0;
}

int drop_pending(struct vcpu *v)
{
	mfn_t m = v->mm.dropping;
	struct domain *d = owner_domain(frame_owner(frame_of(m)));
	int rc;

	spin_lock(&d->mm.pt_lock);
	v->mm.dropping = MFN_NONE;
	rc = drop_table(v, m);
	spin_unlock(&d->mm.pt_lock);
	return rc;
}

int pin_table(struct domain *d, mfn_t table, unsigned level)
{
	const struct pt_ctx c = own_ctx(d);
	struct frame *f;
	int rc;

	f = frame_lookup(table.n);
	if (!f)
		return REFUSE(-EINVAL, NO_FRAME);
	rc = frame_get_typed(f, (enum page_type)level, &c);
	if (rc)
		return rc;
	if (f->use & USE_PINNED) {
		BUG_ON(type_put(f));	/* the pin's own reference stays */
		frame_put(f);
		return REFUSE(-EINVAL, PINNED);
	}
	f->use |= USE_PINNED;
	return 0;
}

int mm_pin(struct domain *d, mfn_t table, unsigned level)
{
	int rc;

	spin_lock(&d->mm.pt_lock);
	rc = pin_table(d, table, level);
	spin_unlock(&d->mm.pt_lock);
	return rc;
}

int unpin_table(struct vcpu *v, struct domain *d, mfn_t table)
{
	struct frame *f;

	f = frame_lookup(table.n);
	if (!f || !frame_get(f, d->mm.slot))
		return REFUSE(-EINVAL, NOT_OWN);
	if (!(f->use & USE_PINNED)) {
		frame_put(f);
		return REFUSE(-EINVAL, NOT_PINNED);
	}
	f->use &= ~USE_PINNED;
	frame_put(f);		/* this call's; the pin's go next */
	return drop_table(v, table);
}

static int get_root(struct domain *d, mfn_t l4)
{
	const struct pt_ctx c = own_ctx(d);
	struct frame *f = frame_lookup(l4.n);

	if (d->life != DOMAIN_ALIVE)
		return -EINVAL;
	return f ? frame_get_typed(f, PT_L4, &c) : REFUSE(-EINVAL, NO_FRAME);
}

/* The guest's view of the machine-to-physical table in user mode. */
static void show_m2p(mfn_t l4, bool shown)
{
	uint64_t *slot = (uint64_t *)mfn_to_virt(l4) + L4_SLOT(M2P_BASE);

	*slot = shown ? ((uint64_t *)mfn_to_virt(hyp_root))[L4_SLOT(M2P_BASE)] : 0;
}

static int replace_root(struct vcpu *v, mfn_t *root, uint64_t *cr3, mfn_t l4)
{
	mfn_t old = *root;

	*root = l4;
	*cr3 = mfn_eq(l4, MFN_NONE) ? 0 : mfn_to_maddr(l4).a;
	if (cr3 == &v->mm.cr3_kernel && v == current() && v->kernel_mode) {
		write_cr3(*cr3);
		tlb_flush_local();
	}
	return mfn_eq(old, MFN_NONE) ? 0 : drop_table(v, old);
}

/* The new root is in use even when dropping the old one must go on later. */
int mm_set_kernel_root(struct vcpu *v, mfn_t l4)
{
	struct domain *d = v->domain;
	int rc;

	if (!mfn_valid(l4))		/* MFN_NONE is no root, though it may be v's */
		return -EINVAL;
	rc = finish_dropping(v);
	if (rc)
		return rc;
	spin_lock(&d->mm.pt_lock);
	if (mfn_eq(l4, v->mm.kernel_root)) {
		if (v == current() && v->kernel_mode)
			tlb_flush_local();
		goto out;
	}
	rc = get_root(d, l4);
	if (rc)
		goto out;
	show_m2p(l4, true);
	if (unlikely(v->mm.ldt_mapped))
		ldt_unmap(v);	/* its address may mean other frames now */
	rc = replace_root(v, &v->mm.kernel_root, &v->mm.cr3_kernel, l4);
out:
	spin_unlock(&d->mm.pt_lock);
	return rc;
}

int mm_set_user_root(struct vcpu *v, mfn_t l4)
{
	struct domain *d = v->domain;
	int rc;

	rc = finish_dropping(v);
	if (rc)
		return rc;
	spin_lock(&d->mm.pt_lock);
	if (mfn_eq(l4, v->mm.user_root))
		goto out;
	if (!mfn_eq(l4, MFN_NONE)) {
		rc = get_root(d, l4);
		if (rc)
			goto out;
		if (d->vm_assist & (1UL << VMASST_TYPE_m2p_strict))
			show_m2p(l4, false);
	}
	rc = replace_root(v, &v->mm.user_root, &v->mm.cr3_user, l4);
out:
	spin_unlock(&d->mm.pt_lock);
	return rc;
}
