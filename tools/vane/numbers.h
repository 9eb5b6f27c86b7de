/* SPDX-License-Identifier: MIT */
/* numbers.h - numbers that a person typed. */
#ifndef VANE_NUMBERS_H
#define VANE_NUMBERS_H

#include <stdint.h>

#include "base/reason.h"

/* -EINVAL or -ERANGE with a sentence about `what`. */
int read_number(const char *text, const char *what, unsigned int min,
		unsigned int max, unsigned int *number, struct reason *why);

/* xl's amounts of memory, in KiB: a bare number is MiB, or b, k, m, g or t
 * follows it. */
int read_memory_size(const char *text, uint64_t *kib, struct reason *why);

#endif
