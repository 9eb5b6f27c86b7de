/* SPDX-License-Identifier: MIT */
/* journal.c - the state that outlives the daemon.
 *
 * Guards: what a client has been answered, and what has been taken from a
 * ring, is in a file before the client can know. All that one request changes
 * is one record, so after a kill it has happened or it has not.
 * Invariant: the newest state file, then the journals from its number on, in
 * order, make the store as it is.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "record.h"
#include "state_file.h"

#define QUIET_SECONDS 60
#define JOURNAL_BYTES_MIN (512U << 10)
#define NODES_A_PIECE 128

void journal_init(struct journal *j)
{
	memset(j, 0, sizeof(*j));
	j->dir = j->file = j->snapshot = -1;
	j->least = JOURNAL_BYTES_MIN;
	j->piece = NODES_A_PIECE;
	/* Long ago, though the machine may have just started: the first failure is
	 * said, and the first snapshot is due. */
	j->last_failure = clock_seconds() - QUIET_SECONDS - 1;
}

void journal_failed(struct journal *j, int error)
{
	time_t now = clock_seconds();

	if (!j->incomplete || now - j->last_failure > QUIET_SECONDS)
		log_line("the state cannot be written: %s; what happens now would not survive the daemon's end",
			 strerror(-error));
	j->incomplete = true;
	j->last_failure = now;
}

void journal_flush(struct store *s)
{
	struct journal *j = &s->journal;
	int rc;

	if (!j->record.used && !j->record.failed)
		return;
	rc = j->file < 0 ? -EBADF : state_add(j->file, &j->record, &j->size);
	if (rc)
		journal_failed(j, rc);
}

int journal_begin(struct journal *j, uint64_t number)
{
	char name[STATE_NAME_ROOM];
	uint64_t size;
	int file;

	state_name(name, "journal", number, "");
	file = state_create(j->dir, name, &size);
	if (file < 0)
		return file;
	if (j->file >= 0)
		close(j->file);
	j->file = file;
	j->size = size;
	j->number = number;
	return 0;
}

/* The number in "KIND.NUMBER", 0 if it is no such name. */
static uint64_t number_of(const char *name, const char *kind)
{
	size_t length = strlen(kind);
	char *end;
	uint64_t number;

	if (strncmp(name, kind, length) || name[length] != '.')
		return 0;
	number = strtoull(name + length + 1, &end, 10);
	return *end ? 0 : number;
}

struct found {
	uint64_t state;
	uint64_t first_journal;
	uint64_t journal;
};

static DIR *open_again(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);

	if (!d && copy >= 0)
		close(copy);
	return d;
}

/* The newest of each kind, and the oldest journal. */
static int look_around(int dir, struct found *found)
{
	DIR *d = open_again(dir);
	const struct dirent *e;

	memset(found, 0, sizeof(*found));
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		uint64_t state = number_of(e->d_name, "state");
		uint64_t journal = number_of(e->d_name, "journal");

		if (state > found->state)
			found->state = state;
		if (journal > found->journal)
			found->journal = journal;
		if (journal && (!found->first_journal ||
				journal < found->first_journal))
			found->first_journal = journal;
	}
	closedir(d);
	return 0;
}

void journal_remove_older(struct journal *j)
{
	DIR *d = open_again(j->dir);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		uint64_t number = number_of(e->d_name, "state");
		size_t length = strlen(e->d_name);

		if (!number)
			number = number_of(e->d_name, "journal");
		if ((number && number < j->number) ||
		    (length > 4 && !strcmp(e->d_name + length - 4, ".new")))
			unlinkat(j->dir, e->d_name, 0);
	}
	if (d)
		closedir(d);
}

static void say_result(const char *name, const struct state_read *r,
		       bool must_end)
{
	if (r->rest)
		log_line("%s: %" PRIu64 " bytes after the last whole record are left out",
			 name, r->rest);
	if (must_end && !r->ended)
		log_line("%s: its end is missing; the nodes that it still had are kept",
			 name);
}

/* Reads one file back; false when it is not there or not of this boot. */
static bool read_back(struct store *s, const char *kind, uint64_t number,
		      struct state_read *result, int *error)
{
	char name[STATE_NAME_ROOM];
	int file;

	state_name(name, kind, number, "");
	file = openat(s->journal.dir, name, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	*error = state_read(s, file, result);
	close(file);
	if (*error)
		return false;
	if (!result->ours) {
		log_line("%s is left out: it is of another boot or no state file",
			 name);
		return false;
	}
	say_result(name, result, kind[0] == 's');
	return true;
}

/* Goes on writing at the end of the newest journal. */
static int go_on(struct journal *j, uint64_t number, uint64_t good)
{
	char name[STATE_NAME_ROOM];

	state_name(name, "journal", number, "");
	j->file = openat(j->dir, name, O_RDWR | O_CLOEXEC);
	if (j->file < 0)
		return -errno;
	if (ftruncate(j->file, (off_t)good) < 0 ||
	    lseek(j->file, (off_t)good, SEEK_SET) < 0)
		return -errno;
	j->number = number;
	j->size = good;
	return 0;
}

/* Everything that is there becomes the store. Without a snapshot the journals
 * begin with an empty one. Returns whether there is a journal to go on with. */
static bool read_all(struct store *s, const struct found *found, int *error)
{
	struct journal *j = &s->journal;
	struct state_read r;
	uint64_t number = found->state ? found->state : found->first_journal;

	if (found->state) {
		if (!read_back(s, "state", number, &r, error))
			return false;
		j->snapshot_size = r.good;
	}
	if (!found->state || !r.ended)
		j->incomplete = true;
	for (; !*error && number && number <= found->journal; number++) {
		if (!read_back(s, "journal", number, &r, error))
			break;
		if (number == found->journal)
			return !go_on(j, number, r.good);
	}
	return false;
}

int journal_open(struct store *s, const char *dir, struct reason *why)
{
	struct journal *j = &s->journal;
	struct found found;
	uint64_t newest;
	int error = 0, rc;

	j->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->dir < 0)
		return refuse_errno(why, -errno,
				    "cannot keep the state in %s", dir);
	rc = look_around(j->dir, &found);
	if (rc)
		return refuse_errno(why, rc, "cannot read %s", dir);
	j->quiet = true;
	if (read_all(s, &found, &error)) {
		j->quiet = false;
		return 0;
	}
	j->quiet = false;
	if (error)
		return refuse_errno(why, error, "cannot read the state in %s",
				    dir);
	newest = found.state > found.journal ? found.state : found.journal;
	rc = journal_begin(j, newest + 1);
	if (rc)
		return refuse_errno(why, rc, "cannot write in %s", dir);
	/* what nothing could be read from is of no use */
	if (s->tree.count == 1)
		journal_remove_older(j);
	/* this journal follows no snapshot yet */
	j->incomplete = true;
	return 0;
}

void journal_close(struct store *s)
{
	struct journal *j = &s->journal;

	journal_flush(s);
	if (j->snapshot >= 0)
		close(j->snapshot);
	if (j->file >= 0)
		close(j->file);
	if (j->dir >= 0)
		close(j->dir);
	pack_free(&j->record);
	journal_init(j);
}
