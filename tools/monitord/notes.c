/* SPDX-License-Identifier: MIT */
/* notes.c - what monitord did, for people: LOG/monitord.log.
 *
 * Guards: guests that end for ever fill two files of NOTES_BYTES, no more.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/paths.h"
#include "monitord.h"

static FILE *log_file;

/* The programs that run for domains write there too, so it is asked for its
 * size each time. */
static void turn_over(void)
{
	char path[PATH_ROOM], old[PATH_ROOM];
	struct stat st;
	FILE *next;

	if (fstat(fileno(log_file), &st) || st.st_size < NOTES_BYTES ||
	    log_path(path, "monitord.log") || log_path(old, "monitord.log.1"))
		return;
	rename(path, old);
	next = fopen(path, "ae");
	if (!next)
		return;
	fclose(log_file);
	log_file = next;
}

void note(const char *format, ...)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];
	va_list args;

	if (!log_file)
		return;
	turn_over();
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
