/* SPDX-License-Identifier: MIT */
/* state.h - what time keeps in each domain and vCPU.
 */
#ifndef PARAVANE_TIME_STATE_H
#define PARAVANE_TIME_STATE_H

#include "base/pheap.h"
#include "base/types.h"

/* What a timer is for; the exit path acts on it (traps/exit.c), but for
 * TIMER_CLOCK, which time keeps to itself. */
enum timer_kind { TIMER_NONE, TIMER_SINGLESHOT, TIMER_PERIODIC, TIMER_POLL,
		  TIMER_SLICE, TIMER_WATCHDOG, TIMER_TRACE, TIMER_CLOCK };

struct timer_queue;

struct timer {
	/* TIMER lock of `queue` */
	struct pheap_node node;		/* key: deadline in system time, ns */
	struct timer_queue *queue;	/* NULL = not queued */
	/* fixed at creation */
	enum timer_kind kind;
	uint8_t index;			/* which of a domain's watchdogs */
};

/* Touched by the CPU that runs the vCPU, or by any while it does not run, but
 * for: */
struct time_vcpu {
	struct timer singleshot, periodic;
	struct timer poll;		/* SCHED lock */
	uint64_t period;		/* ns, 0 = none; written by any of the domain's */
	uint64_t last_tick;		/* of the periodic timer, system time */
	uint64_t time_area;		/* guest-virtual copy of the clock; 0 = none; by any */
	uint64_t time_area_stamp;	/* TSC stamp that was written there last */
	uint32_t time_area_version;
};

#define TIME_NR_WATCHDOGS	2

/* System time to ticks and back: ns = ticks shifted left by `shift`, or right by
 * -shift, * mul / 2^32. */
struct time_scale {
	uint32_t mul;
	int8_t shift;
};

/* What RDTSC tells a domain (guest_tsc.c). Changes while no vCPU of it runs, but
 * for `last`. */
struct guest_tsc {
	bool emulated;			/* else it is the machine's */
	uint8_t mode;			/* TSC_MODE_* */
	uint32_t khz, incarnation;
	struct time_scale scale;
	uint64_t inverse;		/* 2^64 / scale.mul */
	uint64_t zero;			/* when it was 0, system time */
	uint64_t last;			/* the latest moment that was told */
};

struct time_domain {
	struct guest_tsc tsc;
	/* DOMAIN lock */
	int64_t offset_seconds;		/* domctl settimeoffset */
	struct timer watchdog[TIME_NR_WATCHDOGS];
	uint8_t watchdogs_used;		/* bit per watchdog */
	/* TRACE lock */
	struct timer trace;		/* is its trace read? */
};

#endif
