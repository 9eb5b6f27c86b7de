/* SPDX-License-Identifier: MIT */
/* symbols.c - finding the function an address belongs to.
 *
 * Guards: the file is a guest's: every offset in it is checked (elf_file.h), and
 * a name is at most NAME_BYTES of text, which may be shown on a terminal.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build/elf_file.h"
#include "debug/symbols.h"

#define NAME_BYTES 512

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* the last of several is the one found: a function, not a bare label */
	return x->function - y->function;
}

static void find_code(struct symbols *s, const struct elf_file *elf)
{
	for (unsigned int i = 0; i < elf->header.e_phnum; i++) {
		Elf64_Phdr p = elf_segment(elf, i);

		if (p.p_type == PT_LOAD && (p.p_flags & PF_X) &&
		    s->code_count < CODE_RANGES)
			s->code[s->code_count++] = (struct code_range){
				p.p_vaddr, p.p_vaddr + p.p_filesz
			};
	}
}

static bool is_function(const struct symbols *s, const Elf64_Sym *symbol)
{
	unsigned char type = ELF64_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_NOTYPE) &&
	       symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
	       symbols_is_code(s, symbol->st_value);
}

/* The table of names ends in a zero. */
static bool is_text(const char *name)
{
	size_t length = strnlen(name, NAME_BYTES + 1), i = 0;

	while (i < length && isgraph((unsigned char)name[i]))
		i++;
	return length && length <= NAME_BYTES && i == length;
}

static int take_table(struct symbols *s, const struct elf_file *elf,
		      const Elf64_Shdr *table)
{
	Elf64_Shdr strings;
	const uint8_t *symbols;
	const char *names;
	size_t count = table->sh_size / sizeof(Elf64_Sym);

	if (table->sh_link >= elf->header.e_shnum)
		return 0;
	strings = elf_section(elf, table->sh_link);
	names = (const char *)elf_range(elf, strings.sh_offset, strings.sh_size);
	symbols = elf_range(elf, table->sh_offset, table->sh_size);
	if (!names || !symbols || !strings.sh_size ||
	    names[strings.sh_size - 1])
		return 0;
	s->list = calloc(count + 1, sizeof(s->list[0]));
	if (!s->list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		Elf64_Sym symbol;

		memcpy(&symbol, symbols + i * sizeof(symbol), sizeof(symbol));
		if (symbol.st_name >= strings.sh_size ||
		    !is_function(s, &symbol) || !is_text(names + symbol.st_name))
			continue;
		s->list[s->count++] = (struct symbol){
			symbol.st_value, names + symbol.st_name,
			ELF64_ST_TYPE(symbol.st_info) == STT_FUNC
		};
	}
	qsort(s->list, s->count, sizeof(s->list[0]), by_address);
	return 0;
}

int symbols_load(struct symbols *s, const char *path, struct reason *why)
{
	struct elf_file elf;
	int rc;

	memset(s, 0, sizeof(*s));
	rc = image_read(&s->file, path, why);
	if (!rc)
		rc = image_unpack(&s->file, path, why);
	if (!rc)
		rc = elf_open(&elf, s->file.bytes, s->file.size, path, why);
	if (rc) {
		symbols_free(s);
		return rc;
	}
	find_code(s, &elf);
	for (unsigned int i = 0; i < elf.header.e_shnum; i++) {
		Elf64_Shdr section = elf_section(&elf, i);

		if (section.sh_type != SHT_SYMTAB || s->list)
			continue;
		rc = take_table(s, &elf, &section);
		if (rc) {
			symbols_free(s);
			return refuse(why, rc, "the control domain lacks memory for the names in %s",
				      path);
		}
	}
	return 0;
}

void symbols_free(struct symbols *s)
{
	free(s->list);
	image_free(&s->file);
	memset(s, 0, sizeof(*s));
}

const struct symbol *symbols_find(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->count;

	if (!symbols_is_code(s, address))
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &s->list[low - 1] : NULL;
}

bool symbols_is_code(const struct symbols *s, uint64_t address)
{
	for (unsigned int i = 0; i < s->code_count; i++)
		if (address >= s->code[i].start && address < s->code[i].end)
			return true;
	return false;
}
