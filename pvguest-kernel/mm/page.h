/* SPDX-License-Identifier: MIT */
/* page.h - physical pages: who holds how many references.
 *
 * Guards: a page is free exactly when its reference count is zero.
 * All memory the kernel uses is mapped at KERNEL_BASE + physical address.
 * Allocation may fail (NULL) and never sleeps.
 */
#ifndef KERNEL_MM_PAGE_H
#define KERNEL_MM_PAGE_H

#include "core/types.h"
#include "lib/list.h"
#include "platform/layout.h"

#define PAGE_MAX_ORDER 10
/* Below this many free pages a program's faults are refused, so that calls in
 * the kernel can still finish. */
#define PAGE_RESERVE 64

struct page {
	struct list node;	/* free list; the owner's, once allocated */
	uint32_t refs;
	uint8_t order;		/* of the block this page heads */
	bool free_head;
};

extern struct page *page_array;	/* indexed by pfn */
extern uint64_t page_count;	/* entries of page_array */
extern uint64_t page_free_count;
extern uint64_t page_total_count;	/* ever handed to the allocator */

static inline void *phys_to_virt(uint64_t pa)
{
	return (void *)(KERNEL_BASE + pa);
}

static inline uint64_t virt_to_phys(const void *va)
{
	return (uint64_t)va - KERNEL_BASE;
}

static inline uint64_t page_pfn(const struct page *p)
{
	return (uint64_t)(p - page_array);
}

static inline struct page *pfn_page(uint64_t pfn)
{
	return &page_array[pfn];
}

static inline void *page_virt(const struct page *p)
{
	return phys_to_virt(page_pfn(p) << PAGE_SHIFT);
}

static inline struct page *virt_page(const void *va)
{
	return pfn_page(virt_to_phys(va) >> PAGE_SHIFT);
}

/* 2^order contiguous pages with one reference, contents undefined. */
struct page *page_alloc(unsigned order) MUST_CHECK;
/* One page of zeroes. */
struct page *page_alloc_zero(void) MUST_CHECK;
void page_get(struct page *p);
void page_put(struct page *p);

/* Boot only: hands pages [first, last) to the allocator. */
void page_free_range(uint64_t first_pfn, uint64_t last_pfn);

#endif
