/* SPDX-License-Identifier: MIT */
/* fake_elf.c - small PV kernels for tests, right or wrong as asked.
 *
 * The file: header, 20 program headers (the first is PT_NOTE), 2 KiB for
 * notes, then the contents of segments and sections in order.
 */
#include <stdint.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/elfnote.h>

#include "fake_elf.h"

#define SEGMENTS_MAX 20
#define NOTES_BYTES  2048

void made_begin(struct made *m)
{
	static const uint8_t ident[] = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
					 ELFDATA2LSB, EV_CURRENT };

	memset(m, 0, sizeof(*m));
	m->header = (Elf64_Ehdr *)m->bytes;
	m->segments = (Elf64_Phdr *)(m->bytes + sizeof(*m->header));
	m->notes = (uint8_t *)(m->segments + SEGMENTS_MAX);
	m->size = (size_t)(m->notes - m->bytes) + NOTES_BYTES;
	memcpy(m->header->e_ident, ident, sizeof(ident));
	m->header->e_type = ET_EXEC;
	m->header->e_machine = EM_X86_64;
	m->header->e_phoff = sizeof(*m->header);
	m->header->e_phentsize = sizeof(*m->segments);
	m->header->e_shentsize = sizeof(Elf64_Shdr);
	m->header->e_phnum = 1;
	m->segments[0].p_type = PT_NOTE;
	m->segments[0].p_offset = (size_t)(m->notes - m->bytes);
}

Elf64_Phdr *made_segment(struct made *m, uint64_t physical,
			 uint64_t file_bytes, uint64_t memory_bytes,
			 uint8_t fill)
{
	Elf64_Phdr *p = &m->segments[m->header->e_phnum++];

	p->p_type = PT_LOAD;
	p->p_paddr = physical;
	p->p_filesz = file_bytes;
	p->p_memsz = memory_bytes;
	p->p_offset = m->size;
	memset(m->bytes + m->size, fill, file_bytes);
	m->size += file_bytes;
	return p;
}

void made_note(struct made *m, uint32_t type, const void *value,
	       uint32_t size)
{
	Elf64_Nhdr h = { .n_namesz = 4, .n_descsz = size, .n_type = type };
	uint8_t *at = m->notes + m->segments[0].p_filesz;

	memcpy(at, &h, sizeof(h));
	memcpy(at + sizeof(h), "Xen", 4);
	memcpy(at + sizeof(h) + 4, value, size);
	m->segments[0].p_filesz += sizeof(h) + 4 + ((size + 3) & ~3U);
}

void made_note_number(struct made *m, uint32_t type, uint64_t value)
{
	made_note(m, type, &value, sizeof(value));
}

void made_note_string(struct made *m, uint32_t type, const char *value)
{
	made_note(m, type, value, (uint32_t)strlen(value) + 1);
}

void made_legacy(struct made *m, const char *string)
{
	static const char names[] = "\0__xen_guest";
	Elf64_Shdr sections[3] = { 0 };

	sections[1].sh_type = SHT_STRTAB;
	sections[1].sh_offset = m->size;
	sections[1].sh_size = sizeof(names);
	memcpy(m->bytes + m->size, names, sizeof(names));
	m->size += sizeof(names);
	sections[2].sh_type = SHT_PROGBITS;
	sections[2].sh_name = 1;
	sections[2].sh_offset = m->size;
	sections[2].sh_size = strlen(string) + 1;
	memcpy(m->bytes + m->size, string, strlen(string) + 1);
	m->size += strlen(string) + 1;
	m->header->e_shoff = m->size;
	m->header->e_shnum = 3;
	m->header->e_shstrndx = 1;
	memcpy(m->bytes + m->size, sections, sizeof(sections));
	m->size += sizeof(sections);
}

void made_simple(struct made *m, uint64_t base)
{
	made_begin(m);
	made_segment(m, 0, 4096, 8192, 0xab);
	made_note_number(m, XEN_ELFNOTE_VIRT_BASE, base);
	made_note_number(m, XEN_ELFNOTE_ENTRY, base);
	made_note_string(m, XEN_ELFNOTE_GUEST_OS, "test");
}
