/* SPDX-License-Identifier: MIT */
/* state.h - what sched keeps in each domain and vCPU.
 */
#ifndef PARAVANE_SCHED_STATE_H
#define PARAVANE_SCHED_STATE_H

#include <public/vcpu.h>

#include "base/list.h"
#include "base/types.h"

enum run_state { RUN_OFFLINE, RUN_BLOCKED, RUN_POLLING, RUN_RUNNABLE, RUN_RUNNING };

struct sched_vcpu {
	/* SCHED lock */
	enum run_state state;
	struct list node;		/* in the run queue while runnable */
	uint64_t vtime;			/* ns of weighted CPU time, decides who is next */
	uint64_t since;			/* system time of the last state change */
	uint64_t runtime[4];		/* ns in each RUNSTATE_* */
	uint64_t runstate_area;		/* guest-virtual; 0 = not registered */
};

struct sched_domain {
	uint32_t weight, cap;
};

#endif
