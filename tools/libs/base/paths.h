/* SPDX-License-Identifier: MIT */
/* paths.h - where the tools keep what the control domain knows.
 *
 * VANE_RUN_DIR and VANE_LOG_DIR in the environment move the two folders, so
 * that tests need no /run of their own.
 */
#ifndef TOOLS_BASE_PATHS_H
#define TOOLS_BASE_PATHS_H

#include <stddef.h>

#define PATH_ROOM 256

/* Writes "RUN/" and the formatted rest; RUN is /run/vane. */
int run_path(char path[PATH_ROOM], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same under /var/log/vane. */
int log_path(char path[PATH_ROOM], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Makes a folder and its missing parents; a negative errno. */
int make_folders(const char *path);

#endif
