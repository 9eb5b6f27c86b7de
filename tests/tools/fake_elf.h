/* SPDX-License-Identifier: MIT */
/* fake_elf.h - small PV kernels for tests, right or wrong as asked. */
#ifndef TESTS_TOOLS_FAKE_ELF_H
#define TESTS_TOOLS_FAKE_ELF_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

/* Room for headers, notes and contents; all in one static buffer. */
#define MADE_BYTES 16384

struct made {
	uint8_t bytes[MADE_BYTES];
	size_t size;
	Elf64_Ehdr *header;
	Elf64_Phdr *segments;
	uint8_t *notes;
};

/* An ELF64 kernel without segments and notes. */
void made_begin(struct made *m);

/* Adds a PT_LOAD segment whose file bytes are all `fill`. */
Elf64_Phdr *made_segment(struct made *m, uint64_t physical,
			 uint64_t file_bytes, uint64_t memory_bytes,
			 uint8_t fill);

void made_note(struct made *m, uint32_t type, const void *value,
	       uint32_t size);
void made_note_number(struct made *m, uint32_t type, uint64_t value);
void made_note_string(struct made *m, uint32_t type, const char *value);

/* Adds a section "__xen_guest" that holds the string. */
void made_legacy(struct made *m, const char *string);

/* A kernel at `base` of two pages with an entry at its first byte. */
void made_simple(struct made *m, uint64_t base);

#endif
