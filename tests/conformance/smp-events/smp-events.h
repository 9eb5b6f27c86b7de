/* SPDX-License-Identifier: MIT */
/* smp-events.h - what the files of this suite share. */
#ifndef CONFORMANCE_SMP_EVENTS_H
#define CONFORMANCE_SMP_EVENTS_H

#include <xen/sched.h>
#include <xen/vcpu.h>

#include "crew.h"
#include "events.h"
#include "time.h"

#define vcpu_op(cmd, vcpu, arg)	call(vcpu_op, VCPUOP_##cmd, vcpu, arg)
#define CREW	4

int state_of(unsigned int id);
/* A vCPU has been announced nothing. */
void forget(unsigned int id);
static inline uint64_t my_clock(void)
{
	return clock_of(&info_of(whoami())->time);
}

void moving(void);		/* moving.c */
void locks(void);		/* locks.c */
void races(void);		/* races.c */

#endif
