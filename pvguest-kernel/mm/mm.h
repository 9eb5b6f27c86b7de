/* SPDX-License-Identifier: MIT */
/* mm.h - a process's address space: which ranges exist and what backs them.
 *
 * Guards: a user page-table entry exists only inside a range of the list, and
 * a range says whether its pages are ordinary (copied on write by fork), shared
 * with a file, or foreign (another domain's frames: never copied, never
 * inherited, dropped by munmap and exit).
 * Not here: the form of page-table entries (mm/pagetable.h).
 */
#ifndef KERNEL_MM_MM_H
#define KERNEL_MM_MM_H

#include "core/types.h"
#include "lib/list.h"
#include "platform/platform.h"

#define USER_BASE 0x10000ul
#define USER_TOP 0x00007ffffffff000ul	/* one past the last user byte */

struct file;
struct page;

#define VMA_READ 0x1
#define VMA_WRITE 0x2
#define VMA_EXEC 0x4
#define VMA_SHARED 0x8		/* writes go to the file or to all sharers */
#define VMA_NOFORK 0x10		/* the child does not get it */
#define VMA_FOREIGN 0x20	/* entries name other domains' frames */
#define VMA_STACK 0x40		/* grows down on demand */
#define VMA_FIXED_SIZE 0x80	/* a device's: no mremap, mprotect, faulting in */

struct vma {
	struct list node;		/* mm->vmas, by address */
	uint64_t start, end;
	unsigned flags;
	struct file *file;		/* counted, or NULL */
	uint64_t pgoff;			/* file page at `start` */
};

struct mm {
	unsigned refs;
	struct page_tables tables;
	struct list vmas;
	uint64_t brk_start, brk;
	uint64_t mmap_top;		/* search for free ranges downwards from here */
	uint64_t arg_start, arg_end, env_start, env_end;
	uint64_t resident;		/* pages mapped, for /proc */
	uint64_t total;			/* pages in ranges */
};

struct mm *mm_create(void) MUST_CHECK;
void mm_get(struct mm *mm);
void mm_put(struct mm *mm);	/* the last one must not be current on the CPU */
struct mm *mm_fork(struct mm *mm) MUST_CHECK;	/* NULL: no memory */

/* vma.c: the list of ranges. Addresses are page-aligned. */
struct vma *vma_find(struct mm *mm, uint64_t addr);	/* containing it, or NULL */
bool vma_range_is_free(struct mm *mm, uint64_t start, uint64_t end);
uint64_t vma_find_room(struct mm *mm, uint64_t hint, uint64_t len);	/* 0: none */
/* Takes its own reference on `file`. Nothing may lie in the range. */
int vma_create(struct mm *mm, uint64_t start, uint64_t end, unsigned flags,
	       struct file *file, uint64_t pgoff, struct vma **out) MUST_CHECK;
/* Makes range edges at both addresses, so that whole ranges can be changed. */
int vma_split_at(struct mm *mm, uint64_t start, uint64_t end) MUST_CHECK;
void vma_destroy(struct mm *mm, struct vma *vma);	/* its pages are gone already */

/* map.c: what stands in the page tables of a range. */
int mm_unmap(struct mm *mm, uint64_t start, uint64_t end) MUST_CHECK;
void mm_zap(struct mm *mm, struct vma *vma, uint64_t start, uint64_t end);
void mm_protect(struct mm *mm, struct vma *vma);	/* after its flags changed */
int mm_move(struct mm *mm, struct vma *from, struct vma *to) MUST_CHECK;
int mm_populate(struct mm *mm, struct vma *vma) MUST_CHECK;
void mm_map_page(struct mm *mm, struct vma *vma, uint64_t *slot, struct page *page,
		 bool writable);

/* fault.c: `access` is one of VMA_READ, VMA_WRITE, VMA_EXEC. 0: try again;
 * -EFAULT: not the program's; -EIO: nothing behind the range; -ENOMEM. */
int mm_fault(struct mm *mm, uint64_t addr, unsigned access) MUST_CHECK;

/* Another process's memory (for /proc/PID/cmdline); bytes read, short at holes. */
size_t mm_read(struct mm *mm, uint64_t addr, void *buf, size_t len);

/* For a device file's mmap: puts `page` (its reference passes to the mapping)
 * at `addr` inside `vma`. 0 or -ENOMEM (the reference stays with the caller). */
int vma_insert_page(struct mm *mm, struct vma *vma, uint64_t addr, struct page *page);

#endif
