/* SPDX-License-Identifier: MIT */
/* state.h - what time keeps in each domain and vCPU.
 */
#ifndef PARAVANE_TIME_STATE_H
#define PARAVANE_TIME_STATE_H

#include "base/types.h"

/* What a timer is for; the exit path acts on it (traps/exit.c). */
enum timer_kind { TIMER_NONE, TIMER_SINGLESHOT, TIMER_PERIODIC, TIMER_POLL,
		  TIMER_SLICE, TIMER_WATCHDOG };

/* Queued by deadline; TIMER lock. */
struct timer {
	uint64_t deadline;		/* system time, ns */
	struct timer *child, *sibling, *prev;	/* pairing heap */
	enum timer_kind kind;
	bool queued;
};

struct time_vcpu {
	struct timer singleshot, periodic, poll;
	uint64_t period;		/* ns, 0 = none */
};

struct time_domain {
	int64_t offset_seconds;		/* domctl settimeoffset */
	struct timer watchdog[2];
};

#endif
