/* SPDX-License-Identifier: MIT */
/* place.c - on which CPU a vCPU waits and runs.
 *
 * Guards: no CPU idles while a vCPU waits that may run there, and none runs a
 * vCPU that is far ahead of one waiting elsewhere.
 * Invariant: a CPU says that it is idle before it looks at the other queues
 * for the last time, and a vCPU is in a queue before anybody looks for an idle
 * CPU for it: one of the two finds the other.
 * Other CPUs' queues are read without their locks: what is read is a hint, and
 * is looked at again under the lock by who acts on it.
 */
#include "sched/runqueue.h"

#include "cpu/cpus.h"

/* Who has run for so long without a look at the others looks again when one of
 * them waits: what he had is known better then. */
#define STALE		(4 * TURN)

/* Bit per CPU that runs somebody, or was told to. */
static uint64_t busy_cpus;

void place_set_busy(unsigned cpu, bool busy)
{
	if (busy)
		__atomic_fetch_or(&busy_cpus, 1UL << cpu, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&busy_cpus, ~(1UL << cpu), __ATOMIC_SEQ_CST);
}

/* One idle CPU of the set, now busy with coming; MAX_CPUS if there is none. */
static unsigned claim_idle(uint64_t set)
{
	uint64_t idle;

	while ((idle = set & ~__atomic_load_n(&busy_cpus, __ATOMIC_SEQ_CST))) {
		unsigned cpu = (unsigned)__builtin_ctzl(idle);

		if (!(__atomic_fetch_or(&busy_cpus, 1UL << cpu, __ATOMIC_SEQ_CST) >> cpu & 1))
			return cpu;
	}
	return MAX_CPUS;
}

/* The CPU of the set that runs who is furthest ahead of `key`, and far enough. */
static unsigned find_ahead(uint64_t set, unsigned home, uint64_t key, uint64_t now)
{
	unsigned best = MAX_CPUS;
	uint64_t most = 0;

	for (; set; set &= set - 1) {
		unsigned cpu = (unsigned)__builtin_ctzl(set);
		uint64_t lead = runqueue_gives_way(&runqueues[cpu], key,
						   cpu == home ? MARGIN : MARGIN_FAR, now);

		if (lead > most || (lead && lead == most && cpu == home)) {
			most = lead;
			best = cpu;
		}
	}
	return best;
}

/* A CPU of the set that has not looked around for long. */
static unsigned find_old(uint64_t set, uint64_t now)
{
	for (; set; set &= set - 1) {
		unsigned cpu = (unsigned)__builtin_ctzl(set);
		uint64_t since = READ_ONCE(runqueues[cpu].run_since);

		if (since + STALE < now)
			return cpu;
	}
	return MAX_CPUS;
}

static unsigned shortest_queue(uint64_t set)
{
	unsigned best = (unsigned)__builtin_ctzl(set);

	for (; set; set &= set - 1) {
		unsigned cpu = (unsigned)__builtin_ctzl(set);

		if (READ_ONCE(runqueues[cpu].waiting) < READ_ONCE(runqueues[best].waiting))
			best = cpu;
	}
	return best;
}

unsigned place_choose(const struct runqueue *q, const struct vcpu *v, uint64_t now)
{
	uint64_t others = other_cpus(q), may = v->sched.hard & (others | 1UL << q->cpu);
	bool here = cpu_in(may, q->cpu);
	unsigned cpu;

	if (likely(!others) || !may)
		return q->cpu;
	if (here && cpu_in(v->sched.soft, q->cpu) && !q->running &&
	    claim_idle(1UL << q->cpu) == q->cpu)
		return q->cpu;
	cpu = claim_idle(may & v->sched.soft);
	if (cpu == MAX_CPUS)
		cpu = claim_idle(may);
	if (cpu == MAX_CPUS)
		cpu = find_ahead(may, q->cpu, v->sched.node.key, now);
	if (cpu == MAX_CPUS)
		cpu = here ? q->cpu : shortest_queue(may);
	return cpu;
}

void place_offer(const struct runqueue *q, uint64_t now)
{
	uint64_t may = q->head_hard & other_cpus(q);
	unsigned cpu = MAX_CPUS;

	if (likely(!may))
		return;
	for (uint32_t i = 0; i < q->waiting && (cpu = claim_idle(may)) != MAX_CPUS; i++)
		cpu_kick(cpu_of(cpu), CPU_RESCHED);
	if (cpu != MAX_CPUS)
		return;
	cpu = find_ahead(may, q->cpu, q->head_key, now);
	if (cpu == MAX_CPUS)
		cpu = find_old(may, now);
	if (cpu != MAX_CPUS)
		cpu_kick(cpu_of(cpu), CPU_RESCHED);
}

/* The queue out of `set` to take from. Who has nobody to run looks into all. */
static struct runqueue *best_queue(uint64_t set, unsigned cpu, uint64_t limit)
{
	struct runqueue *best = NULL;

	for (; set; set &= set - 1) {
		struct runqueue *q = &runqueues[__builtin_ctzl(set)];
		uint64_t key = READ_ONCE(q->head_key);

		if (key >= limit || (limit != NO_KEY &&
				     (!cpu_in(READ_ONCE(q->head_hard), cpu) || limit - key <=
				      runqueue_at_rate(READ_ONCE(q->head_rate), MARGIN))))
			continue;
		if (!best || key < READ_ONCE(best->head_key))
			best = q;
	}
	return best;
}

bool place_may_steal(const struct runqueue *q, uint64_t limit)
{
	return best_queue(other_cpus(q), q->cpu, limit);
}

void place_look_at(uint64_t set, unsigned cpu, struct others *o)
{
	for (; set; set &= set - 1) {
		const struct runqueue *r = &runqueues[__builtin_ctzl(set)];
		uint64_t key = READ_ONCE(r->head_key);

		if (key < o->first && cpu_in(READ_ONCE(r->head_hard), cpu)) {
			o->first = key;
			o->first_rate = READ_ONCE(r->head_rate);
		}
		if (READ_ONCE(r->run_rate) && cpu_in(READ_ONCE(r->run_hard), cpu))
			o->least = MIN(o->least, READ_ONCE(r->run_key));
	}
	o->least = MIN(o->least, o->first);
}

/* Whom the cap forbids makes room for those behind: they could be missed. */
static struct vcpu *first_permitted(struct runqueue *from, unsigned cpu, uint64_t now)
{
	struct vcpu *v;

	while ((v = runqueue_first_for(from, cpu)) && !cap_permits(v, now)) {
		runqueue_remove(from, v);
		cap_park(from, v, now);
	}
	return v;
}

struct vcpu *place_steal(const struct runqueue *q, uint64_t limit, uint64_t now,
			 uint64_t *level)
{
	uint64_t left = other_cpus(q);
	struct runqueue *from;

	while ((from = best_queue(left, q->cpu, limit))) {
		struct vcpu *v;

		left &= ~(1UL << from->cpu);
		spin_lock(&from->lock);
		v = first_permitted(from, q->cpu, now);
		if (v && (limit == NO_KEY ||
			  v->sched.node.key + runqueue_weighted(v, MARGIN) < limit)) {
			runqueue_remove(from, v);
			*level = MIN(v->sched.node.key, from->floor);
			v->sched.on_cpu = cpu_of(q->cpu);
			/* The last write: from here on q's lock guards it. */
			__atomic_store_n(&v->sched.cpu, q->cpu, __ATOMIC_RELEASE);
			spin_unlock(&from->lock);
			return v;
		}
		spin_unlock(&from->lock);
	}
	return NULL;
}
