/* SPDX-License-Identifier: MIT */
/* pages.c - our own frames and page tables, for the bench and its relatives. */
#include "bench.h"

void sure_at(bool ok, const char *what)
{
	want_at(ok, ok, 1, what);
}

uint64_t entry_for(const volatile void *va, unsigned long flags)
{
	return virt_to_mfn(va) << 12 | flags;
}

static volatile uint64_t *table_at(uint64_t machine)
{
	const unsigned long *m2p = (const unsigned long *)MACH2PHYS_VIRT_START;

	return (volatile uint64_t *)(VIRT_BASE + (m2p[machine >> 12] << 12));
}

volatile uint64_t *pte_of(const volatile void *va)
{
	volatile uint64_t *t = (volatile uint64_t *)start_info->pt_base;

	for (int level = 4; ; level--) {
		volatile uint64_t *e = &t[(uint64_t)va >> (3 + 9 * level) & 511];

		if (level == 1)
			return e;
		t = table_at(*e & FRAME_BITS);
	}
}

uint64_t machine_of(const volatile void *va)
{
	return virt_to_mfn(va) << 12 | ((uint64_t)va & 4095);
}

void map_as(const volatile void *va, unsigned long flags)
{
	sure(!call(update_va_mapping, va, entry_for(va, flags), UVMF_INVLPG));
}

unsigned long pool_frame(unsigned int i)
{
	unsigned long *list = (unsigned long *)start_info->mfn_list;

	return list[start_info->nr_pages - 1 - i];
}
