/* SPDX-License-Identifier: MIT */
/* kept_log.h - the output of guests that are gone. */
#ifndef VANE_KEPT_LOG_H
#define VANE_KEPT_LOG_H

#include <stdio.h>

#include "base/paths.h"

/* Finds the log that consoled kept for a guest of that name. -ENOENT when
 * there is none, or when this cannot be a guest's name. */
int kept_log_find(const char *name, char path[PATH_ROOM]);

/* Copies it to `out`. */
int kept_log_print(const char *path, FILE *out);

#endif
