/* SPDX-License-Identifier: MIT */
/* smp-vcpus.h - what the files of this suite share. */
#ifndef CONFORMANCE_SMP_VCPUS_H
#define CONFORMANCE_SMP_VCPUS_H

#include <xen/sched.h>
#include <xen/vcpu.h>

#include "crew.h"
#include "events.h"
#include "time.h"

#define vcpu_op(cmd, vcpu, arg)	call(vcpu_op, VCPUOP_##cmd, vcpu, arg)
#define ALL		64		/* as many as this suite's domain has */
#define HIGH		40		/* one without room in the shared page */

/* Work that counts its rounds, and its end, in which the vCPU is up. */
extern volatile uint64_t rounds[VCPUS_MOST];
void spin(void *arg);
void spin_no_more(unsigned int id);
/* It goes on, or has stopped. */
bool goes_on(unsigned int id);
bool stands_still(unsigned int id);
/* RUNSTATE_... of a vCPU. */
int state_of(unsigned int id);

void high_ids(void);		/* high.c */
void ups_and_downs(void);	/* downs.c */
void nmis_noted(void);		/* nmis.c: from now on */
void nmis(void);

#endif
