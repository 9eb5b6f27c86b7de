/* SPDX-License-Identifier: MIT */
/* runqueue.h - the order of those who wait for a CPU; one queue a CPU.
 *
 * Only for the files of this room.
 */
#ifndef PARAVANE_SCHED_RUNQUEUE_H
#define PARAVANE_SCHED_RUNQUEUE_H

#include "cpu/cpus.h"
#include "sched/sched.h"

/* All in ns of the CPU time of the vCPU concerned; docs/scheduler.md says why.
 * A vCPU runs until it is so far ahead of the first that waits. */
#define TURN		2000000UL
/* An advantage over who runs on the same CPU that is not worth a switch, and
 * over who runs on another. */
#define MARGIN		500000UL
#define MARGIN_FAR	1000000UL
/* How far behind the others a waker starts: it runs soon, for so long. */
#define SLACK		4000000UL
/* How far ahead of one who did not need to wait the others may get. */
#define LAG		8000000UL
/* How far ahead of the first that waits one may be who had a CPU for itself. */
#define LEAD		48000000UL

#define DEFAULT_WEIGHT	256	/* a domain's, until it is given another */

#define NO_KEY		(~0UL)

/* Keys go no further: a domain of small weight and many vCPUs gets there in
 * weeks. Those who are there take turns. */
#define KEY_MAX		(~0UL >> 1)

struct runqueue {
	struct spinlock lock;
	/* fixed at boot */
	uint32_t cpu;
	/* own lock */
	struct pheap heap;		/* those who wait, by weighted CPU time */
	struct pheap parked;		/* those over their cap, by when that ends */
	uint64_t floor;			/* the least that anybody here had; never falls */
	struct vcpu *running;		/* chosen last; NULL = idle */
	uint64_t idle_time;		/* ns that nobody ran, up to idle_since */
	uint64_t idle_since;
	struct timer slice;		/* when to pick again; set by this CPU only */
	uint64_t slice_at;		/* what it is set to */
	/* Written under the lock, read without it by other CPUs, as a hint. */
	uint32_t waiting;		/* how many are in `heap` */
	uint64_t head_key;		/* of the first in `heap`; NO_KEY when empty */
	uint64_t head_rate;		/* what its key grows by: runqueue_weighted() */
	uint64_t head_hard;		/* where that one may run */
	uint64_t run_key;		/* of `running` at `run_since` */
	uint64_t run_rate;		/* 0 when idle */
	uint64_t run_hard;
	uint64_t run_since;
};

/* One more than there are CPUs: where vCPUs wait for one of their own (null.c). */
#define WAITING_ROOM	MAX_CPUS
extern struct runqueue runqueues[MAX_CPUS + 1];

/* What other CPUs' queues hold that may run on this one: keys. */
struct others {
	uint64_t first;			/* the least that waits; NO_KEY: none does */
	uint64_t first_rate;
	uint64_t least;			/* the least that waits or runs, or NO_KEY */
};

/* --- sched.c: one vCPU ------------------------------------------------------ */
/* The lock of v's queue; v stays in it while it is held. */
struct runqueue *sched_queue_lock(const struct vcpu *v);
/* Queue and run state as v wants them now. q is v's queue and locked; it is not
 * afterwards. */
void sched_settle(struct runqueue *q, struct vcpu *v);
/* What follows is for who holds the lock of v's queue. */
bool sched_may_run(const struct vcpu *v);
int sched_resting_state(const struct vcpu *v);
void sched_account(struct vcpu *v, int runstate, uint64_t now);

/* --- runqueue.c: the order ------------------------------------------------- */
/* A domain's rate: 1 / weight, with so many bits after the point. */
#define RATE_BITS	24
uint64_t runqueue_rate(uint32_t weight);
/* What a key grows by if its vCPU runs for so long. */
static inline uint64_t runqueue_at_rate(uint64_t rate, uint64_t ns)
{
	return (uint64_t)((unsigned __int128)ns * rate >> RATE_BITS);
}

/* A vCPU has its part of its domain's weight. */
static inline uint64_t runqueue_rate_of(const struct vcpu *v)
{
	const struct sched_domain *d = &v->domain->sched;
	uint32_t active = READ_ONCE(d->active);

	return d->rate * (active ? active : 1);
}

static inline uint64_t runqueue_weighted(const struct vcpu *v, uint64_t ns)
{
	return runqueue_at_rate(runqueue_rate_of(v), ns);
}

void runqueue_insert(struct runqueue *q, struct vcpu *v);
void runqueue_remove(struct runqueue *q, struct vcpu *v);
/* The one to run next, still queued; NULL when empty. */
static inline struct vcpu *runqueue_first(const struct runqueue *q)
{
	return q->heap.root ? container_of(q->heap.root, struct vcpu, sched.node) : NULL;
}

/* The first that may run on `cpu`, as far as a bounded look finds it; NULL. */
struct vcpu *runqueue_first_for(const struct runqueue *q, unsigned cpu);
/* v runs, and is charged up to now; `contended`: others would have liked to. */
void runqueue_charge(struct vcpu *v, bool contended, uint64_t now);
/* v, which runs, lets the first pass that waits now; there is one. */
void runqueue_step_back(struct runqueue *q, struct vcpu *v);
/* v, which is in no queue, is charged only for what it had. */
static inline void runqueue_forgive(struct vcpu *v)
{
	v->sched.node.key -= v->sched.yielded;
	v->sched.yielded = 0;
}

/* Before v waits in q: not too far behind the floor, nor ahead of the first. */
void runqueue_bound(const struct runqueue *q, struct vcpu *v, const struct others *o);
/* The same for one that slept: nor ahead of what its domain had meanwhile. */
void runqueue_bound_waker(const struct runqueue *q, struct vcpu *v,
			  const struct others *o);
/* v, next to run, is not further behind one with that key than could be made
 * good soon. */
void runqueue_limit_lag(struct vcpu *v, uint64_t key, uint64_t rate);
/* Everybody in q has had that much. */
static inline void runqueue_raise(struct runqueue *q, uint64_t level)
{
	if (level > q->floor)
		q->floor = level;
}

/* q's CPU runs v, charged up to now, from here on; NULL = nobody. */
void runqueue_runs(struct runqueue *q, struct vcpu *v, uint64_t now);
/* Is q's running vCPU ahead of one with that key by so much of its own time? If
 * so, how far is it, in weighted time (not 0)? An idle CPU is as far as can be. */
uint64_t runqueue_gives_way(const struct runqueue *q, uint64_t key, uint64_t ns,
			    uint64_t now);
/* How long q's running vCPU may go on while the first in the queue waits. */
uint64_t runqueue_turn(const struct runqueue *q);

/* --- cap.c: no more than so much (the lock of v's queue is held) ------------- */
void cap_set(struct domain *d, uint32_t cap, uint64_t now);
/* May v run, as far as its domain's cap goes? */
bool cap_permits(struct vcpu *v, uint64_t now);
/* v, whose domain is capped, runs on: see that it has been granted some time. */
void cap_grant(struct vcpu *v, uint64_t now);
/* It stops: what is left of that, or overrun, is the domain's. */
void cap_give_back(struct vcpu *v);
/* v is not queued, and waits for the next period. */
void cap_park(struct runqueue *q, struct vcpu *v, uint64_t now);
/* For those the next period has come: behind `first` and who waits in q. */
void cap_unpark(struct runqueue *q, uint64_t first, uint64_t now);

/* --- null.c: one vCPU a CPU (q's lock is released) --------------------------- */
extern bool sched_null;
/* v wants to run. */
void null_enqueue(struct runqueue *q, struct vcpu *v);
/* v does not want to run, or may not. */
void null_rests(struct runqueue *q, struct vcpu *v);

/* --- place.c: on which CPU -------------------------------------------------- */
void place_look_at(uint64_t others, unsigned cpu, struct others *o);
/* Where v, that q's lock guards and that waits nowhere yet, runs soonest. */
unsigned place_choose(const struct runqueue *q, const struct vcpu *v, uint64_t now);
/* The first in q may be more worth running than what another CPU runs: tell it. */
void place_offer(const struct runqueue *q, uint64_t now);
/* A vCPU out of another queue, better than one with key `limit`, for q's CPU,
 * whose lock is not held; NULL if there is none. *level: what its old queue's
 * vCPUs have had at least. */
struct vcpu *place_steal(const struct runqueue *q, uint64_t limit, uint64_t now,
			 uint64_t *level);
/* Is that worth trying? */
bool place_may_steal(const struct runqueue *q, uint64_t limit);
void place_set_busy(unsigned cpu, bool busy);

static inline bool cpu_in(uint64_t set, unsigned cpu)
{
	return set >> cpu & 1;
}

/* Whose queues matter to q. */
static inline uint64_t other_cpus(const struct runqueue *q)
{
	return sched_null ? 0 : READ_ONCE(cpus_online) & ~(1UL << q->cpu);
}

/* May v be in that queue? */
static inline bool belongs(const struct runqueue *q, const struct vcpu *v)
{
	return q->cpu == WAITING_ROOM || cpu_in(v->sched.hard, q->cpu);
}

static inline void place_look_around(const struct runqueue *q, struct others *o)
{
	uint64_t others = other_cpus(q);

	*o = (struct others){ .first = NO_KEY, .least = NO_KEY };
	if (unlikely(others))
		place_look_at(others, q->cpu, o);
}

#endif
