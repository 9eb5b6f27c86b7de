/* SPDX-License-Identifier: MIT */
/* journal.h - the state that outlives the daemon.
 *
 * DIR/state.N is the store as it was when number N began, DIR/journal.N all
 * that changed since. Both are lists of records: length, checksum, items.
 */
#ifndef XENSTORED_JOURNAL_H
#define XENSTORED_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"
#include "pack.h"

struct store;

struct journal {
	/* -1: nothing is kept */
	int dir;
	int file;
	uint64_t number;
	/* bytes in the journal, and in the snapshot it follows */
	uint64_t size;
	uint64_t snapshot_size;
	/* the record of the request being served; items go nowhere while
	 * the state is being read back */
	struct pack record;
	bool quiet;
	/* something could not be written: a new snapshot must have it */
	bool incomplete;
	/* the snapshot being written, -1 when there is none */
	int snapshot;
	uint64_t snapshot_written;
};

/* Keeps nothing. */
void journal_init(struct journal *j);

/* Reads the state back and goes on with it. -errno with `why` when the folder
 * cannot be used; a file that is damaged is no reason to fail. */
int journal_open(struct store *s, const char *dir, struct reason *why);
void journal_close(struct store *s);

/* Writes the record, if there is one. Only then may answers be sent. */
void journal_flush(struct store *s);

/* snapshot.c: a piece of work on the snapshot, if one is due. True while
 * there is more to do. */
bool snapshot_step(struct store *s);

/* Writes one whole, for tests and at start. */
int snapshot_now(struct store *s);

/* One record with its length and checksum. -errno. */
int record_write(int file, struct pack *record, uint64_t *size);

/* Reads all records of a file back; *good is where the last whole one ends.
 * -errno when the file cannot be read. */
int records_read(struct store *s, int file, uint64_t *good, bool *ended);

#endif
