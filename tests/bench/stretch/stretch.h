/* SPDX-License-Identifier: MIT */
/* stretch.h - calls at their largest arguments, and what their files share.
 *
 * Whether a call succeeds is not asked here, only that all that could be big
 * was: how long the hypervisor took without a pause it keeps itself.
 */
#ifndef STRETCH_H
#define STRETCH_H

#include "../bench.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define ENTRIES		512u
#define MANY		2048u		/* elements of a long list */

typedef uint64_t table[ENTRIES];

/* Something to read that says all zeroes, and room to write. */
extern char blank[65536], room[65536];
extern unsigned long list[MANY];
extern domid_t self;		/* our own number */

/* Says what did not go as the driver thinks it does. */
void must_at(bool ok, long got, const char *what);
#define must(call, wanted) do { \
	long got_ = (long)(call); \
	must_at(got_ == (long)(wanted), got_, #call); \
} while (0)

void every_row(void);			/* rows.c: each once, with an empty block */
void long_tables(void);			/* tables.c */
void long_memory(void);			/* memory.c */
void long_grants(void);
void long_events(void);			/* events.c */
void long_others(void);
void long_control(void);		/* control.c */

#endif
