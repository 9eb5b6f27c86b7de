/* SPDX-License-Identifier: MIT */
/* runqueue.c - weighted virtual time: who had least goes first.
 *
 * Guards: over time every runnable vCPU gets CPU in proportion to its
 * weight, and none waits for ever.
 * Invariant: nobody enters the queue further than SLACK behind the floor,
 * so time slept is not saved up to starve others with; the floor never
 * falls.
 */
#include "sched/runqueue.h"

#define DEFAULT_WEIGHT	256
/* How far ahead of the others a waker starts: it runs soon, for so long. */
#define SLACK		10000000UL
/* A difference not worth a switch. */
#define MARGIN		1000000UL

static uint64_t weighted(const struct vcpu *v, uint64_t ns)
{
	return ns * DEFAULT_WEIGHT / v->domain->sched.weight;
}

void runqueue_insert(struct runqueue *q, struct vcpu *v)
{
	struct sched_vcpu *s = &v->sched;

	if (s->node.key + SLACK < q->floor)
		s->node.key = q->floor - SLACK;
	s->queued = true;
	pheap_insert(&q->heap, &s->node);
}

void runqueue_remove(struct runqueue *q, struct vcpu *v)
{
	pheap_remove(&q->heap, &v->sched.node);
	v->sched.queued = false;
}

struct vcpu *runqueue_first(struct runqueue *q)
{
	return q->heap.root ? container_of(q->heap.root, struct vcpu, sched.node) : NULL;
}

void runqueue_take(struct runqueue *q, struct vcpu *v)
{
	runqueue_remove(q, v);
	if (v->sched.node.key > q->floor)
		q->floor = v->sched.node.key;
}

void runqueue_charge(struct vcpu *v, uint64_t ns)
{
	v->sched.node.key += weighted(v, ns);
}

void runqueue_step_back(struct runqueue *q, struct vcpu *v)
{
	struct vcpu *first = runqueue_first(q);

	if (first && first->sched.node.key >= v->sched.node.key)
		v->sched.node.key = first->sched.node.key + 1;
}

bool runqueue_preempts(const struct vcpu *v, const struct vcpu *running, uint64_t ns)
{
	return v->sched.node.key + MARGIN <
	       running->sched.node.key + weighted(running, ns);
}
