/* SPDX-License-Identifier: MIT */
/* state.h - what sched keeps in each domain and vCPU.
 */
#ifndef PARAVANE_SCHED_STATE_H
#define PARAVANE_SCHED_STATE_H

#include <public/vcpu.h>

#include "base/pheap.h"
#include "base/types.h"

/* What a vCPU wants; whether it gets it is up to `up`, its domain and the
 * queue. */
enum run_state { RUN_BLOCKED, RUN_POLLING, RUN_RUNNABLE };

struct sched_vcpu {
	/* SCHED lock */
	enum run_state state;
	bool up;			/* VCPUOP_up, or the first vCPU */
	bool queued;			/* `node` is in the run queue */
	bool on_cpu;			/* its registers are in a CPU */
	struct pheap_node node;		/* key: ns of weighted CPU time so far */
	uint32_t poll_port;		/* the one port polled, or POLL_ANY */
	int runstate;			/* RUNSTATE_* */
	uint64_t since;			/* system time of its last change */
	uint64_t time[4];		/* ns in each RUNSTATE_* before that */
	/* the vCPU's own calls, or any while it does not run */
	uint64_t runstate_area;		/* guest-virtual; 0 = not registered */
	/* the vCPU's own calls */
	bool pinned;			/* by pin_override */
};

struct sched_domain {
	/* SCHED lock */
	uint32_t weight;		/* 256 is everybody's by default */
	uint32_t cap;			/* remembered for the tools, not enforced */
	uint64_t pollers;		/* bit per vCPU in RUN_POLLING */
};

#endif
