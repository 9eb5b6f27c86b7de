/* SPDX-License-Identifier: MIT */
/* notes_legacy.c - "GUEST_OS=Mini-OS,VIRT_BASE=0x0,HYPERCALL_PAGE=0x2,...".
 *
 * Kernels from before ELF notes carry this string in a section of its own.
 * Unknown names are skipped; a value that is no number counts as silence.
 */
#include <stdlib.h>
#include <string.h>

#include "build/kernel.h"
#include "build/notes_legacy.h"

static void take_number(uint64_t *field, const char *value)
{
	char *end;
	uint64_t number = strtoull(value, &end, 0);

	if (end != value && !*end)
		*field = number;
}

static void take_string(char *field, size_t room, const char *value)
{
	size_t length = strnlen(value, room - 1);

	memcpy(field, value, length);
	field[length] = '\0';
}

static void take_pair(struct notes *n, const char *name, const char *value)
{
	if (!strcmp(name, "GUEST_OS"))
		take_string(n->guest_os, sizeof(n->guest_os), value);
	else if (!strcmp(name, "LOADER"))
		take_string(n->loader, sizeof(n->loader), value);
	else if (!strcmp(name, "XEN_VER"))
		take_string(n->xen_version, sizeof(n->xen_version), value);
	else if (!strcmp(name, "FEATURES"))
		take_string(n->features, sizeof(n->features), value);
	else if (!strcmp(name, "VIRT_BASE"))
		take_number(&n->virt_base, value);
	else if (!strcmp(name, "VIRT_ENTRY"))
		take_number(&n->entry, value);
	else if (!strcmp(name, "ELF_PADDR_OFFSET"))
		take_number(&n->paddr_offset, value);
	else if (!strcmp(name, "HYPERCALL_PAGE"))
		take_number(&n->hypercall_page, value);
}

void notes_read_legacy(struct notes *n, const struct elf_file *elf)
{
	char text[1024];
	uint64_t length;
	const char *section = elf_section_named(elf, "__xen_guest", &length);
	char *rest = text;

	if (!section)
		return;
	if (length >= sizeof(text))
		length = sizeof(text) - 1;
	memcpy(text, section, length);
	text[length] = '\0';

	n->source = NOTES_LEGACY;
	n->hypercall_page_is_number = true;
	while (rest) {
		char *name = strsep(&rest, ",");
		char *value = strchr(name, '=');

		if (value) {
			*value++ = '\0';
			take_pair(n, name, value);
		}
	}
}
