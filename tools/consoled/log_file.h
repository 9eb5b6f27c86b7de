/* SPDX-License-Identifier: MIT */
/* log_file.h - a guest's output on disk, bounded.
 *
 * LOG/guest-NAME.log; when it reaches its limit it becomes guest-NAME.log.1,
 * replacing an older one, and a new one begins. A new domain of the same name
 * begins a new one too.
 */
#ifndef CONSOLED_LOG_FILE_H
#define CONSOLED_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/paths.h"

/* The limit; less, if the domain's node console/limit says so: the two files
 * together have no more than that. A hundred guests that print for ever fill
 * 25 MiB. */
#define LOG_FILE_BYTES	   (128U << 10)
#define LOG_FILE_BYTES_MIN 4096U

struct log_file {
	/* -1: cannot be opened; the next write tries again */
	int fd;
	/* its failing has been said, once for this guest */
	bool told;
	size_t limit;
	char path[PATH_ROOM];
};

/* `fresh`: begin a new file; else go on with the one that is there. `limit` is
 * of both files together, 0 for none. */
int log_file_open(struct log_file *log, const char *name, bool fresh,
		  uint64_t limit);

/* The domain has another name now, and so has its log. */
void log_file_rename(struct log_file *log, const char *name);

/* The last bytes of both files together; returns how many. */
size_t log_file_tail(const struct log_file *log, char *bytes, size_t room);

/* Says on stderr, once, that bytes could not be written; they are lost. */
void log_file_write(struct log_file *log, const char *bytes, size_t count);
void log_file_close(struct log_file *log);

#endif
