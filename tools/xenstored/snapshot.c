/* SPDX-License-Identifier: MIT */
/* snapshot.c - the store written down whole, a piece at a time.
 *
 * Guards: journals never outgrow the store by much, and no request waits for
 * the whole store to be written.
 * How it can be right although nodes change meanwhile: the journal of the same
 * number begins first and gets every change from then on. A node is written
 * as it is when its turn comes; if it changes later, or goes, the journal,
 * which is read afterwards, says so. The old files go when the new one has
 * its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "record.h"
#include "state_file.h"

#define RETRY_SECONDS 10

static bool is_due(const struct journal *j)
{
	if (j->dir < 0)
		return false;
	if (j->incomplete)
		return clock_seconds() - j->last_failure >= RETRY_SECONDS;
	return j->size > j->least && j->size > 2 * j->snapshot_size;
}

int snapshot_wait(const struct store *s)
{
	const struct journal *j = &s->journal;
	time_t since = clock_seconds() - j->last_failure;

	if (j->dir < 0 || !j->incomplete)
		return -1;
	return since < RETRY_SECONDS ? 1000 * (int)(RETRY_SECONDS - since) : 0;
}

static void give_up(struct store *s, int error)
{
	struct journal *j = &s->journal;
	char name[STATE_NAME_ROOM];

	state_name(name, "state", j->number, ".new");
	unlinkat(j->dir, name, 0);
	if (j->snapshot >= 0)
		close(j->snapshot);
	j->snapshot = -1;
	s->tree.cursor = NULL;
	journal_failed(j, error);
}

static void begin(struct store *s)
{
	struct journal *j = &s->journal;
	char name[STATE_NAME_ROOM];
	int rc = journal_begin(j, j->number + 1);

	if (rc) {
		journal_failed(j, rc);
		return;
	}
	state_name(name, "state", j->number, ".new");
	j->snapshot = state_create(j->dir, name, &j->snapshot_written);
	if (j->snapshot < 0) {
		give_up(s, j->snapshot);
		return;
	}
	j->incomplete = false;
	record_all(s);
	rc = state_add(j->snapshot, &j->record, &j->snapshot_written);
	if (rc) {
		give_up(s, rc);
		return;
	}
	s->tree.cursor = s->tree.first_made;
}

static int finish(struct store *s)
{
	struct journal *j = &s->journal;
	char new[STATE_NAME_ROOM], name[STATE_NAME_ROOM];
	int rc = state_add(j->snapshot, &j->record, &j->snapshot_written);

	if (rc)
		return rc;
	state_name(new, "state", j->number, ".new");
	state_name(name, "state", j->number, "");
	if (renameat(j->dir, new, j->dir, name) < 0)
		return -errno;
	close(j->snapshot);
	j->snapshot = -1;
	j->snapshot_size = j->snapshot_written;
	journal_remove_older(j);
	return 0;
}

bool snapshot_step(struct store *s)
{
	struct journal *j = &s->journal;
	int rc = 0;

	journal_flush(s);
	if (j->snapshot < 0 && is_due(j))
		begin(s);
	if (j->snapshot < 0)
		return false;
	for (unsigned int i = 0; i < j->piece && s->tree.cursor; i++) {
		record_node(s, s->tree.cursor);
		s->tree.cursor = s->tree.cursor->next_made;
	}
	if (j->record.used)
		rc = state_add(j->snapshot, &j->record, &j->snapshot_written);
	/* an empty record says that the snapshot is whole */
	if (!rc && !s->tree.cursor)
		rc = finish(s);
	if (rc)
		give_up(s, rc);
	return j->snapshot >= 0;
}
