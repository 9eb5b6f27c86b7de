/* SPDX-License-Identifier: MIT */
/* notes.h - the wishes a kernel's notes carry, before they are checked
 * against each other. For libs/build only.
 */
#ifndef TOOLS_BUILD_NOTES_H
#define TOOLS_BUILD_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "build/elf_file.h"

enum notes_source {
	NOTES_NONE,
	/* ELF notes with the owner "Xen" */
	NOTES_ELF,
	/* the older "__xen_guest" section: one string of NAME=value pairs */
	NOTES_LEGACY,
};

struct notes {
	enum notes_source source;
	/* KERNEL_UNSET where the kernel is silent */
	uint64_t entry;
	uint64_t virt_base;
	uint64_t paddr_offset;
	uint64_t hypercall_page;
	uint64_t init_p2m;
	uint64_t mod_start_pfn;
	uint64_t phys32_entry;
	/* empty where the kernel is silent; cut when longer */
	char features[256];
	char guest_os[32];
	char loader[32];
	char xen_version[32];
	/* the legacy string counts its hypercall page in pages */
	bool hypercall_page_is_number;
};

int notes_read(struct notes *notes, const struct elf_file *elf,
	       struct reason *why);

#endif
