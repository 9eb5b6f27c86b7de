/* SPDX-License-Identifier: MIT */
/* hypercall_buffer.c - /dev/xen/hypercall: memory that a hypercall can use.
 *
 * The hypervisor takes no page fault on our behalf, so these pages are there
 * from the start, writable, never copied on write, and not given to children:
 * a fork in mid-use must not pull a buffer from under its owner.
 */
#include "core/errno.h"
#include "fs/file.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "platform/xen-pv/xen.h"

static int buffer_mmap(struct file *file, struct mm *mm, struct vma *vma)
{
	if (!(vma->flags & VMA_SHARED))
		return -EINVAL;
	vma->flags |= VMA_NOFORK | VMA_FIXED_SIZE;
	for (uint64_t va = vma->start; va < vma->end; va += PAGE_SIZE) {
		struct page *page = page_alloc_zero();

		if (!page)
			return -ENOMEM;
		if (vma_insert_page(mm, vma, va, page)) {
			page_put(page);
			return -ENOMEM;
		}
	}
	return 0;
}

static const struct file_ops buffer_ops = {
	.mmap = buffer_mmap,
};

void hypercall_buffer_init(void)
{
	dev_register("xen/hypercall", 0600, 10, 61, &buffer_ops);
}
