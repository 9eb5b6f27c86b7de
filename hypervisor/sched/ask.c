/* SPDX-License-Identifier: MIT */
/* ask.c - what the tools ask about the scheduler, and what they set.
 *
 * Invariant: the times in a vCPU's run states add up to its age, to the
 * nanosecond: one moment ends one and begins the next.
 */
#include "sched/runqueue.h"

#include "base/errno.h"
#include "time/time.h"

void sched_set_weight(struct domain *d, uint32_t weight, uint32_t cap)
{
	spin_lock(&d->lock);
	if (weight) {			/* it divides */
		d->sched.weight = weight;
		WRITE_ONCE(d->sched.rate, runqueue_rate(weight));
	}
	if (cap != d->sched.cap)
		cap_set(d, cap, time_now());
	spin_unlock(&d->lock);
	/* Who runs looks at his clock. */
	for (uint32_t i = 0; i < d->max_vcpus; i++) {
		struct vcpu *v = READ_ONCE(d->vcpu[i]);
		struct cpu *c = v ? READ_ONCE(v->sched.on_cpu) : NULL;

		if (c)
			cpu_kick(c, CPU_RESCHED);
	}
}

/* --- affinity ---------------------------------------------------------------- */

/* q's lock is released. */
static void set_hard(struct runqueue *q, struct vcpu *v, uint64_t cpus)
{
	v->sched.hard = cpus;
	if (v->sched.queued)		/* its place is chosen anew */
		runqueue_remove(q, v);
	if (!sched_null && !v->sched.on_cpu && !cpu_in(cpus, q->cpu)) {
		unsigned cpu = (unsigned)__builtin_ctzl(cpus & READ_ONCE(cpus_online));

		__atomic_store_n(&v->sched.cpu, cpu, __ATOMIC_RELEASE);
		spin_unlock(&q->lock);
		q = sched_queue_lock(v);
	}
	sched_settle(q, v);
}

int sched_set_hard_affinity(struct vcpu *v, uint64_t cpus)
{
	struct runqueue *q;

	if (!(cpus & READ_ONCE(cpus_online)))
		return -EINVAL;
	q = sched_queue_lock(v);
	if (v->sched.unpinned) {
		spin_unlock(&q->lock);
		return -EBUSY;
	}
	set_hard(q, v, cpus);
	return 0;
}

int sched_set_soft_affinity(struct vcpu *v, uint64_t cpus)
{
	struct runqueue *q = sched_queue_lock(v);
	int rc = v->sched.unpinned ? -EBUSY : 0;

	if (!rc)
		v->sched.soft = cpus;
	spin_unlock(&q->lock);
	return rc;
}

uint64_t sched_hard_affinity(const struct vcpu *v)
{
	return READ_ONCE(v->sched.hard) & READ_ONCE(cpus_online);
}

uint64_t sched_soft_affinity(const struct vcpu *v)
{
	return READ_ONCE(v->sched.soft) & READ_ONCE(cpus_online);
}

int sched_pin_override(struct vcpu *v, int cpu)
{
	uint64_t set = cpu >= 0 && cpu < MAX_CPUS ? 1UL << cpu : 0;
	struct runqueue *q = sched_queue_lock(v);
	uint64_t before = v->sched.unpinned;
	int rc = 0;

	if (cpu < 0 ? !before : !(set & READ_ONCE(cpus_online)))
		rc = -EINVAL;
	else if (cpu >= 0 && before)
		rc = -EBUSY;
	if (rc) {
		spin_unlock(&q->lock);
		return rc;
	}
	v->sched.unpinned = cpu < 0 ? 0 : v->sched.hard;
	set_hard(q, v, cpu < 0 ? before : set);
	return 0;
}

int sched_pinned_cpu(const struct vcpu *v)
{
	uint64_t may = sched_hard_affinity(v);

	return may & (may - 1) ? -1 : __builtin_ctzl(may);
}

bool sched_one_to_one(void)
{
	return sched_null;
}

/* --- asking --------------------------------------------------------------------- */

bool sched_vcpu_is_up(const struct vcpu *v)
{
	return v->sched.up;
}

bool sched_vcpu_blocked(const struct vcpu *v)
{
	return READ_ONCE(v->sched.state) != RUN_RUNNABLE;
}

bool sched_vcpu_running(const struct vcpu *v)
{
	return __atomic_load_n(&v->sched.on_cpu, __ATOMIC_ACQUIRE);
}

uint32_t sched_vcpu_cpu(const struct vcpu *v)
{
	uint32_t cpu = READ_ONCE(v->sched.cpu);

	return cpu < MAX_CPUS ? cpu : 0;
}

uint64_t sched_runstate(struct vcpu *v, struct vcpu_runstate_info *out)
{
	struct sched_vcpu *s = &v->sched;
	struct runqueue *q = sched_queue_lock(v);
	uint64_t now = MAX(time_now(), s->since);

	/* Zeroed by hand: the structure has padding, and goes to guests. */
	__builtin_memset(out, 0, sizeof(*out));
	out->state = s->runstate;
	out->state_entry_time = s->since;
	for (unsigned i = 0; i < 4; i++)
		out->time[i] = s->time[i];
	out->time[s->runstate] += now - s->since;
	spin_unlock(&q->lock);
	return now;
}

uint64_t sched_runtime(struct vcpu *v)
{
	struct vcpu_runstate_info info;

	sched_runstate(v, &info);
	return info.time[RUNSTATE_running];
}

uint64_t sched_idle_time(uint32_t cpu)
{
	struct runqueue *q = &runqueues[cpu];
	uint64_t ns, now;

	spin_lock(&q->lock);
	now = time_now();
	ns = q->idle_time;
	if (!q->running && now > q->idle_since)
		ns += now - q->idle_since;
	spin_unlock(&q->lock);
	return ns;
}
