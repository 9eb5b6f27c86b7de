/* SPDX-License-Identifier: MIT */
/* notes_legacy.h - the "__xen_guest" section string of older kernels. */
#ifndef TOOLS_BUILD_NOTES_LEGACY_H
#define TOOLS_BUILD_NOTES_LEGACY_H

#include "build/notes.h"

/* Leaves `notes` as it is when the file has no such section. */
void notes_read_legacy(struct notes *notes, const struct elf_file *elf);

#endif
