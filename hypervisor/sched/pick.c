/* SPDX-License-Identifier: MIT */
/* pick.c - a CPU changes its vCPU.
 *
 * Guards: a vCPU is on one CPU at a time: from being picked until its registers
 * are saved it keeps `on_cpu`, and is in no queue. What happens to it meanwhile
 * (a wake-up, a pause) only changes what it wants; sched_switched() settles it.
 * Invariant: who has on_cpu is guarded by that CPU's queue.
 */
#include "sched/runqueue.h"

#include "time/time.h"

/* The first in q that may run; those that were stopped meanwhile leave. */
static struct vcpu *first_waiting(struct runqueue *q, uint64_t now)
{
	struct vcpu *v;

	while ((v = runqueue_first(q))) {
		bool run = sched_may_run(v);

		if (likely(run) && cap_permits(v, now))
			break;
		runqueue_remove(q, v);
		if (run)
			cap_park(q, v, now);
		else
			sched_account(v, sched_resting_state(v), now);
	}
	return v;
}

static bool may_stay(const struct runqueue *q, struct vcpu *v, uint64_t now)
{
	return v && sched_may_run(v) && cpu_in(v->sched.hard, q->cpu) && cap_permits(v, now);
}

/* Out of q's own CPU's: who runs there now, unless he may not or has had more
 * than another. */
static struct vcpu *best_here(struct runqueue *q, struct vcpu *prev, uint64_t now)
{
	struct vcpu *first = first_waiting(q, now);

	if (may_stay(q, prev, now) &&
	    (!first || (prev->sched.node.key < KEY_MAX && prev->sched.node.key <=
			first->sched.node.key + runqueue_weighted(prev, MARGIN))))
		return prev;
	return first;
}

/* Somebody better, out of another queue; NULL if there is none. q's lock is
 * not held meanwhile. */
static struct vcpu *best_elsewhere(struct runqueue *q, const struct vcpu *here,
				   uint64_t now)
{
	uint64_t limit = here ? here->sched.node.key : NO_KEY, level;
	struct vcpu *v;

	if (likely(!place_may_steal(q, limit)))
		return NULL;
	spin_unlock(&q->lock);
	v = place_steal(q, limit, now, &level);
	spin_lock(&q->lock);
	if (v)
		runqueue_raise(q, level);
	return v;
}

static struct vcpu *choose(struct runqueue *q, struct vcpu *prev, uint64_t now)
{
	for (;;) {
		struct vcpu *here = best_here(q, prev, now), *v;

		if (likely(!other_cpus(q)))
			return here;
		if (!here)
			place_set_busy(q->cpu, false);
		v = best_elsewhere(q, here, now);
		/* Stopped on its way here, or forbidden to come. */
		if (v && (!sched_may_run(v) || !cpu_in(v->sched.hard, q->cpu)))
			cpu_pend(cpu_of(q->cpu), CPU_RESCHED);
		if (!v)			/* the lock may have been open: once more */
			v = best_here(q, prev, now);
		if (v)
			place_set_busy(q->cpu, true);
		if (v || !here)
			return v;
	}
}

static void change(struct runqueue *q, struct vcpu *prev, struct vcpu *next, uint64_t now)
{
	if (prev) {
		if (unlikely(prev->sched.granted))
			cap_give_back(prev);
		sched_account(prev, sched_resting_state(prev), now);
	} else {
		q->idle_time += now > q->idle_since ? now - q->idle_since : 0;
	}
	if (!next) {
		q->idle_since = now;
		return;
	}
	if (next->sched.queued)
		runqueue_remove(q, next);
	next->sched.on_cpu = cpu_of(q->cpu);
	next->sched.charged = now;
	sched_account(next, RUNSTATE_running, now);
}

/* What q's CPU may remember of the past, now that `next` runs. */
static void forget(struct runqueue *q, struct vcpu *prev, struct vcpu *next,
		   const struct others *o, uint64_t now)
{
	if (q->waiting)
		runqueue_limit_lag(next, q->head_key, q->head_rate);
	else if (next == prev || !may_stay(q, prev, now))
		runqueue_limit_lag(next, o->first, o->first_rate);
	runqueue_raise(q, MIN(next->sched.node.key, MIN(q->head_key, o->least)));
}

/* When to look again, if nothing happens before. */
static void set_timer(struct runqueue *q, uint64_t now)
{
	uint64_t at = NO_KEY;

	if (q->waiting)
		at = now + runqueue_turn(q);
	if (unlikely(q->running && q->running->domain->sched.cap))
		at = MIN(at, now + (uint64_t)MAX(q->running->sched.granted, 0));
	if (unlikely(q->parked.root))
		at = MIN(at, q->parked.root->key);
	if (at != NO_KEY)
		timer_set(&q->slice, q->slice_at = at);
	else if (q->slice.queue)
		timer_stop(&q->slice);
}

/* tour 16: the vCPU that had least of the CPU is next. */
struct vcpu *sched_pick(struct cpu *c)
{
	struct runqueue *q = &runqueues[c->id];
	struct vcpu *prev = c->current == c->idle ? NULL : c->current, *next;
	struct others o;
	uint64_t now;

	place_look_around(q, &o);
	spin_lock(&q->lock);
	now = time_now();
	if (prev)
		runqueue_charge(prev, q->waiting || o.first != NO_KEY, now);
	if (unlikely(q->parked.root))
		cap_unpark(q, o.first, now);
	next = choose(q, prev, now);
	if (next != prev)
		change(q, prev, next, now);
	if (next && unlikely(next->sched.yielded))
		runqueue_forgive(next);
	if (next && unlikely(next->domain->sched.cap))
		cap_grant(next, now);
	if (next)
		forget(q, prev, next, &o, now);
	runqueue_runs(q, next, now);
	set_timer(q, now);
	if (q->waiting)
		place_offer(q, now);
	spin_unlock(&q->lock);
	return next ? next : c->idle;
}

/* prev's registers are saved and its page tables gone from this CPU. */
void sched_switched(struct vcpu *prev)
{
	struct cpu *c = this_cpu();
	struct runqueue *q = &runqueues[c->id];
	int rest;

	if (prev == c->idle)
		return;
	spin_lock(&q->lock);
	__atomic_store_n(&prev->sched.on_cpu, NULL, __ATOMIC_RELEASE);
	/* Where it rests was seen to by sched_pick(), unless it was woken since. */
	rest = sched_resting_state(prev);
	if (likely(rest == prev->sched.runstate && rest != RUNSTATE_runnable && !sched_null))
		spin_unlock(&q->lock);
	else
		sched_settle(q, prev);
}
