/* SPDX-License-Identifier: MIT */
/* paths.c - where the tools keep what the control domain knows. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/paths.h"

static int join(char path[PATH_ROOM], const char *variable,
		const char *standard, const char *format, va_list args)
{
	const char *base = getenv(variable);
	char rest[PATH_ROOM];
	int length;

	vsnprintf(rest, sizeof(rest), format, args);
	length = snprintf(path, PATH_ROOM, "%s/%s", base ? base : standard,
			  rest);
	return length < PATH_ROOM ? 0 : -ENAMETOOLONG;
}

int run_path(char path[PATH_ROOM], const char *format, ...)
{
	va_list args;
	int rc;

	va_start(args, format);
	rc = join(path, "VANE_RUN_DIR", "/run/vane", format, args);
	va_end(args);
	return rc;
}

int log_path(char path[PATH_ROOM], const char *format, ...)
{
	va_list args;
	int rc;

	va_start(args, format);
	rc = join(path, "VANE_LOG_DIR", "/var/log/vane", format, args);
	va_end(args);
	return rc;
}

int make_folders(const char *path)
{
	char part[PATH_ROOM];
	size_t length = strlen(path);

	if (length >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= length; i++) {
		if ((path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}
