/* SPDX-License-Identifier: MIT */
/* ops_va.c - fronts of update_va_mapping: one L1 entry by its address.
 *
 * Guards: the entry is found through the caller's own validated tables. The
 * most frequent page-table call there is: one lock, one walk, no copying.
 */
#include "base/errno.h"
#include "base/refusal.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "mm/map.h"
#include "mm/pt_update.h"
#include "mm/target.h"

/* After the entry is changed: errors here leave it changed. */
static long flush(struct vcpu *v, uint64_t va, uint64_t flags)
{
	uint64_t kind = flags & UVMF_FLUSHTYPE_MASK;
	uint64_t where = flags & ~UVMF_FLUSHTYPE_MASK;
	uint64_t others = TLB_ALL_VCPUS;

	if (kind != UVMF_TLB_FLUSH && kind != UVMF_INVLPG)
		return 0;
	if (where != UVMF_LOCAL) {
		if (where != UVMF_ALL && flush_mask_get(where, &others))
			return -EFAULT;
		flush_others(v, others);
	}
	if (kind == UVMF_INVLPG)
		invlpg(va);
	else
		tlb_flush_local();
	return 0;
}

static long update(struct vcpu *v, uint64_t va, uint64_t entry, uint64_t flags,
		   const struct pt_ctx *c)
{
	struct spinlock *lock = &v->domain->mm.pt_lock;
	uint64_t *slot;
	int rc = -EINVAL;

	spin_lock(lock);
	slot = l1_slot(v->mm.kernel_root, va);
	if (likely(slot))
		rc = l1_update(slot, entry, c, PT_STORE_PLAIN, NULL);
	spin_unlock(lock);
	if (unlikely(rc)) {
		if (!slot)
			refusal_because(RULE_NO_L1);
		return rc;
	}
	return flush(v, va, flags);
}

long hc_update_va_mapping(struct vcpu *v, struct hcall *c)
{
	const struct mm_domain *m = &v->domain->mm;
	const struct pt_ctx ctx = { m->slot, m->slot, m->io };

	return update(v, c->arg[0], c->arg[1], c->arg[2], &ctx);
}

long hc_update_va_mapping_otherdomain(struct vcpu *v, struct hcall *c)
{
	struct pt_ctx ctx = { .tables = v->domain->mm.slot };
	struct target pages;
	long rc;

	rc = target_get(v, (domid_t)c->arg[3], &pages);
	if (rc)
		return rc;
	if (!target_allowed(v, pages.d) || (!pages.d && !v->domain->control)) {
		rc = -EPERM;
		goto out;
	}
	ctx.pages = pages.d ? pages.d->mm.slot : OWNER_IO;
	ctx.io = pages.d ? pages.d->mm.io : v->domain->mm.io;
	rc = update(v, c->arg[0], c->arg[1], c->arg[2], &ctx);
out:
	target_put(&pages);
	return rc;
}
