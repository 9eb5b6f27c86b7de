/* SPDX-License-Identifier: MIT */
/* notes.c - what monitord did, for people: LOG/monitord.log. */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/paths.h"
#include "monitord.h"

static FILE *log_file;

void note(const char *format, ...)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];
	va_list args;

	if (!log_file)
		return;
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&now, &tm));
	fprintf(log_file, "%s ", stamp);
	va_start(args, format);
	vfprintf(log_file, format, args);
	va_end(args);
	fprintf(log_file, "\n");
	fflush(log_file);
}

void open_notes(void)
{
	char folder[PATH_ROOM], path[PATH_ROOM];

	log_path(folder, "%s", "");
	make_folders(folder);
	if (!log_path(path, "monitord.log"))
		log_file = fopen(path, "ae");
}
