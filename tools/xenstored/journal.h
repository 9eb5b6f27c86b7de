/* SPDX-License-Identifier: MIT */
/* journal.h - the state that outlives the daemon.
 *
 * DIR/state.N is the store as it was when number N began, DIR/journal.N all
 * that changed since, until number N + 1 began. Each is a header and a list
 * of records: length, checksum, items.
 */
#ifndef XENSTORED_JOURNAL_H
#define XENSTORED_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

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
	/* the record of the requests being served */
	struct pack record;
	/* items go nowhere, while the state is being read back */
	bool quiet;
	/* something could not be written: a new snapshot must have it */
	bool incomplete;
	/* by clock_seconds() */
	time_t last_failure;
	/* the snapshot being written, -1 when there is none */
	int snapshot;
	uint64_t snapshot_written;
	/* a journal shorter than this is not worth a snapshot */
	uint64_t least;
	/* nodes in one piece of a snapshot */
	unsigned int piece;
};

/* Keeps nothing. */
void journal_init(struct journal *j);

/* Reads the state back and goes on with it. -errno with `why` when the folder
 * cannot be used; a file that is damaged is no reason to fail. */
int journal_open(struct store *s, const char *dir, struct reason *why);
void journal_close(struct store *s);

/* Writes the record, if there is one. Only then may answers be sent. */
void journal_flush(struct store *s);

/* Begins journal number `number`, to which records go from now on. -errno. */
int journal_begin(struct journal *j, uint64_t number);

/* Removes the files of smaller numbers, and snapshots never finished. */
void journal_remove_older(struct journal *j);

/* Says, not too often, that something could not be written. */
void journal_failed(struct journal *j, int error);

/* snapshot.c: a piece of the snapshot, if one is due. True while there is
 * more to do. */
bool snapshot_step(struct store *s);

/* The milliseconds until one is tried again after a failure; -1 if none is. */
int snapshot_wait(const struct store *s);

#endif
