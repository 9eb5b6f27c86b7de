/* SPDX-License-Identifier: MIT */
/* buffer.c - memory that the hypervisor reads and writes behind our back.
 *
 * Guards: a buffer's pages are there, writable and this process's alone for
 * as long as it exists; a fork neither shares nor copies them, because a page
 * that turns copy-on-write in mid-call makes the hypercall fail with EFAULT.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "ctl/ctl.h"
#include "ctl/handle.h"

static size_t round_to_pages(size_t bytes)
{
	return (bytes + FRAME_SIZE - 1) & ~(FRAME_SIZE - 1);
}

/* For kernels older than /dev/xen/hypercall: locked anonymous memory. */
static void *anonymous(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, bytes, MADV_DONTFORK);
	return p;
}

void *ctl_buffer_alloc(struct ctl *c, size_t bytes)
{
	void *p;

	bytes = round_to_pages(bytes);
	if (c->buffers < 0)
		c->buffers = open("/dev/xen/hypercall", O_RDWR | O_CLOEXEC);
	if (c->buffers < 0)
		return anonymous(bytes);
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, c->buffers,
		 0);
	return p == MAP_FAILED ? NULL : p;
}

void ctl_buffer_free(struct ctl *c, void *buffer, size_t bytes)
{
	(void)c;
	munmap(buffer, round_to_pages(bytes));
}
