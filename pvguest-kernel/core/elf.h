/* SPDX-License-Identifier: MIT */
/* elf.h - the parts of an ELF64 file that running it needs. */
#ifndef KERNEL_CORE_ELF_H
#define KERNEL_CORE_ELF_H

#include "core/types.h"

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

_Static_assert(sizeof(struct elf_header) == 64, "ELF64");
_Static_assert(sizeof(struct elf_segment) == 56, "ELF64");

#define ET_EXEC 2
#define ET_DYN 3
#define EM_X86_64 62
#define PT_LOAD 1
#define PT_INTERP 3
#define PF_X 1
#define PF_W 2
#define PF_R 4

struct file;
struct mm;

struct elf_program {
	uint64_t entry;		/* where it starts, moved by its base */
	uint64_t phdr;		/* where its program headers are in memory */
	uint64_t end;		/* of its highest segment */
	unsigned phnum;
};

/* elf.c: checks only; -ENOEXEC when this is not a program for us. */
int elf_check(struct file *file) MUST_CHECK;
/* Maps the segments into mm, which is current and empty. */
int elf_load(struct file *file, struct mm *mm, struct elf_program *prog) MUST_CHECK;

#endif
