/* SPDX-License-Identifier: MIT */
/* smp-time.h - what the files of this suite share. */
#ifndef CONFORMANCE_SMP_TIME_H
#define CONFORMANCE_SMP_TIME_H

#include <xen/sched.h>
#include <xen/vcpu.h>

#include "crew.h"
#include "events.h"
#include "time.h"

#define vcpu_op(cmd, vcpu, arg)	call(vcpu_op, VCPUOP_##cmd, vcpu, arg)

/* The time by the asking vCPU's own block. */
static inline uint64_t my_clock(void)
{
	return clock_of(&info_of(whoami())->time);
}

void run_states(void);		/* runstates.c */
void timers(void);		/* timers.c */

#endif
