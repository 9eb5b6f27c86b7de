/* SPDX-License-Identifier: MIT */
/* clocks.h - the parts of this suite. */
#ifndef CONFORMANCE_CLOCKS_H
#define CONFORMANCE_CLOCKS_H

#include <xen/sched.h>
#include <xen/vcpu.h>

#include "time.h"

#define vcpu_op(cmd, vcpu, arg)	call(vcpu_op, VCPUOP_##cmd, vcpu, arg)

/* Sleeps until a moment, or a little longer; events stay masked. */
void sleep_until(uint64_t moment);
void counter(void);		/* counter.c */
void singleshots(void);		/* timers.c */
void deadlines(void);
void periods(void);
void run_states(void);		/* areas.c */
void time_areas(void);

#endif
