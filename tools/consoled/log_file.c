/* SPDX-License-Identifier: MIT */
/* log_file.c - a guest's output on disk, bounded.
 *
 * Guards: a guest that writes for ever fills two files of LOG_FILE_BYTES, no
 * more. A full or missing disk loses the log, never the daemon.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_file.h"

static int begin(struct log_file *log)
{
	log->size = 0;
	log->fd = open(log->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		       0644);
	return log->fd < 0 ? -errno : 0;
}

static void set_aside(struct log_file *log)
{
	char old[PATH_ROOM + 2];

	snprintf(old, sizeof(old), "%s.1", log->path);
	rename(log->path, old);
}

int log_file_open(struct log_file *log, const char *name, bool fresh)
{
	struct stat st;

	log->fd = -1;
	log_path(log->path, "guest-%s.log", name);
	if (fresh) {
		set_aside(log);
		return begin(log);
	}
	log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		       0644);
	if (log->fd < 0)
		return -errno;
	log->size = fstat(log->fd, &st) ? 0 : (size_t)st.st_size;
	return 0;
}

void log_file_close(struct log_file *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

void log_file_write(struct log_file *log, const char *bytes, size_t count)
{
	if (log->fd < 0)
		return;
	if (log->size + count > LOG_FILE_BYTES) {
		log_file_close(log);
		set_aside(log);
		if (begin(log))
			return;
	}
	if (write(log->fd, bytes, count) != (ssize_t)count)
		log_file_close(log);
	else
		log->size += count;
}
