/* SPDX-License-Identifier: MIT */
/* multicall.h - lists of calls, and the parts of this suite. */
#ifndef CONFORMANCE_MULTICALL_H
#define CONFORMANCE_MULTICALL_H

#include <xen/sched.h>
#include <xen/version.h>

#include "events.h"
#include "time.h"

#define MADE 0x5a5a		/* no call's result */

/* One page of entries, and the page behind it. */
extern struct multicall_entry list[128];
/* An entry that was not made yet. */
void entry(unsigned int i, unsigned int op, unsigned long a, unsigned long b,
	   unsigned long c, unsigned long d);
/* n entries that ask for the version. */
void versions(unsigned int n);
bool made(unsigned int i);
#define multicall(entries, n)	call(multicall, entries, n)

void ends(void);		/* ends.c: what ends a list early */
void interrupted(void);		/* ends.c: long lists, and events */

#endif
