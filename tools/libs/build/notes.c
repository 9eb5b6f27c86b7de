/* SPDX-License-Identifier: MIT */
/* notes.c - collecting a kernel's wishes from its ELF notes.
 *
 * Notes are looked for in the program headers, then in the sections; only
 * when there are none does the legacy section count (notes_legacy.c).
 * Not here: whether the wishes make sense (kernel.c).
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/elfnote.h>

#include "build/kernel.h"
#include "build/notes.h"
#include "build/notes_legacy.h"

/* A number is 4 or 8 bytes; anything else counts as silence. */
static void take_number(uint64_t *field, const uint8_t *value, uint64_t size)
{
	uint32_t narrow;

	if (size == sizeof(*field)) {
		memcpy(field, value, sizeof(*field));
	} else if (size == sizeof(narrow)) {
		memcpy(&narrow, value, sizeof(narrow));
		*field = narrow;
	}
}

static void take_string(char *field, size_t room, const uint8_t *value,
			uint64_t size)
{
	size_t length = strnlen((const char *)value, size);

	if (length >= room)
		length = room - 1;
	memcpy(field, value, length);
	field[length] = '\0';
}

static void take_note(struct notes *n, uint32_t type, const uint8_t *value,
		      uint64_t size)
{
	switch (type) {
	case XEN_ELFNOTE_ENTRY:
		take_number(&n->entry, value, size);
		break;
	case XEN_ELFNOTE_HYPERCALL_PAGE:
		take_number(&n->hypercall_page, value, size);
		break;
	case XEN_ELFNOTE_VIRT_BASE:
		take_number(&n->virt_base, value, size);
		break;
	case XEN_ELFNOTE_PADDR_OFFSET:
		take_number(&n->paddr_offset, value, size);
		break;
	case XEN_ELFNOTE_INIT_P2M:
		take_number(&n->init_p2m, value, size);
		break;
	case XEN_ELFNOTE_MOD_START_PFN:
		take_number(&n->mod_start_pfn, value, size);
		break;
	case XEN_ELFNOTE_PHYS32_ENTRY:
		take_number(&n->phys32_entry, value, size);
		break;
	case XEN_ELFNOTE_FEATURES:
		take_string(n->features, sizeof(n->features), value, size);
		break;
	case XEN_ELFNOTE_GUEST_OS:
		take_string(n->guest_os, sizeof(n->guest_os), value, size);
		break;
	case XEN_ELFNOTE_LOADER:
		take_string(n->loader, sizeof(n->loader), value, size);
		break;
	case XEN_ELFNOTE_XEN_VERSION:
		take_string(n->xen_version, sizeof(n->xen_version), value,
			    size);
		break;
	}
}

static uint64_t align4(uint64_t bytes)
{
	return (bytes + 3) & ~3ULL;
}

/* One note area: a sequence of {header, name, value}, each padded to 4. */
static void read_area(struct notes *n, const uint8_t *area, uint64_t size)
{
	while (size >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr h;
		uint64_t name_bytes, value_bytes;

		memcpy(&h, area, sizeof(h));
		area += sizeof(h);
		size -= sizeof(h);
		name_bytes = align4(h.n_namesz);
		value_bytes = align4(h.n_descsz);
		if (name_bytes > size || h.n_descsz > size - name_bytes)
			return;
		if (h.n_namesz == 4 && !memcmp(area, "Xen", 4)) {
			n->source = NOTES_ELF;
			take_note(n, h.n_type, area + name_bytes, h.n_descsz);
		}
		/* the last note's padding may be missing */
		if (value_bytes > size - name_bytes)
			return;
		area += name_bytes + value_bytes;
		size -= name_bytes + value_bytes;
	}
}

static int read_segments(struct notes *n, const struct elf_file *elf,
			 struct reason *why)
{
	for (unsigned int i = 0; i < elf->header.e_phnum; i++) {
		Elf64_Phdr p = elf_segment(elf, i);
		const uint8_t *area;

		if (p.p_type != PT_NOTE)
			continue;
		area = elf_range(elf, p.p_offset, p.p_filesz);
		if (!area)
			return refuse(why, -ENOEXEC,
				      "%s is truncated: its notes lie beyond its end",
				      elf->name);
		read_area(n, area, p.p_filesz);
	}
	return 0;
}

static void read_sections(struct notes *n, const struct elf_file *elf)
{
	for (unsigned int i = 0; i < elf->header.e_shnum; i++) {
		Elf64_Shdr s = elf_section(elf, i);
		const uint8_t *area;

		if (s.sh_type != SHT_NOTE)
			continue;
		area = elf_range(elf, s.sh_offset, s.sh_size);
		if (area)
			read_area(n, area, s.sh_size);
	}
}

int notes_read(struct notes *n, const struct elf_file *elf,
	       struct reason *why)
{
	int rc;

	memset(n, 0, sizeof(*n));
	n->entry = n->virt_base = n->paddr_offset = KERNEL_UNSET;
	n->hypercall_page = n->init_p2m = n->phys32_entry = KERNEL_UNSET;
	n->mod_start_pfn = 0;

	rc = read_segments(n, elf, why);
	if (rc)
		return rc;
	if (n->source == NOTES_NONE)
		read_sections(n, elf);
	if (n->source == NOTES_NONE)
		notes_read_legacy(n, elf);
	return 0;
}
