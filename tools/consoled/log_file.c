/* SPDX-License-Identifier: MIT */
/* log_file.c - a guest's output on disk, bounded.
 *
 * Guards: a guest that writes for ever fills two files up to the limit, no
 * more, but for what is known of a crash. A full or missing disk loses what was
 * written meanwhile, never the daemon.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_file.h"

static int open_file(struct log_file *log, int flags)
{
	/* others add to it as well: what is known of a crash (vane backtrace) */
	log->fd = open(log->path,
		       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0644);
	return log->fd < 0 ? -errno : 0;
}

/* Asked for each time, since others add to it. */
static uint64_t size_of(const struct log_file *log)
{
	struct stat st;

	return fstat(log->fd, &st) ? 0 : (uint64_t)st.st_size;
}

static void older(const struct log_file *log, char path[PATH_ROOM + 2])
{
	snprintf(path, PATH_ROOM + 2, "%s.1", log->path);
}

static void set_aside(struct log_file *log)
{
	char old[PATH_ROOM + 2];

	older(log, old);
	rename(log->path, old);
}

int log_file_open(struct log_file *log, const char *name, bool fresh,
		  uint64_t limit)
{
	log->told = false;
	log->limit = LOG_FILE_BYTES;
	if (limit && limit / 2 < log->limit)
		log->limit = limit / 2 < LOG_FILE_BYTES_MIN ?
				     LOG_FILE_BYTES_MIN : (size_t)(limit / 2);
	log_path(log->path, "guest-%s.log", name);
	if (fresh)
		set_aside(log);
	return open_file(log, fresh ? O_TRUNC : 0);
}

void log_file_close(struct log_file *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

/* 0 when all of it is written. */
static int put(struct log_file *log, const char *bytes, size_t count)
{
	int rc = log->fd < 0 ? open_file(log, 0) : 0;
	ssize_t done;

	if (!rc && size_of(log) + count > log->limit) {
		log_file_close(log);
		set_aside(log);
		rc = open_file(log, O_TRUNC);
	}
	if (rc)
		return rc;
	done = write(log->fd, bytes, count);
	if (done < 0)
		return -errno;
	/* what is missing of it would fail by itself: the disk is full */
	return (size_t)done < count ? -ENOSPC : 0;
}

void log_file_write(struct log_file *log, const char *bytes, size_t count)
{
	int rc = put(log, bytes, count);

	if (rc && !log->told) {
		fprintf(stderr, "consoled: cannot write %s: %s; output is lost until that is mended\n",
			log->path, strerror(-rc));
		log->told = true;
	}
}

void log_file_rename(struct log_file *log, const char *name)
{
	char before[PATH_ROOM + 2], after[PATH_ROOM + 2];
	struct log_file renamed = *log;

	log_path(renamed.path, "guest-%s.log", name);
	if (!strcmp(renamed.path, log->path))
		return;
	/* what another domain of that name left is set aside, as at a start */
	set_aside(&renamed);
	rename(log->path, renamed.path);
	older(log, before);
	older(&renamed, after);
	rename(before, after);
	*log = renamed;
}

/* The last `room` bytes of one file, or fewer. */
static size_t tail(const char *path, char *bytes, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t got = -1;

	if (fd < 0)
		return 0;
	if (!fstat(fd, &st))
		got = pread(fd, bytes, room,
			    st.st_size > (off_t)room ? st.st_size - (off_t)room : 0);
	close(fd);
	return got < 0 ? 0 : (size_t)got;
}

size_t log_file_tail(const struct log_file *log, char *bytes, size_t room)
{
	size_t newer = tail(log->path, bytes, room), count;
	char path[PATH_ROOM + 2];

	if (newer == room)
		return newer;
	older(log, path);
	/* the older file's end comes first */
	memmove(bytes + room - newer, bytes, newer);
	count = tail(path, bytes, room - newer);
	memmove(bytes + count, bytes + room - newer, newer);
	return count + newer;
}
