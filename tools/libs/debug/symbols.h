/* SPDX-License-Identifier: MIT */
/* symbols.h - the names in a kernel's file. For libs/debug. */
#ifndef TOOLS_DEBUG_SYMBOLS_H
#define TOOLS_DEBUG_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"
#include "build/image.h"

struct symbol {
	uint64_t address;
	/* in the file's bytes */
	const char *name;
	bool function;
};

struct code_range {
	uint64_t start, end;
};

#define CODE_RANGES 16

struct symbols {
	struct image file;
	/* by address */
	struct symbol *list;
	size_t count;
	/* what the file says may be executed */
	struct code_range code[CODE_RANGES];
	unsigned int code_count;
};

/* A file without names is no error: then the list is empty. */
int symbols_load(struct symbols *s, const char *path, struct reason *why);
void symbols_free(struct symbols *s);

/* The function that holds the address, or NULL. */
const struct symbol *symbols_find(const struct symbols *s, uint64_t address);

bool symbols_is_code(const struct symbols *s, uint64_t address);

#endif
