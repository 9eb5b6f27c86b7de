/* SPDX-License-Identifier: MIT */
/* log.c - what the daemon has to say.
 *
 * Guards: no guest can fill the disk or the console with its own mistakes.
 * The file is bounded, and what a guest can repeat goes through a gate.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

#define GATE_SECONDS 60

static char path[256];
static int file = 2;
static size_t size;

static int begin(int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | flags,
		      0644);

	return fd < 0 ? 2 : fd;
}

void log_open(const char *name)
{
	struct stat st;

	if (!name || strlen(name) >= sizeof(path) - 2)
		return;
	strcpy(path, name);
	file = begin(0);
	size = fstat(file, &st) ? 0 : (size_t)st.st_size;
}

static void turn_over(void)
{
	char old[sizeof(path) + 2];

	if (file == 2 || size < LOG_BYTES)
		return;
	snprintf(old, sizeof(old), "%s.1", path);
	rename(path, old);
	close(file);
	file = begin(O_TRUNC);
	size = 0;
}

void log_line(const char *format, ...)
{
	char line[512];
	time_t now = time(NULL);
	struct tm tm;
	size_t used;
	va_list args;

	gmtime_r(&now, &tm);
	used = strftime(line, sizeof(line), "%F %T xenstored: ", &tm);
	va_start(args, format);
	vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	used = strlen(line);
	line[used++] = '\n';
	turn_over();
	if (write(file, line, used) == (ssize_t)used)
		size += used;
}

bool log_gate(struct log_gate *gate, unsigned long *silent)
{
	time_t now = clock_seconds();

	if (gate->said && now - gate->last < GATE_SECONDS) {
		gate->silent++;
		return false;
	}
	*silent = gate->silent;
	gate->said = true;
	gate->last = now;
	gate->silent = 0;
	return true;
}
