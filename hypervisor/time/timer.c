/* SPDX-License-Identifier: MIT */
/* timer.c - who wants to be told when.
 *
 * Guards: a timer is in at most one CPU's queue, and the hardware is armed
 * for no later than the earliest of them.
 * A timer is set by one CPU at a time: by its vCPU's own (singleshot, periodic)
 * or under a lock (poll: SCHED, watchdog: DOMAIN). Meanwhile any CPU may take or
 * stop it, by the lock of the queue it is in. One that was taken just before it
 * was stopped is still served, late by that much: what it means is looked at
 * then, and its owner's memory stays until every CPU has been at its exit.
 * Invariant: `armed` is when the interrupt will come; it is left alone when
 * it comes earlier than needed, because a spare interrupt costs less than
 * changing the hardware's mind at every block and wake.
 * Not here: what being due means (traps/exit.c).
 */
#include "time/time.h"

/* The hardware is never armed for less, so a guest that asks for a storm of
 * timers gets at most this many; Xen's figure, guests are used to it. */
#define TIMER_SLOP	50000UL
#define NEVER		(~0UL)

struct timer_queue {
	/* TIMER lock */
	struct spinlock lock;
	struct pheap heap;
	uint64_t armed;
};

static struct timer_queue queues[MAX_CPUS];

/* Renews the stamp of a vCPU that runs for long. */
#define CLOCK_PERIOD	NS_PER_SECOND
static struct timer clock_tick[MAX_CPUS];

void timer_init(void)
{
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		spin_init(&queues[i].lock, RANK_TIMER);
		queues[i].armed = NEVER;
	}
}

static void rearm(struct timer_queue *q, uint64_t now)
{
	uint64_t at = q->heap.root->key;

	if (at <= now) {		/* no interrupt needed: we are inside */
		q->armed = now;
		cpu_pend(this_cpu(), CPU_TIMER);
		return;
	}
	if (at < now + TIMER_SLOP)
		at = now + TIMER_SLOP;
	if (at < q->armed) {
		q->armed = at;
		apic_timer_arm(at - now);
	}
}

void timer_stop(struct timer *t)
{
	struct timer_queue *q = READ_ONCE(t->queue);

	if (!q)
		return;
	spin_lock(&q->lock);
	if (t->queue) {			/* else its CPU has just taken it */
		pheap_remove(&q->heap, &t->node);
		t->queue = NULL;
	}
	spin_unlock(&q->lock);
}

/* tour 18: a guest asks to be woken; the local APIC is armed for the first in the queue. */
void timer_set(struct timer *t, uint64_t deadline)
{
	struct timer_queue *q = &queues[this_cpu()->id];

	timer_stop(t);
	spin_lock(&q->lock);
	t->node.key = deadline;
	t->queue = q;
	pheap_insert(&q->heap, &t->node);
	if (deadline < q->armed)
		rearm(q, time_now());
	spin_unlock(&q->lock);
}

void timer_start_clock(void)
{
	struct timer *t = &clock_tick[this_cpu()->id];

	t->kind = TIMER_CLOCK;
	timer_set(t, time_now() + CLOCK_PERIOD);
}

static struct timer *take_due(void)
{
	struct timer_queue *q = &queues[this_cpu()->id];
	uint64_t now = time_now();
	struct timer *t = NULL;

	spin_lock(&q->lock);
	q->armed = NEVER;		/* it fired: that is why we are asked */
	if (q->heap.root) {
		if (q->heap.root->key <= now) {
			t = container_of(q->heap.root, struct timer, node);
			pheap_remove(&q->heap, &t->node);
			t->queue = NULL;
		} else {
			rearm(q, now);
		}
	}
	spin_unlock(&q->lock);
	return t;
}

struct timer *time_take_due(void)
{
	struct cpu *c = this_cpu();
	struct timer *t = take_due();

	while (unlikely(t && t->kind == TIMER_CLOCK)) {
		if (c->current != c->idle)
			time_publish(c->current);
		timer_start_clock();
		clock_check();
		watchdog_tick();
		t = take_due();
	}
	return t;
}

/* --- the timers of domains and vCPUs ---------------------------------------- */

/* A PV vCPU ticks at 100 Hz until its kernel says otherwise: the ABI's habit. */
#define DEFAULT_PERIOD	(10 * NS_PER_MS)

void time_domain_init(struct domain *d)
{
	guest_tsc_set(d, TSC_MODE_DEFAULT, 0, 0);
	d->time.tsc.incarnation = !d->control;
	for (unsigned i = 0; i < TIME_NR_WATCHDOGS; i++) {
		d->time.watchdog[i].kind = TIMER_WATCHDOG;
		d->time.watchdog[i].index = (uint8_t)i;
	}
	d->time.trace.kind = TIMER_TRACE;
}

void time_vcpu_init(struct vcpu *v)
{
	struct time_vcpu *t = &v->time;

	t->singleshot.kind = TIMER_SINGLESHOT;
	t->periodic.kind = TIMER_PERIODIC;
	t->poll.kind = TIMER_POLL;
	t->period = DEFAULT_PERIOD;
}

void time_domain_stop(struct domain *d)
{
	for (unsigned i = 0; i < TIME_NR_WATCHDOGS; i++)
		timer_stop(&d->time.watchdog[i]);
	timer_stop(&d->time.trace);
	for (uint32_t i = 0; i < d->max_vcpus; i++) {
		struct time_vcpu *t = d->vcpu[i] ? &d->vcpu[i]->time : NULL;

		if (!t)
			continue;
		timer_stop(&t->singleshot);
		timer_stop(&t->periodic);
		timer_stop(&t->poll);
	}
}

void time_periodic_rearm(struct vcpu *v)
{
	struct time_vcpu *t = &v->time;

	uint64_t period = READ_ONCE(t->period);

	if (!period)
		return;
	t->last_tick = time_now();
	timer_set(&t->periodic, t->last_tick + period);
}

void time_switch_in(struct vcpu *v)
{
	struct time_vcpu *t = &v->time;
	uint64_t period = READ_ONCE(t->period), due = t->last_tick + period;

	if (!period)
		return;
	if (due <= time_now()) {
		vcpu_pend(v, VCPU_TIMER);
		time_periodic_rearm(v);
	} else {
		timer_set(&t->periodic, due);
	}
}

void time_switch_out(struct vcpu *v)
{
	timer_stop(&v->time.periodic);
}

void time_restart_period(struct vcpu *v)
{
	timer_stop(&v->time.periodic);
	v->time.last_tick = time_now();
	time_periodic_rearm(v);
}

void time_set_period(struct vcpu *v, uint64_t ns)
{
	WRITE_ONCE(v->time.period, ns);
	if (v == current())
		time_restart_period(v);
	else
		vcpu_pend(v, VCPU_PERIOD);
}
