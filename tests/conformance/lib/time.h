/* SPDX-License-Identifier: MIT */
/* time.h - the system's clock, and the first vCPU's timer, in nanoseconds. */
#ifndef CONFORMANCE_TIME_H
#define CONFORMANCE_TIME_H

#include "lib.h"

#define MS 1000000ul

uint64_t read_tsc(void);
/* The time since boot that a block of the ABI tells, consistently. */
uint64_t clock_of(volatile struct vcpu_time_info *t);
/* The same by the first vCPU's block in the shared page. */
uint64_t now(void);
/* A moment is not before another, told on whatever CPUs: as exactly as they
 * agree (slack). */
bool not_before(uint64_t moment, uint64_t other);

extern evtchn_port_t timer_port;
/* Stops the periodic timer and binds the timer's VIRQ to timer_port. */
long timer_open(void);
/* Takes back whatever has arrived, so that the next event is the timer's. */
void timer_clear(void);
/* Waits for the timer's port without sleeping; false after so long. */
bool timer_within(uint64_t ns);
/* What must come: a machine that stands still for seconds is no failure. */
#define timer_comes()	timer_within(60000 * MS)

#endif
