/* SPDX-License-Identifier: MIT */
/* runqueue.c - weighted virtual time: who had least goes first.
 *
 * Guards: over time every domain with runnable vCPUs gets CPU in proportion to
 * its weight, however many those are, and none waits for ever.
 * Invariant: all queues count the same virtual time: a vCPU's key grows by its
 * CPU time, divided by its part of its domain's weight. How much a key can
 * differ from the others' is bounded, both ways, so that neither time slept nor
 * a CPU had for oneself is remembered for long. The floor never falls.
 */
#include "sched/runqueue.h"

/* No more vCPUs of one queue than this are looked at for another CPU. */
#define LOOK_MAX	64

struct runqueue runqueues[MAX_CPUS + 1];

uint64_t runqueue_rate(uint32_t weight)
{
	return ((uint64_t)DEFAULT_WEIGHT << RATE_BITS) / weight;
}

static struct vcpu *vcpu_of(struct pheap_node *n)
{
	return container_of(n, struct vcpu, sched.node);
}

/* What other CPUs see of the queue. */
static void publish_head(struct runqueue *q)
{
	struct vcpu *first = runqueue_first(q);

	WRITE_ONCE(q->head_key, first ? first->sched.node.key : NO_KEY);
	WRITE_ONCE(q->head_hard, first ? first->sched.hard : 0);
	WRITE_ONCE(q->head_rate, first ? runqueue_rate_of(first) : 0);
}

void runqueue_insert(struct runqueue *q, struct vcpu *v)
{
	struct sched_vcpu *s = &v->sched;

	s->queued = true;
	pheap_insert(&q->heap, &s->node);
	WRITE_ONCE(q->waiting, q->waiting + 1);
	publish_head(q);
}

void runqueue_remove(struct runqueue *q, struct vcpu *v)
{
	if (unlikely(v->sched.parked)) {
		pheap_remove(&q->parked, &v->sched.node);
		v->sched.parked = v->sched.queued = false;
		v->sched.node.key = v->sched.parked_key;
		return;
	}
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

void runqueue_charge(struct vcpu *v, bool contended, uint64_t now)
{
	struct sched_vcpu *s = &v->sched;
	struct domain *d = v->domain;
	uint64_t ns;

	if (now <= s->charged)
		return;
	ns = now - s->charged;
	s->charged = now;
	s->node.key = MIN(s->node.key + runqueue_weighted(v, ns), KEY_MAX);
	if (unlikely(d->sched.cap))
		s->granted -= (int64_t)ns;
	if (contended && d->max_vcpus > 1)
		__atomic_fetch_add(&d->sched.had, runqueue_at_rate(d->sched.rate, ns),
				   __ATOMIC_RELAXED);
}

void runqueue_step_back(struct runqueue *q, struct vcpu *v)
{
	uint64_t behind = runqueue_weighted(v, MARGIN) + 1;
	struct vcpu *first = runqueue_first(q);

	if (first->sched.yielded) {	/* or two would drive each other's keys up */
		runqueue_remove(q, first);
		runqueue_forgive(first);
		runqueue_insert(q, first);
	}
	behind += first->sched.node.key;
	if (behind > v->sched.node.key) {
		v->sched.yielded += behind - v->sched.node.key;
		v->sched.node.key = behind;
	}
}

void runqueue_bound(const struct runqueue *q, struct vcpu *v, const struct others *o)
{
	struct sched_vcpu *s = &v->sched;
	uint64_t rate = runqueue_rate_of(v), first = MIN(q->head_key, o->first);
	uint64_t slack = runqueue_at_rate(rate, SLACK);

	if (s->node.key + slack < q->floor)
		s->node.key = q->floor - slack;
	else if (s->node.key > first && s->node.key - first > runqueue_at_rate(rate, LEAD))
		s->node.key = first + runqueue_at_rate(rate, LEAD);
}

void runqueue_bound_waker(const struct runqueue *q, struct vcpu *v, const struct others *o)
{
	struct domain *d = v->domain;

	if (d->max_vcpus == 1) {
		runqueue_bound(q, v, o);
		return;
	}
	/* Or vCPUs that sleep in turn would each start SLACK behind. */
	v->sched.node.key = MAX(v->sched.node.key, READ_ONCE(d->sched.had));
	runqueue_bound(q, v, o);
	WRITE_ONCE(d->sched.had, v->sched.node.key);
}

void runqueue_limit_lag(struct vcpu *v, uint64_t key, uint64_t rate)
{
	uint64_t lag;

	if (key == NO_KEY)
		return;
	/* One that far ahead of v has taken its turn, and v had all there was. */
	lag = runqueue_weighted(v, SLACK) + runqueue_at_rate(rate, LAG);
	if (v->sched.node.key + lag < key)
		v->sched.node.key = key - lag;
}

void runqueue_runs(struct runqueue *q, struct vcpu *v, uint64_t now)
{
	q->running = v;
	WRITE_ONCE(q->run_rate, v ? runqueue_rate_of(v) : 0);
	WRITE_ONCE(q->run_since, now);
	if (v) {
		WRITE_ONCE(q->run_key, v->sched.node.key);
		WRITE_ONCE(q->run_hard, v->sched.hard);
	}
}

uint64_t runqueue_gives_way(const struct runqueue *q, uint64_t key, uint64_t ns,
			    uint64_t now)
{
	uint64_t rate = READ_ONCE(q->run_rate), since = READ_ONCE(q->run_since);
	uint64_t had = READ_ONCE(q->run_key);

	if (!rate)
		return NO_KEY;
	if (now > since)
		had += runqueue_at_rate(rate, now - since);
	if (had < key || had - key <= runqueue_at_rate(rate, ns))
		return 0;
	return had - key;
}

uint64_t runqueue_turn(const struct runqueue *q)
{
	uint64_t behind = q->head_key - q->run_key;

	if (q->head_key <= q->run_key)
		return TURN;
	if (behind >= runqueue_at_rate(q->run_rate, SLACK))
		return TURN + SLACK;
	return TURN + (behind << RATE_BITS) / q->run_rate;
}
