/* SPDX-License-Identifier: MIT */
/* state_file.h - one file of the state: header, then records. */
#ifndef XENSTORED_STATE_FILE_H
#define XENSTORED_STATE_FILE_H

#include <stdbool.h>
#include <stdint.h>

struct pack;
struct store;

#define STATE_NAME_ROOM 40

/* "state.7", "journal.7", "state.7.new" */
void state_name(char name[STATE_NAME_ROOM], const char *kind, uint64_t number,
		const char *after);

/* A new, empty one with its header. -errno. */
int state_create(int dir, const char *name, uint64_t *size);

/* Adds what `record` holds as one record and empties it. -errno; then the
 * file is as it was. */
int state_add(int file, struct pack *record, uint64_t *size);

/* What reading a file back came to. */
struct state_read {
	/* of this boot of the machine, and of a format we know */
	bool ours;
	/* the record that ends a snapshot was there */
	bool ended;
	/* where the last whole record ends, and how much follows it */
	uint64_t good;
	uint64_t rest;
	uint64_t records;
};

/* Replays all whole records of an open file. -errno. */
int state_read(struct store *s, int file, struct state_read *result);

#endif
