/* SPDX-License-Identifier: MIT */
/* page_tables.c - the page tables a new domain starts on.
 *
 * Guards: no page table is mapped writable, else pinning would fail. An
 * entry holds a machine frame: this is direct paging.
 */
#include "build/fill.h"

#define PAGE         4096ULL
#define PTE_PRESENT  0x01ULL
#define PTE_WRITABLE 0x02ULL
#define PTE_USER     0x04ULL
#define PTE_ACCESSED 0x20ULL
#define PTE_DIRTY    0x40ULL

/* Inner entries allow everything; the leaf decides. A guest kernel's leaf
 * has no U bit: the hypervisor adds what ring 3 needs. */
#define INNER_BITS \
	(PTE_PRESENT | PTE_WRITABLE | PTE_USER | PTE_ACCESSED | PTE_DIRTY)
#define LEAF_BITS  (PTE_PRESENT | PTE_ACCESSED)

static uint64_t *entry(const struct layout *l, struct guest_memory *m,
		       int level, uint64_t virt)
{
	uint64_t *table = fill_frame(l, m, layout_table(l, level, virt));

	return &table[(virt >> (12 + 9 * (level - 1))) & 511];
}

static void map_page(const struct layout *l, struct guest_memory *m,
		     uint64_t virt, uint64_t pfn)
{
	uint64_t bits = LEAF_BITS;

	for (int level = 4; level > 1; level--)
		*entry(l, m, level, virt) =
			m->mfns[layout_table(l, level - 1, virt)] * PAGE |
			INNER_BITS;
	if (!layout_is_table(l, pfn))
		bits |= PTE_WRITABLE;
	*entry(l, m, 1, virt) = m->mfns[pfn] * PAGE | bits;
}

static void map_range(const struct layout *l, struct guest_memory *m,
		      const struct mapped_range *r)
{
	for (uint64_t i = 0; i < r->pages; i++)
		map_page(l, m, r->virt + i * PAGE, r->pfn + i);
}

void fill_page_tables(const struct layout *l, struct guest_memory *m)
{
	map_range(l, m, &l->region);
	map_range(l, m, &l->p2m_range);
}
