/* SPDX-License-Identifier: MIT */
/* mmap.c - the system calls about memory.
 *
 * Guards: every range is checked to be the user's and page-aligned before
 * anything changes; a shared writable mapping needs a file opened for both.
 * Not here: the areas themselves (vma.c), the pages in them (fault.c).
 */
#include "core/errno.h"
#include "core/process.h"
#include "core/syscall.h"
#include "fs/file.h"
#include "mm/mm.h"

#define MAP_SHARED 0x01
#define MAP_PRIVATE 0x02
#define MAP_TYPE 0x0f
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_GROWSDOWN 0x100
#define MAP_POPULATE 0x8000
#define MAP_FIXED_NOREPLACE 0x100000

#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED 2

#define MADV_DONTNEED 4

#define PROT_MASK 7	/* the VMA_* bits have PROT_*'s values */

static bool page_range_ok(uint64_t addr, uint64_t len)
{
	return addr % PAGE_SIZE == 0 && addr < USER_TOP && len && len <= USER_TOP - addr;
}

static int choose_address(struct mm *mm, uint64_t *addr, uint64_t len, uint64_t map_flags)
{
	if (!(map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
		*addr = vma_find_room(mm, *addr, len);
		return *addr ? 0 : -ENOMEM;
	}
	if (!page_range_ok(*addr, len))
		return -EINVAL;
	if (*addr < USER_BASE)
		return -EPERM;
	if (map_flags & MAP_FIXED)
		return mm_unmap(mm, *addr, *addr + len);
	return vma_range_is_free(mm, *addr, *addr + len) ? 0 : -EEXIST;
}

static int check_file(const struct file *file, uint64_t prot, unsigned vma_flags)
{
	unsigned mode = file->flags & O_ACCMODE;

	if (mode == O_WRONLY)
		return -EACCES;
	if ((vma_flags & VMA_SHARED) && (prot & VMA_WRITE) && mode != O_RDWR)
		return -EACCES;
	if (!file->ops->mmap && !file->ops->get_page)
		return -ENODEV;
	return 0;
}

static long do_mmap(uint64_t addr, uint64_t len, uint64_t prot, uint64_t map_flags,
		    struct file *file, uint64_t offset)
{
	struct mm *mm = current->process->mm;
	unsigned flags = (unsigned)prot & PROT_MASK;
	struct vma *vma;
	int rc;

	if (!len || offset % PAGE_SIZE)
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (!len || len > USER_TOP)
		return -ENOMEM;
	if ((map_flags & MAP_TYPE) == MAP_SHARED)
		flags |= VMA_SHARED;
	else if ((map_flags & MAP_TYPE) != MAP_PRIVATE)
		return -EINVAL;
	rc = file ? check_file(file, prot, flags) : 0;
	if (!rc)
		rc = choose_address(mm, &addr, len, map_flags);
	if (!rc)
		rc = vma_create(mm, addr, addr + len, flags, file, offset / PAGE_SIZE, &vma);
	if (rc)
		return rc;
	if (file && file->ops->mmap)
		rc = file->ops->mmap(file, mm, vma);
	else if ((map_flags & MAP_POPULATE) || (!file && (flags & VMA_SHARED)))
		rc = mm_populate(mm, vma_find(mm, addr));
	/* A populate that found the end of a file is not the caller's problem. */
	if (rc && !(file && !file->ops->mmap)) {
		if (mm_unmap(mm, addr, addr + len))
			return -ENOMEM;
		return rc;
	}
	return (long)addr;
}

long sys_mmap(uint64_t addr, uint64_t len, uint64_t prot, uint64_t map_flags, uint64_t fd,
	      uint64_t offset)
{
	struct file *file = NULL;
	long rc;

	if (!(map_flags & MAP_ANONYMOUS)) {
		file = file_from_fd((int)fd);
		if (!file)
			return -EBADF;
	}
	rc = do_mmap(addr, len, prot, map_flags, file, file ? offset : 0);
	if (file)
		file_put(file);
	return rc;
}

long sys_munmap(uint64_t addr, uint64_t len)
{
	len = ALIGN_UP(len, PAGE_SIZE);
	if (!page_range_ok(addr, len))
		return -EINVAL;
	return mm_unmap(current->process->mm, addr, addr + len);
}

/* Every page of the range must be in some range of the list. */
static bool range_is_mapped(struct mm *mm, uint64_t start, uint64_t end)
{
	while (start < end) {
		const struct vma *v = vma_find(mm, start);

		if (!v)
			return false;
		start = v->end;
	}
	return true;
}

long sys_mprotect(uint64_t addr, uint64_t len, uint64_t prot)
{
	struct mm *mm = current->process->mm;
	uint64_t end;
	struct vma *v;
	int rc;

	len = ALIGN_UP(len, PAGE_SIZE);
	if (!len)
		return addr % PAGE_SIZE ? -EINVAL : 0;
	if (!page_range_ok(addr, len))
		return -EINVAL;
	end = addr + len;
	if (!range_is_mapped(mm, addr, end))
		return -ENOMEM;
	rc = vma_split_at(mm, addr, end);
	if (rc)
		return rc;
	list_for_each(v, &mm->vmas, node) {
		if (v->start < addr || v->end > end)
			continue;
		if (v->flags & VMA_FIXED_SIZE)
			return -EACCES;
		if ((v->flags & VMA_SHARED) && v->file && (prot & VMA_WRITE) &&
		    (v->file->flags & O_ACCMODE) != O_RDWR)
			return -EACCES;
		v->flags = (v->flags & ~PROT_MASK) | ((unsigned)prot & PROT_MASK);
		mm_protect(mm, v);
	}
	return 0;
}

long sys_brk(uint64_t addr)
{
	struct mm *mm = current->process->mm;
	uint64_t old_end = ALIGN_UP(mm->brk, PAGE_SIZE), new_end = ALIGN_UP(addr, PAGE_SIZE);

	if (addr < mm->brk_start || addr > USER_TOP)
		return (long)mm->brk;
	if (new_end > old_end &&
	    vma_create(mm, old_end, new_end, VMA_READ | VMA_WRITE, NULL, 0, NULL))
		return (long)mm->brk;
	if (new_end < old_end && mm_unmap(mm, new_end, old_end))
		return (long)mm->brk;
	mm->brk = addr;
	return (long)addr;
}

static long move_range(struct mm *mm, struct vma *from, uint64_t new_addr, uint64_t new_len,
		       bool fixed)
{
	uint64_t start = from->start, end = from->end;
	int rc;

	if (fixed) {
		rc = mm_unmap(mm, new_addr, new_addr + new_len);
		if (rc)
			return rc;
	} else {
		new_addr = vma_find_room(mm, 0, new_len);
		if (!new_addr)
			return -ENOMEM;
	}
	rc = vma_create(mm, new_addr, new_addr + new_len, from->flags, from->file, from->pgoff,
			NULL);
	if (rc)
		return rc;
	/* vma_create may have joined `to` with a neighbour, and that may be
	 * `from`: name both by address. */
	rc = mm_move(mm, &(struct vma){ .start = start, .end = end },
		     &(struct vma){ .start = new_addr });
	if (rc) {
		if (mm_unmap(mm, new_addr, new_addr + new_len))
			return -ENOMEM;
		return rc;
	}
	rc = mm_unmap(mm, start, end);
	return rc ? rc : (long)new_addr;
}

long sys_mremap(uint64_t addr, uint64_t old_len, uint64_t new_len, uint64_t flags,
		uint64_t new_addr)
{
	struct mm *mm = current->process->mm;
	struct vma *v;
	int rc;

	old_len = ALIGN_UP(old_len, PAGE_SIZE);
	new_len = ALIGN_UP(new_len, PAGE_SIZE);
	if (!page_range_ok(addr, old_len) || !new_len || new_len > USER_TOP ||
	    (flags & ~(uint64_t)(MREMAP_MAYMOVE | MREMAP_FIXED)))
		return -EINVAL;
	if ((flags & MREMAP_FIXED) &&
	    (!(flags & MREMAP_MAYMOVE) || !page_range_ok(new_addr, new_len) ||
	     new_addr < USER_BASE || (new_addr < addr + old_len && addr < new_addr + new_len)))
		return -EINVAL;
	v = vma_find(mm, addr);
	if (!v || v->end < addr + old_len)
		return -EFAULT;
	if (v->flags & VMA_FIXED_SIZE)
		return -EINVAL;
	if (new_len < old_len) {
		rc = mm_unmap(mm, addr + new_len, addr + old_len);
		if (rc)
			return rc;
		old_len = new_len;
	}
	if (!(flags & MREMAP_FIXED)) {
		if (new_len == old_len)
			return (long)addr;
		v = vma_find(mm, addr);
		if (v->end == addr + old_len &&
		    !vma_create(mm, v->end, addr + new_len, v->flags, v->file,
				v->pgoff + (v->end - v->start) / PAGE_SIZE, NULL))
			return (long)addr;
		if (!(flags & MREMAP_MAYMOVE))
			return -ENOMEM;
	}
	rc = vma_split_at(mm, addr, addr + old_len);
	if (rc)
		return rc;
	return move_range(mm, vma_find(mm, addr), new_addr, new_len, flags & MREMAP_FIXED);
}

long sys_madvise(uint64_t addr, uint64_t len, uint64_t advice)
{
	struct mm *mm = current->process->mm;
	uint64_t end;
	struct vma *v;

	len = ALIGN_UP(len, PAGE_SIZE);
	if (addr % PAGE_SIZE || addr >= USER_TOP || len > USER_TOP - addr)
		return -EINVAL;
	if (advice != MADV_DONTNEED)
		return 0;
	end = addr + len;
	list_for_each(v, &mm->vmas, node)
		if (v->start < end && addr < v->end &&
		    !(v->flags & (VMA_SHARED | VMA_FIXED_SIZE)))
			mm_zap(mm, v, max_u64(v->start, addr), min_u64(v->end, end));
	return 0;
}

/* There is no swap and no disk: memory is always locked and in step. */
long sys_memory_is_resident(uint64_t addr, uint64_t len)
{
	return 0;
}
