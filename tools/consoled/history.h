/* SPDX-License-Identifier: MIT */
/* history.h - the last bytes of a console, for whoever attaches later.
 *
 * Bytes are counted from the console's first one. A reader keeps the number
 * of the next byte it wants; one that is too slow finds that it is gone.
 */
#ifndef CONSOLED_HISTORY_H
#define CONSOLED_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "log_file.h"

#define HISTORY_BYTES 16384U

struct history {
	char bytes[HISTORY_BYTES];
	/* bytes ever written */
	uint64_t end;
};

void history_add(struct history *history, const char *bytes, size_t count);

/* Begins with what an earlier daemon wrote into the log. */
void history_load(struct history *history, const struct log_file *log);

/* The number of the oldest byte that is still there. */
uint64_t history_start(const struct history *history);

/* Points at bytes from number `from` on, which must be from history_start to
 * end; returns how many lie there in one piece, 0 at the end. */
size_t history_piece(const struct history *history, uint64_t from,
		     const char **bytes);

#endif
