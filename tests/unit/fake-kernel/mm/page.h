/* SPDX-License-Identifier: MIT */
/* page.h - physical pages for tests: a pool in ordinary memory.
 *
 * Shadows pvguest-kernel/mm/page.h, whose addresses exist only in the kernel.
 */
#ifndef FAKE_MM_PAGE_H
#define FAKE_MM_PAGE_H

#include "core/types.h"

#define POOL_PAGES 2048ul

struct page {
	uint32_t refs;
	unsigned order;
};

extern struct page page_array[POOL_PAGES];
extern char page_pool[POOL_PAGES][PAGE_SIZE];
extern uint64_t page_free_count;
extern uint64_t page_total_count;

static inline void *page_virt(const struct page *p)
{
	return page_pool[p - page_array];
}

static inline struct page *virt_page(const void *va)
{
	return &page_array[((const char *)va - page_pool[0]) / PAGE_SIZE];
}

struct page *page_alloc(unsigned order) MUST_CHECK;
struct page *page_alloc_zero(void) MUST_CHECK;
void page_get(struct page *p);
void page_put(struct page *p);

#endif
