/* SPDX-License-Identifier: MIT */
/* page.c - the page allocator: buddy blocks of 1 to 1024 pages.
 *
 * Invariant: a free block is aligned to its size, its head says free_head and
 * its order, and no two free buddies of one order exist.
 */
#include "mm/page.h"

#include "core/printk.h"
#include "lib/string.h"

struct page *page_array;
uint64_t page_count;
uint64_t page_free_count;
uint64_t page_total_count;

static struct list free_lists[PAGE_MAX_ORDER + 1];
static bool lists_ready;

static void insert_free(uint64_t pfn, unsigned order)
{
	struct page *p = pfn_page(pfn);

	p->free_head = true;
	p->order = (uint8_t)order;
	list_push_front(&free_lists[order], &p->node);
}

static void free_block(uint64_t pfn, unsigned order)
{
	page_free_count += 1ul << order;
	for (; order < PAGE_MAX_ORDER; order++) {
		uint64_t buddy = pfn ^ (1ul << order);
		struct page *b = pfn_page(buddy);

		if (buddy >= page_count || !b->free_head || b->order != order)
			break;
		list_remove(&b->node);
		b->free_head = false;
		pfn &= ~(1ul << order);
	}
	insert_free(pfn, order);
}

struct page *page_alloc(unsigned order)
{
	unsigned have = order;
	struct page *p;

	while (have <= PAGE_MAX_ORDER && list_empty(&free_lists[have]))
		have++;
	if (have > PAGE_MAX_ORDER)
		return NULL;
	p = list_first(&free_lists[have], struct page, node);
	list_remove(&p->node);
	p->free_head = false;
	while (have > order) {
		have--;
		insert_free(page_pfn(p) + (1ul << have), have);
	}
	p->order = (uint8_t)order;
	p->refs = 1;
	page_free_count -= 1ul << order;
	return p;
}

struct page *page_alloc_zero(void)
{
	struct page *p = page_alloc(0);

	if (p)
		memset(page_virt(p), 0, PAGE_SIZE);
	return p;
}

void page_get(struct page *p)
{
	p->refs++;
}

void page_put(struct page *p)
{
	BUG_ON(!p->refs);
	if (--p->refs == 0)
		free_block(page_pfn(p), p->order);
}

void page_free_range(uint64_t first_pfn, uint64_t last_pfn)
{
	if (!lists_ready) {
		for (unsigned i = 0; i <= PAGE_MAX_ORDER; i++)
			list_init(&free_lists[i]);
		lists_ready = true;
	}
	for (uint64_t pfn = first_pfn; pfn < last_pfn; pfn++) {
		list_init(&pfn_page(pfn)->node);
		free_block(pfn, 0);
		page_total_count++;
	}
}
