/* SPDX-License-Identifier: MIT */
/* elf.c - mapping a statically linked program, position-independent or not.
 *
 * Segments are private mappings of the file: pages are read when touched and
 * shared with other runs of the program until written.
 */
#include "core/elf.h"

#include "core/errno.h"
#include "fs/file.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/user.h"

#define PIE_BASE 0x555555554000ul
#define SEGMENT_MAX 16

struct elf_file {
	struct elf_header header;
	struct elf_segment segment[SEGMENT_MAX];
};

static int read_exactly(struct file *file, void *buf, size_t len, uint64_t at)
{
	return file_read_kernel(file, buf, len, at) == (ssize_t)len ? 0 : -ENOEXEC;
}

static bool segment_ok(const struct elf_segment *s)
{
	return s->filesz <= s->memsz && s->memsz <= USER_TOP && s->vaddr < USER_TOP - s->memsz &&
	       s->vaddr % PAGE_SIZE == s->offset % PAGE_SIZE;
}

static int read_headers(struct file *file, struct elf_file *elf)
{
	struct elf_header *h = &elf->header;

	if (read_exactly(file, h, sizeof(*h), 0) || memcmp(h->ident, "\177ELF\2\1\1", 7) ||
	    (h->type != ET_EXEC && h->type != ET_DYN) || h->machine != EM_X86_64 ||
	    h->entry >= USER_TOP - PIE_BASE || h->phentsize != sizeof(struct elf_segment) || !h->phnum || h->phnum > SEGMENT_MAX ||
	    read_exactly(file, elf->segment, h->phnum * sizeof(struct elf_segment), h->phoff))
		return -ENOEXEC;
	for (unsigned i = 0; i < h->phnum; i++) {
		if (elf->segment[i].type == PT_INTERP)
			return -ENOEXEC;
		if (elf->segment[i].type == PT_LOAD && !segment_ok(&elf->segment[i]))
			return -ENOEXEC;
	}
	return 0;
}

int elf_check(struct file *file)
{
	struct elf_file elf;

	return read_headers(file, &elf);
}

static int map_segment(struct file *file, struct mm *mm, const struct elf_segment *s,
		       uint64_t base)
{
	unsigned flags = (s->flags & PF_R ? VMA_READ : 0) | (s->flags & PF_W ? VMA_WRITE : 0) |
			 (s->flags & PF_X ? VMA_EXEC : 0);
	uint64_t start = base + ALIGN_DOWN(s->vaddr, PAGE_SIZE);
	uint64_t file_end = base + s->vaddr + s->filesz;
	uint64_t file_pages_end = s->filesz ? ALIGN_UP(file_end, PAGE_SIZE) : start;
	uint64_t end = ALIGN_UP(base + s->vaddr + s->memsz, PAGE_SIZE);
	int rc = 0;

	if (s->filesz)
		rc = vma_create(mm, start, file_pages_end, flags, file, s->offset / PAGE_SIZE,
				NULL);
	if (!rc && end > file_pages_end)
		rc = vma_create(mm, file_pages_end, end, flags, NULL, 0, NULL);
	/* What follows the file's bytes in their last page reads as zero. */
	if (!rc && s->memsz > s->filesz && file_pages_end > file_end && (flags & VMA_WRITE))
		rc = clear_user(file_end, file_pages_end - file_end);
	return rc;
}

int elf_load(struct file *file, struct mm *mm, struct elf_program *prog)
{
	struct elf_file elf;
	uint64_t base;
	int rc = read_headers(file, &elf);

	if (rc)
		return rc;
	base = elf.header.type == ET_DYN ? PIE_BASE : 0;
	*prog = (struct elf_program){ .entry = base + elf.header.entry, .phnum = elf.header.phnum };
	for (unsigned i = 0; i < elf.header.phnum; i++) {
		const struct elf_segment *s = &elf.segment[i];

		if (s->type != PT_LOAD || !s->memsz)
			continue;
		rc = map_segment(file, mm, s, base);
		if (rc)
			return rc;
		prog->end = max_u64(prog->end, base + s->vaddr + s->memsz);
		if (elf.header.phoff >= s->offset && elf.header.phoff < s->offset + s->filesz)
			prog->phdr = base + s->vaddr + (elf.header.phoff - s->offset);
	}
	return prog->end ? 0 : -ENOEXEC;
}
