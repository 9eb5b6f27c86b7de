/* SPDX-License-Identifier: MIT */
/* grant_map.c - one entry of a guest's table for a frame it was granted.
 *
 * Guards: only an entry of a validated L1 of the caller's changes, and an
 * unmap takes out exactly the mapping it names, and keeps the frame until
 * nobody remembers it.
 */
#include "base/errno.h"
#include "cpu/insn.h"
#include "cpu/tlb.h"
#include "domain/domain.h"
#include "mm/grant_map.h"
#include "mm/map.h"
#include "mm/pt_update.h"

/* The entry; with is_pte the table it lies in is held, *table says which. */
static uint64_t *find(struct vcpu *v, uint64_t where, bool is_pte, struct frame **table)
{
	struct frame *f;

	*table = NULL;
	if (!is_pte)
		return l1_slot(v->mm.kernel_root, where);
	f = frame_lookup(where >> PAGE_SHIFT);
	if (!f || (where & 7) || !frame_get(f, v->domain->mm.slot))
		return NULL;
	if (!type_is_valid(f, PT_L1)) {
		frame_put(f);
		return NULL;
	}
	*table = f;
	return maddr_to_virt(where);
}

int mm_grant_map(struct vcpu *v, uint64_t where, bool is_pte, mfn_t m,
		 uint16_t owner, uint64_t flags)
{
	const struct pt_ctx c = { .tables = v->domain->mm.slot, .pages = owner };
	struct frame *table;
	uint64_t *slot;
	int rc = -EINVAL;

	spin_lock(&v->domain->mm.pt_lock);
	slot = find(v, where, is_pte, &table);
	if (slot)
		rc = l1_update(slot, pte_make(m, flags), &c, PT_STORE_PLAIN, NULL);
	if (table)
		frame_put(table);
	spin_unlock(&v->domain->mm.pt_lock);
	return rc;
}

int mm_grant_unmap(struct vcpu *v, uint64_t where, bool is_pte, mfn_t m,
		   bool writable, uint64_t replacement, uint64_t *old)
{
	const uint64_t want = pte_make(m, PTE_P | (writable ? PTE_RW : 0));
	struct frame *table;
	uint64_t *slot;
	int rc = -EINVAL;

	spin_lock(&v->domain->mm.pt_lock);
	slot = find(v, where, is_pte, &table);
	if (slot && (READ_ONCE(*slot) & (PTE_MFN | PTE_P | PTE_RW)) == want) {
		*old = __atomic_exchange_n(slot, replacement, __ATOMIC_SEQ_CST);
		rc = 0;
	}
	if (table)
		frame_put(table);
	spin_unlock(&v->domain->mm.pt_lock);
	return rc;
}

void mm_grant_forget(struct vcpu *v)
{
	tlb_flush_vcpus(v->domain->mm.slot, TLB_ALL_VCPUS);
}

int mm_grant_take_entry(struct vcpu *v, uint64_t va, uint64_t *entry)
{
	uint64_t *slot;
	int rc = -EINVAL;

	spin_lock(&v->domain->mm.pt_lock);
	slot = l1_slot(v->mm.kernel_root, va);
	if (slot) {
		*entry = __atomic_exchange_n(slot, 0, __ATOMIC_SEQ_CST);
		invlpg(va);
		rc = 0;
	}
	spin_unlock(&v->domain->mm.pt_lock);
	return rc;
}
