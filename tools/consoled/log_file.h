/* SPDX-License-Identifier: MIT */
/* log_file.h - a guest's output on disk, bounded.
 *
 * LOG/guest-NAME.log; when it reaches LOG_FILE_BYTES it becomes
 * guest-NAME.log.1, replacing an older one, and a new one begins. A new
 * domain of the same name begins a new one too.
 */
#ifndef CONSOLED_LOG_FILE_H
#define CONSOLED_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/paths.h"

#define LOG_FILE_BYTES (256U << 10)

struct log_file {
	/* -1: cannot be written; output is kept in memory only */
	int fd;
	size_t size;
	char path[PATH_ROOM];
};

/* `fresh`: begin a new file; else go on with the one that is there. */
int log_file_open(struct log_file *log, const char *name, bool fresh);
void log_file_write(struct log_file *log, const char *bytes, size_t count);
void log_file_close(struct log_file *log);

#endif
