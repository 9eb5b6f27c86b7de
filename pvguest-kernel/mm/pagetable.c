/* SPDX-License-Identifier: MIT */
/* pagetable.c - walking, growing and tearing down four levels of tables.
 *
 * Tables are only ever added while the address space lives; all go at its end.
 * Not here: how an entry is written (platform), what it should say (map.c).
 */
#include "mm/pagetable.h"

#include "mm/mm.h"
#include "mm/page.h"

#define TOP_SHIFT 39
#define USER_ROOT_SLOTS 256

static unsigned index_at(uint64_t va, unsigned shift)
{
	return (va >> shift) & 511;
}

static uint64_t *table_behind(const uint64_t *link)
{
	return phys_to_virt(platform_pte_read(link) & PTE_FRAME);
}

static uint64_t *add_table(struct page_tables *pt, uint64_t *link, unsigned shift)
{
	struct page *page = page_alloc_zero();
	uint64_t entry;

	if (!page)
		return NULL;
	if (platform_table_adopt(page, (shift - PAGE_SHIFT) / 9)) {
		page_put(page);
		return NULL;
	}
	entry = virt_to_phys(page_virt(page)) | PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED;
	platform_pte_write(link, entry);
	if (shift == TOP_SHIFT && pt->user_root)
		platform_pte_write(&pt->user_root[link - pt->root], entry);
	platform_pte_commit(false);
	return page_virt(page);
}

uint64_t *pt_slot(struct page_tables *pt, uint64_t va, bool create)
{
	uint64_t *table = pt->root;

	for (unsigned shift = TOP_SHIFT; shift > PAGE_SHIFT; shift -= 9) {
		uint64_t *link = &table[index_at(va, shift)];

		if (*link & PTE_PRESENT)
			table = table_behind(link);
		else if (!create || !(table = add_table(pt, link, shift)))
			return NULL;
	}
	return &table[index_at(va, PAGE_SHIFT)];
}

/* The lowest table on the way to va, or NULL and how much can be skipped. */
static uint64_t *last_table(struct page_tables *pt, uint64_t va, unsigned *hole_shift)
{
	uint64_t *table = pt->root;

	for (unsigned shift = TOP_SHIFT; shift > PAGE_SHIFT; shift -= 9) {
		const uint64_t *link = &table[index_at(va, shift)];

		if (!(*link & PTE_PRESENT)) {
			*hole_shift = shift;
			return NULL;
		}
		table = table_behind(link);
	}
	return table;
}

uint64_t *pt_next(struct page_tables *pt, uint64_t *va, uint64_t end)
{
	while (*va < end) {
		unsigned shift = PAGE_SHIFT;
		uint64_t *table = last_table(pt, *va, &shift);

		if (!table) {
			*va = ALIGN_DOWN(*va, 1ul << shift) + (1ul << shift);
			continue;
		}
		do {
			uint64_t *slot = &table[index_at(*va, PAGE_SHIFT)];

			if (*slot & PTE_MAPPED)
				return slot;
			*va += PAGE_SIZE;
		} while (*va < end && index_at(*va, PAGE_SHIFT));
	}
	return NULL;
}

/* Collects table pages on `dead`: they are free only after the commit. */
static void drop_table(uint64_t *table, unsigned shift, struct list *dead)
{
	unsigned slots = shift == TOP_SHIFT ? USER_ROOT_SLOTS : 512;

	for (unsigned i = 0; i < slots; i++) {
		struct page *page;

		if (!(table[i] & (shift == PAGE_SHIFT ? PTE_MAPPED : PTE_PRESENT)))
			continue;
		page = pfn_page((platform_pte_read(&table[i]) & PTE_FRAME) >> PAGE_SHIFT);
		if (shift == PAGE_SHIFT) {
			page_put(page);
			continue;
		}
		drop_table(page_virt(page), shift - 9, dead);
		platform_table_release(page);
		list_push_back(dead, &page->node);
	}
}

void pt_destroy(struct page_tables *pt)
{
	struct list dead = LIST_INIT(dead);
	struct page *page, *tmp;

	drop_table(pt->root, TOP_SHIFT, &dead);
	platform_pte_commit(false);
	list_for_each_safe(page, tmp, &dead, node) {
		list_remove(&page->node);
		page_put(page);
	}
	platform_root_free(pt);
}
