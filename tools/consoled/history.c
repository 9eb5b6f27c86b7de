/* SPDX-License-Identifier: MIT */
/* history.c - the last bytes of a console. */
#include "history.h"

void history_add(struct history *h, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		h->bytes[(h->end + i) % HISTORY_BYTES] = bytes[i];
	h->end += count;
}

void history_load(struct history *h, const struct log_file *log)
{
	h->end = log_file_tail(log, h->bytes, sizeof(h->bytes));
}

uint64_t history_start(const struct history *h)
{
	return h->end > HISTORY_BYTES ? h->end - HISTORY_BYTES : 0;
}

size_t history_piece(const struct history *h, uint64_t from,
		     const char **bytes)
{
	size_t at = from % HISTORY_BYTES;
	uint64_t count = h->end - from;

	*bytes = &h->bytes[at];
	return count > HISTORY_BYTES - at ? HISTORY_BYTES - at : count;
}
