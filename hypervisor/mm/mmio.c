/* SPDX-License-Identifier: MIT */
/* mmio.c - device registers that the hypervisor itself uses.
 *
 * Guards: they are mapped uncached and never executed. Boot only: our L4
 * slots are copied into guests' tables afterwards.
 */
#include "base/log.h"
#include "cpu/features.h"
#include "mm/hyp_slots.h"
#include "mm/mm.h"
#include "mm/pt_validate.h"

/* boot only: first free address of the window */
static uint64_t next = MMIO_BASE;

static uint64_t *next_level(uint64_t *table, unsigned i)
{
	void *t;

	if (!(table[i] & PTE_P)) {
		t = page_alloc();
		if (!t)
			panic("no memory to map device registers");
		table[i] = pte_make(virt_to_mfn(t), PTE_P | PTE_RW | PTE_A);
	}
	return mfn_to_virt(pte_mfn(table[i]));
}

volatile void *mm_map_mmio(uint64_t maddr, uint64_t size)
{
	uint64_t start = maddr & PAGE_MASK, va = next;

	for (uint64_t a = start; a < maddr + size; a += PAGE_SIZE, next += PAGE_SIZE) {
		uint64_t *t = mfn_to_virt(hyp_root);

		for (unsigned shift = 39; shift > PAGE_SHIFT; shift -= 9)
			t = next_level(t, (next >> shift) & 511);
		t[(next >> PAGE_SHIFT) & 511] =
			a | PTE_P | PTE_RW | PTE_A | PTE_D | PTE_PCD | PTE_PWT |
			(cpu_features.nx ? PTE_NX : 0);
	}
	return (volatile void *)(va + (maddr - start));
}
