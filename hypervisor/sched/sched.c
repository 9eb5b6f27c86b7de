/* SPDX-License-Identifier: MIT */
/* sched.c - blocking, waking, pausing.
 *
 * Guards: a vCPU runs only while it is up, wants to and its domain may; no
 * wake-up is lost.
 * Invariant: after every change sched_settle() makes queue and run state agree
 * with what the vCPU wants; a vCPU on a CPU is never queued. A domain that
 * is stopped from below (crash, shutdown) only sets flags: its vCPUs leave
 * the queue when their turn comes.
 * One queue's lock is held at a time. A vCPU goes from one queue to another
 * while it waits in neither, and who finds it in between settles it there.
 * Not here: the order (runqueue.c), whose turn it is (pick.c), which CPU
 * (place.c), registers (traps/switch.c), copies in guest memory (ops_areas.c).
 */
#include "sched/sched.h"

#include "base/errno.h"
#include "sched/runqueue.h"
#include "time/time.h"

void sched_init(bool null)
{
	sched_null = null;
	for (unsigned i = 0; i <= WAITING_ROOM; i++) {
		struct runqueue *q = &runqueues[i];

		spin_init(&q->lock, RANK_SCHED);
		q->cpu = i;
		q->head_key = NO_KEY;
		q->slice.kind = TIMER_SLICE;
		q->idle_since = time_now();
	}
}

void sched_domain_init(struct domain *d)
{
	d->sched.weight = DEFAULT_WEIGHT;
	d->sched.rate = runqueue_rate(DEFAULT_WEIGHT);
	spin_init(&d->sched.cap_lock, RANK_CAP);
}

void sched_vcpu_init(struct vcpu *v)
{
	struct sched_vcpu *s = &v->sched;

	s->state = RUN_RUNNABLE;
	s->runstate = RUNSTATE_offline;
	s->since = s->made = time_now();
	s->cpu = this_cpu()->id;
	s->hard = s->soft = ~0UL;
}

struct runqueue *sched_queue_lock(const struct vcpu *v)
{
	for (;;) {
		uint32_t cpu = __atomic_load_n(&v->sched.cpu, __ATOMIC_ACQUIRE);
		struct runqueue *q = &runqueues[cpu];

		spin_lock(&q->lock);
		if (likely(READ_ONCE(v->sched.cpu) == cpu))
			return q;
		spin_unlock(&q->lock);
	}
}

bool sched_may_run(const struct vcpu *v)
{
	return v->sched.state == RUN_RUNNABLE && v->sched.up && !v->sched.held &&
	       !domain_stopped(v->domain);
}

int sched_resting_state(const struct vcpu *v)
{
	if (v->sched.state != RUN_RUNNABLE)
		return RUNSTATE_blocked;
	return sched_may_run(v) ? RUNSTATE_runnable : RUNSTATE_offline;
}

static bool wants_cpu(int runstate)
{
	return runstate == RUNSTATE_running || runstate == RUNSTATE_runnable;
}

/* The time up to now belongs to the old run state. Another CPU's clock may be
 * a little ahead of this one's. */
void sched_account(struct vcpu *v, int runstate, uint64_t now)
{
	struct sched_vcpu *s = &v->sched;

	if (s->runstate == runstate)
		return;
	if (wants_cpu(s->runstate) != wants_cpu(runstate))
		__atomic_fetch_add(&v->domain->sched.active, wants_cpu(runstate) ? 1 : -1,
				   __ATOMIC_RELAXED);
	now = MAX(now, s->since);
	s->time[s->runstate] += now - s->since;
	s->runstate = runstate;
	s->since = now;
}

/* q is this CPU's, and somebody waits: who runs there has his turn, no more. */
static void end_turn(struct runqueue *q)
{
	uint64_t at = q->run_since + runqueue_turn(q);

	if (!q->slice.queue || at < q->slice_at)
		timer_set(&q->slice, q->slice_at = at);
}

/* Whoever runs on q's CPU makes room for v now, or when its turn is over. */
static void compete(struct runqueue *q, const struct vcpu *v, uint64_t now)
{
	struct cpu *c = cpu_of(q->cpu);

	if (runqueue_gives_way(q, v->sched.node.key, MARGIN, now))
		cpu_kick(c, CPU_RESCHED);
	else if (c != this_cpu() && q->waiting == 1)
		cpu_kick(c, CPU_RESCHED);	/* only it can set its timer */
	else if (c == this_cpu())
		end_turn(q);
}

/* v is neither queued nor running, and wants to. q's lock is released. */
static void enqueue(struct runqueue *q, struct vcpu *v, bool slept, uint64_t now)
{
	struct others o;
	unsigned cpu;

	if (unlikely(sched_null)) {
		null_enqueue(q, v);
		return;
	}
	place_look_around(q, &o);
	if (slept)
		runqueue_bound_waker(q, v, &o);
	else
		runqueue_bound(q, v, &o);
	cpu = place_choose(q, v, now);
	if (cpu != q->cpu) {
		uint64_t level = MIN(v->sched.node.key, q->floor);

		__atomic_store_n(&v->sched.cpu, cpu, __ATOMIC_RELEASE);
		spin_unlock(&q->lock);
		q = sched_queue_lock(v);
		if (v->sched.queued || v->sched.on_cpu || !sched_may_run(v)) {
			/* Somebody settled it meanwhile; that CPU may have
			 * been promised a vCPU. */
			spin_unlock(&q->lock);
			cpu_kick(cpu_of(cpu), CPU_RESCHED);
			return;
		}
		runqueue_raise(q, level);
		runqueue_bound(q, v, &o);
	}
	if (unlikely(!cap_permits(v, now))) {
		cap_park(q, v, now);
		if (q->cpu != this_cpu()->id || !q->slice.queue || v->sched.node.key < q->slice_at)
			cpu_kick(cpu_of(q->cpu), CPU_RESCHED);	/* it sets its timer */
	} else {
		runqueue_insert(q, v);
		compete(q, v, now);
	}
	spin_unlock(&q->lock);
}

void sched_settle(struct runqueue *q, struct vcpu *v)
{
	struct sched_vcpu *s = &v->sched;
	bool run = sched_may_run(v), here = belongs(q, v), slept;
	uint64_t now;

	if (s->on_cpu) {
		/* Unless it is leaving anyway. */
		if ((!run || !here) && q->running == v)
			cpu_kick(s->on_cpu, CPU_RESCHED);
		spin_unlock(&q->lock);
		return;
	}
	now = time_now();
	slept = !wants_cpu(s->runstate);
	sched_account(v, sched_resting_state(v), now);
	if (s->queued && (!run || !here))
		runqueue_remove(q, v);
	if (run && !s->queued)
		enqueue(q, v, slept, now);
	else if (unlikely(sched_null))
		null_rests(q, v);
	else
		spin_unlock(&q->lock);
}

/* --- sleeping and waking ----------------------------------------------------- */

/* To be called with what would end the sleep still unread: whoever makes it
 * true afterwards sees the new state and wakes. v is current. */
static struct runqueue *fall_asleep(struct vcpu *v, enum run_state state)
{
	struct runqueue *q = sched_queue_lock(v);

	__atomic_exchange_n(&v->sched.state, state, __ATOMIC_SEQ_CST);
	return q;
}

/* q's lock is released. */
static void wake(struct runqueue *q, struct vcpu *v)
{
	struct sched_vcpu *s = &v->sched;

	if (s->state == RUN_POLLING) {
		__atomic_fetch_and(&v->domain->sched.pollers, ~(1UL << v->id),
				   __ATOMIC_RELAXED);
		timer_stop(&v->time.poll);
	}
	s->state = RUN_RUNNABLE;
	sched_settle(q, v);
}

/* Taking a vCPU sets on_cpu, and loading its page tables is a barrier before
 * it looks for events: who has made one pending and sees no CPU here is seen. */
void sched_kick_running(struct vcpu *v)
{
	struct cpu *c = READ_ONCE(v->sched.on_cpu);

	if (c && c != this_cpu())
		cpu_kick(c, CPU_EVENT);
}

static __attribute__((noinline)) void wake_sleeper(struct vcpu *v)
{
	struct runqueue *q = sched_queue_lock(v);

	if (v->sched.state != RUN_RUNNABLE) {
		wake(q, v);
	} else {
		spin_unlock(&q->lock);
		sched_kick_running(v);
	}
}

void sched_wake(struct vcpu *v)
{
	if (likely(READ_ONCE(v->sched.state) == RUN_RUNNABLE))
		sched_kick_running(v);
	else
		wake_sleeper(v);
}

void sched_sleep(struct vcpu *v)
{
	spin_unlock(&fall_asleep(v, RUN_BLOCKED)->lock);
	if (sched_event_due(v))
		sched_wake(v);
	else
		cpu_pend(this_cpu(), CPU_RESCHED);
}

void sched_poll_begin(struct vcpu *v)
{
	struct runqueue *q;

	v->sched.poll_port = POLL_ANY;
	q = fall_asleep(v, RUN_POLLING);
	__atomic_fetch_or(&v->domain->sched.pollers, 1UL << v->id, __ATOMIC_SEQ_CST);
	spin_unlock(&q->lock);
	if (sched_event_due(v))
		sched_wake(v);
}

void sched_poll_cancel(struct vcpu *v)
{
	sched_wake(v);
}

void sched_poll_sleep(struct vcpu *v, uint32_t port, uint64_t timeout)
{
	struct runqueue *q = sched_queue_lock(v);

	if (v->sched.state == RUN_POLLING) {	/* else woken meanwhile */
		v->sched.poll_port = port;
		if (timeout)
			timer_set(&v->time.poll, timeout);
		cpu_pend(this_cpu(), CPU_RESCHED);
	}
	spin_unlock(&q->lock);
}

void sched_wake_pollers(struct domain *d, uint32_t port)
{
	uint64_t left = __atomic_load_n(&d->sched.pollers, __ATOMIC_SEQ_CST);

	for (; left; left &= left - 1) {
		struct vcpu *v = d->vcpu[__builtin_ctzl(left)];
		struct runqueue *q = sched_queue_lock(v);

		if (v->sched.state == RUN_POLLING &&
		    (v->sched.poll_port == port || v->sched.poll_port == POLL_ANY))
			wake(q, v);
		else
			spin_unlock(&q->lock);
	}
}

void sched_yield(struct vcpu *v)
{
	struct cpu *c = this_cpu();
	struct runqueue *q = &runqueues[c->id];

	if (!READ_ONCE(q->waiting))
		return;
	spin_lock(&q->lock);
	if (q->waiting) {
		/* Charged so far, or those who wait might not be passed. */
		runqueue_charge(v, true, time_now());
		runqueue_step_back(q, v);
		cpu_pend(c, CPU_RESCHED);
	}
	spin_unlock(&q->lock);
}

/* --- up, down, pause ----------------------------------------------------------- */

void sched_vcpu_up(struct vcpu *v)
{
	struct runqueue *q = sched_queue_lock(v);

	v->sched.up = true;
	sched_settle(q, v);
}

void sched_vcpu_down(struct vcpu *v)
{
	struct runqueue *q = sched_queue_lock(v);

	v->sched.up = false;
	sched_settle(q, v);
}

void sched_vcpu_hold(struct vcpu *v)
{
	struct runqueue *q = sched_queue_lock(v);

	v->sched.held = true;
	sched_settle(q, v);
	while (__atomic_load_n(&v->sched.on_cpu, __ATOMIC_ACQUIRE))
		cpu_relax();
}

void sched_vcpu_release(struct vcpu *v)
{
	struct runqueue *q = sched_queue_lock(v);

	v->sched.held = false;
	sched_settle(q, v);
}

void sched_domain_update(struct domain *d)
{
	for (uint32_t i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			sched_settle(sched_queue_lock(d->vcpu[i]), d->vcpu[i]);
}

void sched_domain_pause(struct domain *d)
{
	spin_lock(&d->lock);
	d->pause_count++;
	spin_unlock(&d->lock);
	sched_domain_update(d);
}

int sched_domain_unpause(struct domain *d)
{
	int rc = 0;

	spin_lock(&d->lock);
	if (d->pause_count)
		d->pause_count--;
	else
		rc = -EINVAL;
	spin_unlock(&d->lock);
	sched_domain_update(d);
	return rc;
}

int sched_domain_stop(struct domain *d)
{
	sched_domain_update(d);
	for (uint32_t i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i] && __atomic_load_n(&d->vcpu[i]->sched.on_cpu, __ATOMIC_ACQUIRE))
			return -ERESTART;
	return 0;
}
