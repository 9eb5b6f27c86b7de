/* SPDX-License-Identifier: MIT */
/* runqueue.c - weighted virtual time: who had least goes first.
 *
 * Guards: over time every domain with runnable vCPUs gets CPU in proportion to
 * its weight, however many those are, and none waits for ever.
 * Invariant: all queues count the same virtual time: a vCPU's key grows by its
 * CPU time, divided by its part of its domain's weight. Nobody enters a queue
 * further than SLACK behind its floor, so that time slept is not saved up to
 * starve others with, nor further than LEAD ahead of it, so that a CPU had for
 * oneself is not paid for later. The floor never falls.
 */
#include "sched/runqueue.h"

#define DEFAULT_WEIGHT	256UL
/* Rates have so many bits after the point. */
#define RATE_BITS	24
/* Far beyond all uptimes; who gets there is first come, first served. */
#define KEY_MAX		(~0UL >> 1)
/* No more vCPUs of one queue than this are looked at for another CPU. */
#define LOOK_MAX	64

struct runqueue runqueues[MAX_CPUS];

uint64_t runqueue_rate(uint32_t weight)
{
	return (DEFAULT_WEIGHT << RATE_BITS) / weight;
}

static uint64_t rate_of(const struct vcpu *v)
{
	const struct sched_domain *d = &v->domain->sched;
	uint32_t active = READ_ONCE(d->active);

	return d->rate * (active ? active : 1);
}

static uint64_t at_rate(uint64_t rate, uint64_t ns)
{
	return (uint64_t)((unsigned __int128)ns * rate >> RATE_BITS);
}

uint64_t runqueue_weighted(const struct vcpu *v, uint64_t ns)
{
	return at_rate(rate_of(v), ns);
}

static struct vcpu *vcpu_of(struct pheap_node *n)
{
	return container_of(n, struct vcpu, sched.node);
}

struct vcpu *runqueue_first(const struct runqueue *q)
{
	return q->heap.root ? vcpu_of(q->heap.root) : NULL;
}

/* What other CPUs see of the queue. */
static void publish_head(struct runqueue *q)
{
	struct vcpu *first = runqueue_first(q);

	WRITE_ONCE(q->head_key, first ? first->sched.node.key : NO_KEY);
	WRITE_ONCE(q->head_hard, first ? first->sched.hard : 0);
}

void runqueue_insert(struct runqueue *q, struct vcpu *v)
{
	struct sched_vcpu *s = &v->sched;
	uint64_t rate = rate_of(v);
	uint64_t slack = at_rate(rate, SLACK), lead = at_rate(rate, LEAD);

	if (s->node.key + slack < q->floor)
		s->node.key = q->floor - slack;
	else if (s->node.key > q->floor + lead)
		s->node.key = q->floor + lead;
	s->queued = true;
	pheap_insert(&q->heap, &s->node);
	WRITE_ONCE(q->waiting, q->waiting + 1);
	publish_head(q);
}

void runqueue_remove(struct runqueue *q, struct vcpu *v)
{
	pheap_remove(&q->heap, &v->sched.node);
	v->sched.queued = false;
	WRITE_ONCE(q->waiting, q->waiting - 1);
	publish_head(q);
}

/* The node after n and all below it, as one walks the heap from the top. */
static struct pheap_node *beside(struct pheap_node *n)
{
	while (n && !n->next) {
		while (n->prev && n->prev->child != n)
			n = n->prev;
		n = n->prev;
	}
	return n ? n->next : NULL;
}

struct vcpu *runqueue_first_for(const struct runqueue *q, unsigned cpu)
{
	struct pheap_node *n = q->heap.root, *best = NULL;

	for (unsigned i = 0; n && i < LOOK_MAX; i++) {
		if (cpu_in(vcpu_of(n)->sched.hard, cpu)) {
			if (!best || n->key < best->key)
				best = n;
			n = beside(n);		/* what is below it comes later */
		} else {
			n = n->child ? n->child : beside(n);
		}
	}
	return best ? vcpu_of(best) : NULL;
}

void runqueue_charge(struct vcpu *v, uint64_t now)
{
	struct sched_vcpu *s = &v->sched;

	if (now <= s->charged)
		return;
	s->node.key = MIN(s->node.key + runqueue_weighted(v, now - s->charged), KEY_MAX);
	s->charged = now;
}

void runqueue_step_back(const struct runqueue *q, struct vcpu *v)
{
	const struct vcpu *first = runqueue_first(q);
	uint64_t margin = runqueue_weighted(v, MARGIN) + 1;

	if (first && first->sched.node.key + margin > v->sched.node.key)
		v->sched.node.key = first->sched.node.key + margin;
}

void runqueue_runs(struct runqueue *q, struct vcpu *v, uint64_t now)
{
	uint64_t slack, least;

	q->running = v;
	if (!v) {
		WRITE_ONCE(q->run_rate, 0);
		return;
	}
	/* Nobody is served so much better than the others that he could stay
	 * further behind than this: he had all there was. */
	slack = runqueue_weighted(v, SLACK);
	if (q->head_key != NO_KEY && v->sched.node.key + slack < q->head_key)
		v->sched.node.key = q->head_key - slack;
	least = MIN(v->sched.node.key, q->head_key);
	if (least > q->floor)
		q->floor = least;
	WRITE_ONCE(q->run_key, v->sched.node.key);
	WRITE_ONCE(q->run_since, now);
	WRITE_ONCE(q->run_rate, rate_of(v));
}

uint64_t runqueue_gives_way(const struct runqueue *q, uint64_t key, uint64_t ns,
			    uint64_t now)
{
	uint64_t rate = READ_ONCE(q->run_rate), since = READ_ONCE(q->run_since);
	uint64_t had = READ_ONCE(q->run_key);

	if (!rate)
		return NO_KEY;
	if (now > since)
		had += at_rate(rate, now - since);
	if (had < key || had - key <= at_rate(rate, ns))
		return 0;
	return had - key;
}

uint64_t runqueue_turn(const struct runqueue *q)
{
	uint64_t behind = q->head_key - q->run_key;

	if (q->head_key <= q->run_key)
		return TURN;
	if (behind >= at_rate(q->run_rate, SLACK))
		return TURN + SLACK;
	return TURN + (behind << RATE_BITS) / q->run_rate;
}
