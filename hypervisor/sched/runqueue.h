/* SPDX-License-Identifier: MIT */
/* runqueue.h - the order of those who wait for a CPU.
 */
#ifndef PARAVANE_SCHED_RUNQUEUE_H
#define PARAVANE_SCHED_RUNQUEUE_H

#include "sched/sched.h"

struct runqueue {
	struct pheap heap;		/* vCPUs by weighted CPU time */
	uint64_t floor;			/* of the last one picked; never falls */
};

void runqueue_insert(struct runqueue *q, struct vcpu *v);
void runqueue_remove(struct runqueue *q, struct vcpu *v);
/* The one to run next, still queued; NULL when empty. */
struct vcpu *runqueue_first(struct runqueue *q);
/* The first leaves the queue to run. */
void runqueue_take(struct runqueue *q, struct vcpu *v);
/* v (not queued) was on a CPU for so long. */
void runqueue_charge(struct vcpu *v, uint64_t ns);
/* v (not queued) lets those pass who wait now. */
void runqueue_step_back(struct runqueue *q, struct vcpu *v);
/* Should v run before `running`, which has had `ns` uncharged so far? */
bool runqueue_preempts(const struct vcpu *v, const struct vcpu *running, uint64_t ns);

#endif
