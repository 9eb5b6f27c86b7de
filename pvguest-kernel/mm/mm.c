/* SPDX-License-Identifier: MIT */
/* mm.c - address spaces: making, sharing and ending them.
 *
 * Guards: tables and pages outlive the last process that uses them, and no
 * longer; foreign frames are let go of first.
 * Not here: what lies in an address space (vma.c), how pages come (fault.c).
 */
#include "mm/mm.h"

#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/pagetable.h"

#define MMAP_TOP 0x00007f0000000000ul

struct mm *mm_create(void)
{
	struct mm *mm = kzalloc(sizeof(*mm));

	if (!mm)
		return NULL;
	if (platform_root_create(&mm->tables)) {
		kfree(mm);
		return NULL;
	}
	mm->refs = 1;
	mm->mmap_top = MMAP_TOP;
	list_init(&mm->vmas);
	return mm;
}

void mm_get(struct mm *mm)
{
	mm->refs++;
}

/* Foreign entries go first and one by one: another domain's frames must be
 * free of us before anybody learns that this process is gone. */
void mm_put(struct mm *mm)
{
	struct vma *v, *tmp;

	if (--mm->refs)
		return;
	list_for_each(v, &mm->vmas, node)
		if (v->flags & VMA_FOREIGN)
			mm_zap(mm, v, v->start, v->end);
	platform_root_retire(&mm->tables);
	pt_destroy(&mm->tables);
	list_for_each_safe(v, tmp, &mm->vmas, node)
		vma_destroy(mm, v);
	kfree(mm);
}

size_t mm_read(struct mm *mm, uint64_t addr, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		const struct vma *v = vma_find(mm, addr + done);
		uint64_t offset = (addr + done) % PAGE_SIZE;
		size_t n = min_u64(len - done, PAGE_SIZE - offset);
		const uint64_t *slot;

		if (!v || (v->flags & VMA_FOREIGN))
			break;
		slot = pt_slot(&mm->tables, addr + done, false);
		if (!slot || !(*slot & PTE_MAPPED))
			break;
		memcpy((char *)buf + done,
		       (char *)phys_to_virt(platform_pte_read(slot) & PTE_FRAME) + offset, n);
		done += n;
	}
	return done;
}
