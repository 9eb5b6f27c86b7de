/* SPDX-License-Identifier: MIT */
/* map.h - the per-domain slot, and walking page tables.
 */
#ifndef PARAVANE_MM_MAP_H
#define PARAVANE_MM_MAP_H

#include "domain/domain.h"
#include "mm/mm.h"
#include "mm/pt_validate.h"

/* Entry of page `page` (0-15 GDT, 16-31 LDT) of v's window. */
static inline uint64_t *window_entry(struct vcpu *v, unsigned page)
{
	return &v->domain->mm.perdomain_l1[v->id / 16][v->id % 16 * 32 + page];
}

/* Kernel to user or back inside one vCPU. */
static inline void mm_load_mode(struct vcpu *v, bool kernel)
{
	write_cr3(kernel ? v->mm.cr3_kernel : v->mm.cr3_user);
}

/* For what is to be copied at a kernel address, which user page tables may not
 * map. True if the tables had to be changed. */
static inline bool mm_enter_kernel_tables(struct vcpu *v)
{
	if (v->kernel_mode)
		return false;
	v->kernel_mode = true;
	mm_load_mode(v, true);
	return true;
}

static inline void mm_leave_kernel_tables(struct vcpu *v)
{
	v->kernel_mode = false;
	mm_load_mode(v, false);
}

/* A page that is all zeros, for empty pages of a GDT. */
uint64_t zero_page_entry(void);
/* The hypervisor's private data: present, writable, never executed. */
uint64_t hyp_data_entry(mfn_t m);

/* The L1 slot of a guest address below the L4 `root`, or NULL where a level
 * is missing, or the address is ours or not canonical. Under the owner's
 * PAGE_TABLES lock: every level is a validated table. */
static inline uint64_t *l1_slot(mfn_t root, uint64_t va)
{
	uint64_t e, *t;

	if (unlikely(va - LOW_END < HYP_END - LOW_END))
		return NULL;
	t = mfn_to_virt(root);
	e = READ_ONCE(t[L4_SLOT(va)]);
	if (!(e & PTE_P))
		return NULL;
	t = mfn_to_virt(pte_mfn(e));
	e = READ_ONCE(t[(va >> 30) & 511]);
	if (!(e & PTE_P))
		return NULL;
	t = mfn_to_virt(pte_mfn(e));
	e = READ_ONCE(t[(va >> 21) & 511]);
	if (!(e & PTE_P))
		return NULL;
	t = mfn_to_virt(pte_mfn(e));
	return &t[(va >> 12) & 511];
}

#endif
