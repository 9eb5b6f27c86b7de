/* SPDX-License-Identifier: MIT */
/* vma.c - the ordered list of an address space's ranges.
 *
 * Invariant: ranges are page-aligned, do not overlap, and lie between
 * USER_BASE and USER_TOP. mm->total counts their pages.
 */
#include "core/errno.h"
#include "fs/file.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"

struct vma *vma_find(struct mm *mm, uint64_t addr)
{
	struct vma *v;

	list_for_each(v, &mm->vmas, node)
		if (addr < v->end)
			return addr >= v->start ? v : NULL;
	return NULL;
}

bool vma_range_is_free(struct mm *mm, uint64_t start, uint64_t end)
{
	struct vma *v;

	if (start < USER_BASE || end > USER_TOP || end <= start)
		return false;
	list_for_each(v, &mm->vmas, node)
		if (v->start < end && start < v->end)
			return false;
	return true;
}

uint64_t vma_find_room(struct mm *mm, uint64_t hint, uint64_t len)
{
	uint64_t top = mm->mmap_top;

	hint = ALIGN_DOWN(hint, PAGE_SIZE);
	if (hint && hint + len > hint && vma_range_is_free(mm, hint, hint + len))
		return hint;
	for (struct list *at = mm->vmas.prev; at != &mm->vmas; at = at->prev) {
		struct vma *v = list_entry(at, struct vma, node);

		if (v->start >= mm->mmap_top)
			continue;
		if (v->end <= top && top - v->end >= len)
			return top - len;
		top = v->start;
	}
	return top >= USER_BASE + len ? top - len : 0;
}

/* Anonymous memory that continues its neighbour needs no range of its own. */
static bool grow_previous(struct vma *prev, uint64_t start, uint64_t end, unsigned flags,
			  struct file *file)
{
	if (file || prev->file || prev->end != start || prev->flags != flags ||
	    (flags & (VMA_SHARED | VMA_NOFORK | VMA_FIXED_SIZE)))
		return false;
	prev->end = end;
	return true;
}

int vma_create(struct mm *mm, uint64_t start, uint64_t end, unsigned flags,
	       struct file *file, uint64_t pgoff, struct vma **out)
{
	struct list *next;
	struct vma *v;

	if (!vma_range_is_free(mm, start, end))
		return -ENOMEM;
	for (next = mm->vmas.next; next != &mm->vmas; next = next->next)
		if (list_entry(next, struct vma, node)->start >= end)
			break;
	if (next->prev != &mm->vmas) {
		v = list_entry(next->prev, struct vma, node);
		if (grow_previous(v, start, end, flags, file))
			goto out;
	}
	v = kmalloc(sizeof(*v));
	if (!v)
		return -ENOMEM;
	*v = (struct vma){
		.start = start, .end = end, .flags = flags, .pgoff = pgoff,
		.file = file ? file_get(file) : NULL,
	};
	list_insert_before(next, &v->node);
out:
	mm->total += (end - start) / PAGE_SIZE;
	if (out)
		*out = v;
	return 0;
}

static int split(struct mm *mm, uint64_t addr)
{
	struct vma *low = vma_find(mm, addr), *high;

	if (!low || low->start == addr)
		return 0;
	high = kmalloc(sizeof(*high));
	if (!high)
		return -ENOMEM;
	*high = *low;
	if (high->file)
		file_get(high->file);
	high->start = addr;
	high->pgoff += (addr - low->start) / PAGE_SIZE;
	low->end = addr;
	list_insert_before(low->node.next, &high->node);
	return 0;
}

int vma_split_at(struct mm *mm, uint64_t start, uint64_t end)
{
	int rc = split(mm, start);

	return rc ? rc : split(mm, end);
}

void vma_destroy(struct mm *mm, struct vma *vma)
{
	mm->total -= (vma->end - vma->start) / PAGE_SIZE;
	list_remove(&vma->node);
	if (vma->file)
		file_put(vma->file);
	kfree(vma);
}
