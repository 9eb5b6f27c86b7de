/* SPDX-License-Identifier: MIT */
/* null.c - option sched=null: one vCPU a CPU, and no scheduling at all.
 *
 * Guards: a CPU has one owner at most, the only vCPU that is ever in its queue;
 * a vCPU owns a CPU from the first time it wants to run until it goes down, its
 * domain ends or it may not run there any more.
 * Invariant: who finds no CPU free is in the waiting room, a queue that no CPU
 * serves, before it looks for the last time; who leaves a CPU looks into the
 * room afterwards. One of the two finds the other.
 */
#include "sched/runqueue.h"

#include "time/time.h"

AFTER_BOOT_RO bool sched_null;

static struct vcpu *owners[MAX_CPUS];

/* A free CPU that v may have, and has now; MAX_CPUS if there is none. */
static unsigned take_seat(struct vcpu *v)
{
	uint64_t may = v->sched.hard & READ_ONCE(cpus_online);

	for (; may; may &= may - 1) {
		unsigned cpu = (unsigned)__builtin_ctzl(may);
		struct vcpu *nobody = NULL;

		if (__atomic_compare_exchange_n(&owners[cpu], &nobody, v, false,
						__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return cpu;
	}
	return MAX_CPUS;
}

static bool owns(const struct runqueue *q, const struct vcpu *v)
{
	return q->cpu < MAX_CPUS && READ_ONCE(owners[q->cpu]) == v;
}

/* From q, locked, to another queue, locked when it returns. */
static struct runqueue *move(struct runqueue *q, struct vcpu *v, unsigned cpu)
{
	if (cpu == q->cpu)
		return q;
	__atomic_store_n(&v->sched.cpu, cpu, __ATOMIC_RELEASE);
	spin_unlock(&q->lock);
	return sched_queue_lock(v);
}

/* q's lock is released. */
static void start(struct runqueue *q, struct vcpu *v)
{
	if (!v->sched.queued && !v->sched.on_cpu && sched_may_run(v)) {
		runqueue_insert(q, v);
		if (q->cpu < MAX_CPUS)
			cpu_kick(cpu_of(q->cpu), CPU_RESCHED);
	}
	spin_unlock(&q->lock);
}

/* The CPU is free: who has waited longest of those that may have it? */
static void invite(unsigned cpu)
{
	struct runqueue *room = &runqueues[WAITING_ROOM];
	struct vcpu *v, *nobody = NULL;

	spin_lock(&room->lock);
	v = runqueue_first_for(room, cpu);
	if (!v || !__atomic_compare_exchange_n(&owners[cpu], &nobody, v, false,
					       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
		spin_unlock(&room->lock);
		return;
	}
	runqueue_remove(room, v);
	start(move(room, v, cpu), v);
}

/* v, which q's lock guards, has no claim to q's CPU any more, if it had one. */
static bool leave_seat(struct runqueue *q, struct vcpu *v)
{
	if (!owns(q, v) || (v->sched.up && v->domain->life == DOMAIN_ALIVE &&
			    cpu_in(v->sched.hard, q->cpu)))
		return false;
	__atomic_store_n(&owners[q->cpu], NULL, __ATOMIC_SEQ_CST);
	return true;
}

void null_rests(struct runqueue *q, struct vcpu *v)
{
	bool left = leave_seat(q, v);

	spin_unlock(&q->lock);
	if (left)
		invite(q->cpu);
}

void null_enqueue(struct runqueue *q, struct vcpu *v)
{
	unsigned before = leave_seat(q, v) ? q->cpu : MAX_CPUS, cpu;

	if (owns(q, v)) {
		start(q, v);
		return;
	}
	cpu = take_seat(v);
	if (cpu == MAX_CPUS) {
		v->sched.node.key = time_now();	/* first come, first served */
		q = move(q, v, WAITING_ROOM);
		start(q, v);
		spin_lock(&q->lock);
		if (v->sched.cpu == WAITING_ROOM && v->sched.queued)
			cpu = take_seat(v);
		if (cpu != MAX_CPUS)
			runqueue_remove(q, v);
	}
	if (cpu != MAX_CPUS)
		start(move(q, v, cpu), v);
	else
		spin_unlock(&q->lock);
	if (before != MAX_CPUS)
		invite(before);
}
