/* SPDX-License-Identifier: MIT */
/* elf_file.h - bounded reading of an ELF64 file. For libs/build only.
 *
 * Every accessor checks that what it hands out lies in the file; a caller
 * never computes an address of its own.
 */
#ifndef TOOLS_BUILD_ELF_FILE_H
#define TOOLS_BUILD_ELF_FILE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

struct elf_file {
	const uint8_t *bytes;
	size_t size;
	const char *name;
	Elf64_Ehdr header;
};

/* Checks the header: ELF, 64-bit, little-endian, x86-64, tables in file. */
int elf_open(struct elf_file *elf, const void *bytes, size_t size,
	     const char *name, struct reason *why);

/* NULL unless offset .. offset + length lies in the file. */
const uint8_t *elf_range(const struct elf_file *elf, uint64_t offset,
			 uint64_t length);

/* Copies out one header; `index` must be below the header's count. */
Elf64_Phdr elf_segment(const struct elf_file *elf, unsigned int index);
Elf64_Shdr elf_section(const struct elf_file *elf, unsigned int index);

/* Finds the section of that name; returns its bytes and *length, or NULL. */
const char *elf_section_named(const struct elf_file *elf, const char *name,
			      uint64_t *length);

#endif
