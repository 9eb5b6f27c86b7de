/* SPDX-License-Identifier: MIT */
/* fault.c - giving a range its pages when they are first touched.
 *
 * Guards: a private page that somebody else also refers to is never writable.
 */
#include "core/errno.h"
#include "fs/file.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"

#define NEIGHBOURS 8u
#define PLENTY 1024u		/* free pages below which nothing comes unasked */
#define STACK_MAX (8ul << 20)

/* A range that grows down takes in an address not too far below it. */
static struct vma *grow_stack(struct mm *mm, uint64_t addr)
{
	struct vma *v, *below;
	uint64_t start = ALIGN_DOWN(addr, PAGE_SIZE);

	list_for_each(v, &mm->vmas, node)
		if (v->start > addr)
			break;
	if (&v->node == &mm->vmas || !(v->flags & VMA_STACK) || v->end - start > STACK_MAX)
		return NULL;
	if (v->node.prev != &mm->vmas) {
		below = list_entry(v->node.prev, struct vma, node);
		if (below->end + PAGE_SIZE > start)
			return NULL;
	}
	mm->total += (v->start - start) / PAGE_SIZE;
	v->start = start;
	return v;
}

static struct page *copy_page(const struct page *from)
{
	struct page *page = page_alloc(0);

	if (page)
		memcpy(page_virt(page), page_virt(from), PAGE_SIZE);
	return page;
}

/* The page that a first touch finds at `addr`: a fresh one, or the file's. */
static int find_page(const struct vma *vma, uint64_t addr, struct page **page)
{
	int rc;

	if (!vma->file) {
		*page = page_alloc_zero();
		return *page ? 0 : -ENOMEM;
	}
	rc = vma->file->ops->get_page(vma->file, vma->pgoff + (addr - vma->start) / PAGE_SIZE, page);
	return rc && rc != -ENOMEM ? -EIO : rc;
}

static bool maps_writable(const struct vma *vma)
{
	return !vma->file || (vma->flags & VMA_SHARED);
}

/* Entering the kernel costs far more than a page: neighbours come along, as
 * long as there is plenty and they need no table of their own. */
static void touch_neighbours(struct mm *mm, struct vma *vma, uint64_t addr, uint64_t *slot)
{
	uint64_t first = ALIGN_DOWN(addr, NEIGHBOURS * PAGE_SIZE);
	uint64_t end = min_u64(vma->end, first + NEIGHBOURS * PAGE_SIZE);

	for (uint64_t va = max_u64(vma->start, first); va < end; va += PAGE_SIZE) {
		uint64_t *neighbour = slot + (int64_t)(va - addr) / (int64_t)PAGE_SIZE;
		struct page *page;

		if (va == addr || (*neighbour & PTE_MAPPED))
			continue;
		if (page_free_count < PLENTY || find_page(vma, va, &page))
			return;
		mm_map_page(mm, vma, neighbour, page, maps_writable(vma));
	}
}

static int first_touch(struct mm *mm, struct vma *vma, uint64_t addr, uint64_t *slot,
		       unsigned access)
{
	struct page *page, *copy;
	int rc = find_page(vma, addr, &page);

	if (rc)
		return rc;
	if (maps_writable(vma) || access != VMA_WRITE) {
		mm_map_page(mm, vma, slot, page, maps_writable(vma));
	} else {
		copy = copy_page(page);
		page_put(page);
		if (!copy)
			return -ENOMEM;
		mm_map_page(mm, vma, slot, copy, true);
	}
	touch_neighbours(mm, vma, addr, slot);
	return 0;
}

static int copy_on_write(struct mm *mm, struct vma *vma, uint64_t addr, uint64_t *slot)
{
	struct page *page = pfn_page((platform_pte_read(slot) & PTE_FRAME) >> PAGE_SHIFT);
	struct page *copy;

	if (page->refs == 1) {
		mm_map_page(mm, vma, slot, page, true);
		platform_pte_commit(false);
		platform_flush_page(addr);
		return 0;
	}
	copy = copy_page(page);
	if (!copy)
		return -ENOMEM;
	mm_map_page(mm, vma, slot, copy, true);
	platform_pte_commit(false);
	platform_flush_page(addr);
	page_put(page);
	return 0;
}

int mm_fault(struct mm *mm, uint64_t addr, unsigned access)
{
	struct vma *vma = vma_find(mm, addr);
	uint64_t *slot;
	int rc = 0;

	if (!vma)
		vma = grow_stack(mm, addr);
	if (!vma || !(vma->flags & access))
		return -EFAULT;
	if (vma->flags & VMA_FIXED_SIZE)
		return -EIO;
	slot = pt_slot(&mm->tables, addr, true);
	if (!slot)
		return -ENOMEM;
	if (!(*slot & PTE_MAPPED))
		rc = first_touch(mm, vma, ALIGN_DOWN(addr, PAGE_SIZE), slot, access);
	else if (access == VMA_WRITE && !(*slot & PTE_WRITE))
		rc = copy_on_write(mm, vma, addr, slot);
	/* An entry that was not present is in no TLB. */
	platform_pte_commit(false);
	return rc;
}
