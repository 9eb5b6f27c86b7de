/* SPDX-License-Identifier: MIT */
/* log.h - what the daemon has to say: one file, bounded, and standard error. */
#ifndef XENSTORED_LOG_H
#define XENSTORED_LOG_H

#include <stdbool.h>
#include <time.h>

/* Opens FILE for appending; at LOG_BYTES it becomes FILE.1 and a new one
 * begins. Without a file, or when it cannot be opened, standard error. */
#define LOG_BYTES (256U << 10)
void log_open(const char *file);

/* One line, with the time before it. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A thing that a domain can cause at will is said once, then at most once a
 * minute with the number of times in between. */
struct log_gate {
	bool said;
	time_t last;
	unsigned long silent;
};

/* True if it may be said now; *silent is how often it was not. */
bool log_gate(struct log_gate *gate, unsigned long *silent);

#endif
