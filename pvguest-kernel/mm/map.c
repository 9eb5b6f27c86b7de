/* SPDX-License-Identifier: MIT */
/* map.c - what stands in the page tables for a range.
 *
 * Guards: a page loses the mapping's reference only after its entry is gone
 * and the TLB was flushed. Entries of foreign ranges hold no reference.
 */
#include "core/errno.h"
#include "fs/file.h"
#include "core/printk.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagetable.h"

#define GATHER_LEN 128

/* Pages whose entries are being removed. */
struct gather {
	struct page *page[GATHER_LEN];
	unsigned count;
	bool changed;
};

static void gather_flush(struct gather *g)
{
	if (!g->changed)
		return;
	platform_pte_commit(true);
	g->changed = false;
	while (g->count)
		page_put(g->page[--g->count]);
}

static struct page *entry_page(const uint64_t *slot)
{
	return pfn_page((platform_pte_read(slot) & PTE_FRAME) >> PAGE_SHIFT);
}

static uint64_t entry_value(const struct vma *vma, const struct page *page, bool writable)
{
	uint64_t value = page_pfn(page) << PAGE_SHIFT;

	if (!(vma->flags & (VMA_READ | VMA_WRITE | VMA_EXEC)))
		return value | PTE_HIDDEN;
	value |= PTE_PRESENT | PTE_USER | PTE_ACCESSED;
	if (writable && (vma->flags & VMA_WRITE))
		value |= PTE_WRITE | PTE_DIRTY;
	if (!(vma->flags & VMA_EXEC))
		value |= pte_nx;
	return value;
}

void mm_map_page(struct mm *mm, struct vma *vma, uint64_t *slot, struct page *page,
		 bool writable)
{
	if (!(*slot & PTE_MAPPED))
		mm->resident++;
	platform_pte_write(slot, entry_value(vma, page, writable));
}

int vma_insert_page(struct mm *mm, struct vma *vma, uint64_t addr, struct page *page)
{
	uint64_t *slot = pt_slot(&mm->tables, addr, true);

	if (!slot)
		return -ENOMEM;
	mm_map_page(mm, vma, slot, page, true);
	platform_pte_commit(false);
	return 0;
}

void mm_zap(struct mm *mm, struct vma *vma, uint64_t start, uint64_t end)
{
	struct gather g = { .count = 0 };
	uint64_t *slot;

	if (vma->file && vma->file->ops->zap)
		vma->file->ops->zap(mm, vma, start, end);
	for (uint64_t va = start; (slot = pt_next(&mm->tables, &va, end)); va += PAGE_SIZE) {
		if (!(vma->flags & VMA_FOREIGN)) {
			if (g.count == GATHER_LEN)
				gather_flush(&g);
			g.page[g.count++] = entry_page(slot);
			mm->resident--;
		}
		platform_pte_write(slot, 0);
		g.changed = true;
	}
	gather_flush(&g);
}

int mm_unmap(struct mm *mm, uint64_t start, uint64_t end)
{
	struct vma *v, *tmp;
	int rc = vma_split_at(mm, start, end);

	if (rc)
		return rc;
	list_for_each_safe(v, tmp, &mm->vmas, node) {
		if (v->start < start || v->end > end)
			continue;
		mm_zap(mm, v, v->start, v->end);
		vma_destroy(mm, v);
	}
	return 0;
}

/* Private pages become writable by a write fault only, which copies them when
 * they are shared after a fork. */
void mm_protect(struct mm *mm, struct vma *vma)
{
	uint64_t *slot;

	for (uint64_t va = vma->start; (slot = pt_next(&mm->tables, &va, vma->end));
	     va += PAGE_SIZE) {
		bool writable = (vma->flags & VMA_SHARED) || (*slot & PTE_WRITE);

		platform_pte_write(slot, entry_value(vma, entry_page(slot), writable));
	}
	platform_pte_commit(true);
}

int mm_move(struct mm *mm, struct vma *from, struct vma *to)
{
	uint64_t shift = to->start - from->start, *slot;

	for (uint64_t va = from->start; pt_next(&mm->tables, &va, from->end); va += PAGE_SIZE)
		if (!pt_slot(&mm->tables, va + shift, true))
			return -ENOMEM;
	for (uint64_t va = from->start; (slot = pt_next(&mm->tables, &va, from->end));
	     va += PAGE_SIZE) {
		uint64_t entry = platform_pte_read(slot);

		platform_pte_write(slot, 0);
		platform_pte_write(pt_slot(&mm->tables, va + shift, false), entry);
	}
	platform_pte_commit(true);
	return 0;
}

int mm_populate(struct mm *mm, struct vma *vma)
{
	unsigned access = vma->flags & VMA_WRITE ? VMA_WRITE : VMA_READ;

	for (uint64_t va = vma->start; va < vma->end; va += PAGE_SIZE) {
		uint64_t *slot = pt_slot(&mm->tables, va, false);
		int rc = slot && (*slot & PTE_MAPPED) ? 0 : mm_fault(mm, va, access);

		if (rc)
			return rc;
	}
	return 0;
}

static int fork_range(struct mm *mm, struct mm *child, struct vma *vma, struct vma *copy)
{
	uint64_t *slot, *target;

	for (uint64_t va = vma->start; (slot = pt_next(&mm->tables, &va, vma->end));
	     va += PAGE_SIZE) {
		struct page *page = entry_page(slot);
		bool shared = vma->flags & VMA_SHARED;

		target = pt_slot(&child->tables, va, true);
		if (!target)
			return -ENOMEM;
		page_get(page);
		mm_map_page(child, copy, target, page, shared);
		if (!shared && (*slot & PTE_WRITE))
			platform_pte_write(slot, entry_value(vma, page, false));
	}
	return 0;
}

struct mm *mm_fork(struct mm *mm)
{
	struct mm *child = mm_create();
	struct vma *v, *copy;
	int rc = 0;

	if (!child)
		return NULL;
	child->brk_start = mm->brk_start;
	child->brk = mm->brk;
	child->mmap_top = mm->mmap_top;
	child->arg_start = mm->arg_start;
	child->arg_end = mm->arg_end;
	child->env_start = mm->env_start;
	child->env_end = mm->env_end;
	list_for_each(v, &mm->vmas, node) {
		if (v->flags & VMA_NOFORK)
			continue;
		rc = vma_create(child, v->start, v->end, v->flags, v->file, v->pgoff, &copy);
		if (!rc)
			rc = fork_range(mm, child, v, copy);
		if (rc)
			break;
	}
	platform_pte_commit(true);
	if (rc) {
		mm_put(child);
		return NULL;
	}
	return child;
}
