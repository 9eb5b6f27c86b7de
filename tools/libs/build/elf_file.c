/* SPDX-License-Identifier: MIT */
/* elf_file.c - bounded reading of an ELF64 file.
 *
 * Guards: no access outside the buffer, with offsets and counts taken from
 * an untrusted file. Headers are copied out, since they may be misaligned.
 */
#include <errno.h>
#include <string.h>

#include "build/elf_file.h"

const uint8_t *elf_range(const struct elf_file *elf, uint64_t offset,
			 uint64_t length)
{
	if (offset > elf->size || length > elf->size - offset)
		return NULL;
	return elf->bytes + offset;
}

static int check_ident(const struct elf_file *elf, struct reason *why)
{
	const Elf64_Ehdr *h = &elf->header;

	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_X86_64)
		return refuse(why, -EOPNOTSUPP,
			      "%s is not a 64-bit x86 kernel: 32-bit PV guests are not supported",
			      elf->name);
	if (h->e_ident[EI_DATA] != ELFDATA2LSB)
		return refuse(why, -ENOEXEC, "%s is a big-endian ELF file",
			      elf->name);
	if (h->e_phentsize != sizeof(Elf64_Phdr))
		return refuse(why, -ENOEXEC,
			      "%s has program headers of %u bytes, not %zu",
			      elf->name, h->e_phentsize, sizeof(Elf64_Phdr));
	if (!elf_range(elf, h->e_phoff,
		       (uint64_t)h->e_phnum * sizeof(Elf64_Phdr)))
		return refuse(why, -ENOEXEC,
			      "%s is truncated: its program headers lie beyond its end",
			      elf->name);
	return 0;
}

int elf_open(struct elf_file *elf, const void *bytes, size_t size,
	     const char *name, struct reason *why)
{
	Elf64_Ehdr *h = &elf->header;
	int rc;

	memset(elf, 0, sizeof(*elf));
	elf->bytes = bytes;
	elf->size = size;
	elf->name = name;
	if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG))
		return refuse(why, -ENOEXEC,
			      "%s is not a kernel: neither a bzImage nor an ELF file, plain or packed with gzip, xz or zstd",
			      name);
	if (size < sizeof(*h))
		return refuse(why, -ENOEXEC, "%s is truncated in its ELF header",
			      name);
	memcpy(h, bytes, sizeof(*h));
	rc = check_ident(elf, why);
	if (rc)
		return rc;
	/* Sections are optional: a damaged table is as good as none. */
	if (h->e_shentsize != sizeof(Elf64_Shdr) ||
	    !elf_range(elf, h->e_shoff,
		       (uint64_t)h->e_shnum * sizeof(Elf64_Shdr)))
		h->e_shnum = 0;
	return 0;
}

Elf64_Phdr elf_segment(const struct elf_file *elf, unsigned int index)
{
	Elf64_Phdr segment;

	memcpy(&segment,
	       elf->bytes + elf->header.e_phoff + index * sizeof(segment),
	       sizeof(segment));
	return segment;
}

Elf64_Shdr elf_section(const struct elf_file *elf, unsigned int index)
{
	Elf64_Shdr section;

	memcpy(&section,
	       elf->bytes + elf->header.e_shoff + index * sizeof(section),
	       sizeof(section));
	return section;
}

const char *elf_section_named(const struct elf_file *elf, const char *name,
			      uint64_t *length)
{
	size_t name_bytes = strlen(name) + 1;
	Elf64_Shdr strings;

	if (elf->header.e_shstrndx >= elf->header.e_shnum)
		return NULL;
	strings = elf_section(elf, elf->header.e_shstrndx);
	if (!elf_range(elf, strings.sh_offset, strings.sh_size))
		return NULL;
	for (unsigned int i = 0; i < elf->header.e_shnum; i++) {
		Elf64_Shdr s = elf_section(elf, i);

		if (s.sh_type == SHT_NOBITS || s.sh_name > strings.sh_size ||
		    name_bytes > strings.sh_size - s.sh_name ||
		    memcmp(elf->bytes + strings.sh_offset + s.sh_name, name,
			   name_bytes))
			continue;
		*length = s.sh_size;
		return (const char *)elf_range(elf, s.sh_offset, s.sh_size);
	}
	return NULL;
}
