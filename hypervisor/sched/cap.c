/* SPDX-License-Identifier: MIT */
/* cap.c - no more than so much of a CPU, even if it is idle otherwise.
 *
 * Guards: in each period the vCPUs of a capped domain run for the cap's part
 * of it, all together. What was overrun (a timer is late) is missing in the
 * next period, so it does not add up; of what was left over, one period's worth is kept.
 * A vCPU runs on grants out of what is left. When nothing is, it is parked in
 * its queue until the next period.
 */
#include "sched/runqueue.h"

#define PERIOD		10000000UL
/* A grant is this part of the cap, so that vCPUs share it, within bounds: a
 * timer cannot be set for less. */
#define GRANTS		4
#define GRANT_MIN	100000L
#define GRANT_MAX	2000000L
/* A vCPU that had run alone for seconds when the cap was set owes nothing. */
#define DEBT_MAX	100000000L

static int64_t quota(const struct sched_domain *d)
{
	return (int64_t)d->cap * (int64_t)(PERIOD / 100);
}

/* d's cap_lock is held. */
static void renew(struct sched_domain *d, uint64_t now)
{
	uint64_t periods;

	if (now < d->cap_since + PERIOD)
		return;
	periods = (now - d->cap_since) / PERIOD;
	d->cap_since += periods * PERIOD;
	/* No debt is that old; a longer time would only overflow. */
	d->cap_left += (int64_t)MIN(periods, 1000UL) * quota(d);
	d->cap_left = MIN(d->cap_left, 2 * quota(d));
}

/* Not all domains' periods begin at once. */
void cap_set(struct domain *d, uint32_t cap, uint64_t now)
{
	spin_lock(&d->sched.cap_lock);
	WRITE_ONCE(d->sched.cap, cap);
	d->sched.cap_left = 0;
	d->sched.cap_since = now - d->id * (PERIOD * 3 / 8) % PERIOD;
	spin_unlock(&d->sched.cap_lock);
}

bool cap_permits(struct vcpu *v, uint64_t now)
{
	struct sched_domain *d = &v->domain->sched;
	bool left;

	if (likely(!d->cap) || v->sched.granted > 0)
		return true;
	spin_lock(&d->cap_lock);
	renew(d, now);
	left = d->cap_left > 0;
	spin_unlock(&d->cap_lock);
	return left;
}

/* What it has had beyond its last grant is part of the next. */
void cap_grant(struct vcpu *v, uint64_t now)
{
	struct sched_domain *d = &v->domain->sched;
	int64_t grant = MIN(MAX(quota(d) / GRANTS, GRANT_MIN), GRANT_MAX);

	if (v->sched.granted > 0)
		return;
	spin_lock(&d->cap_lock);
	renew(d, now);
	d->cap_left = MAX(d->cap_left + v->sched.granted, -DEBT_MAX) - grant;
	spin_unlock(&d->cap_lock);
	v->sched.granted = grant;
}

void cap_give_back(struct vcpu *v)
{
	struct sched_domain *d = &v->domain->sched;

	spin_lock(&d->cap_lock);
	if (d->cap)
		d->cap_left = MAX(d->cap_left + v->sched.granted, -DEBT_MAX);
	spin_unlock(&d->cap_lock);
	v->sched.granted = 0;
}

void cap_park(struct runqueue *q, struct vcpu *v, uint64_t now)
{
	struct sched_vcpu *s = &v->sched;
	struct sched_domain *d = &v->domain->sched;
	uint64_t since;

	spin_lock(&d->cap_lock);
	renew(d, now);
	since = d->cap_since;
	spin_unlock(&d->cap_lock);
	s->parked_key = s->node.key;
	s->node.key = since + PERIOD;
	s->parked = s->queued = true;
	pheap_insert(&q->parked, &s->node);
}

void cap_unpark(struct runqueue *q, uint64_t first, uint64_t now)
{
	while (q->parked.root && q->parked.root->key <= now) {
		struct vcpu *v = container_of(q->parked.root, struct vcpu, sched.node);

		runqueue_remove(q, v);
		/* It did not wait for a CPU: it has nothing to catch up with. */
		first = MIN(first, q->head_key);
		v->sched.node.key = MAX(v->sched.node.key,
					first == NO_KEY ? q->floor : first);
		runqueue_insert(q, v);
	}
}
