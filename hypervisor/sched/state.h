/* SPDX-License-Identifier: MIT */
/* state.h - what sched keeps in each domain and vCPU.
 */
#ifndef PARAVANE_SCHED_STATE_H
#define PARAVANE_SCHED_STATE_H

#include <public/vcpu.h>

#include "base/pheap.h"
#include "base/types.h"
#include "sync/spinlock.h"

/* What a vCPU wants; whether it gets it is up to `up`, its domain and the
 * queue. */
enum run_state { RUN_BLOCKED, RUN_POLLING, RUN_RUNNABLE };

struct cpu;

struct sched_vcpu {
	/* The lock of the run queue of CPU `cpu` guards what follows, `cpu`
	 * itself too: find the queue, lock it, look again. */
	enum run_state state;
	uint32_t cpu;			/* where it runs, waits or ran last */
	bool up;			/* VCPUOP_up, or the first vCPU */
	bool held;			/* its registers are being looked at */
	bool queued;			/* `node` is in the queue of CPU `cpu` */
	bool parked;			/* ... among those whose domain used up its cap */
	uint64_t parked_key;		/* its key meanwhile: `node` has when that ends */
	int64_t granted;		/* ns it may still run of its domain's cap */
	struct cpu *on_cpu;		/* its registers are in it: then it is `cpu`'s */
	struct pheap_node node;		/* key: weighted CPU time so far */
	uint64_t yielded;		/* what a yield added to the key, until it is picked */
	uint64_t charged;		/* system time up to which the key counts */
	uint32_t poll_port;		/* the one port polled, or POLL_ANY */
	int runstate;			/* RUNSTATE_* */
	uint64_t since;			/* system time of its last change */
	uint64_t made;			/* system time of its creation */
	uint64_t time[4];		/* ns in each RUNSTATE_* from `made` to `since` */
	uint64_t hard;			/* CPUs it may run on, of those there are */
	uint64_t soft;			/* CPUs it would rather run on */
	uint64_t unpinned;		/* pin_override: `hard` before it; 0 = not pinned */
	/* the vCPU's own calls, or any while it does not run */
	uint64_t runstate_area;		/* guest-virtual; 0 = not registered */
};

struct sched_domain {
	/* DOMAIN lock; read by all */
	uint32_t weight;		/* 256 is everybody's by default */
	uint32_t cap;			/* percent of one CPU; 0 = no limit */
	uint64_t rate;			/* 1 / weight: see runqueue.c */
	/* cap_lock */
	struct spinlock cap_lock;
	int64_t cap_left;		/* ns nobody was granted yet; below 0, a debt */
	uint64_t cap_since;		/* when the period began */
	/* atomic */
	uint32_t active;		/* vCPUs that run or could */
	uint64_t had;			/* weighted CPU time of all vCPUs, while others waited */
	uint64_t pollers;		/* bit per vCPU in RUN_POLLING */
};

#endif
