/* SPDX-License-Identifier: MIT */
/* sched.c - blocking, waking, pausing, picking.
 *
 * Guards: a vCPU runs only while it is up, wants to and its domain may; no
 * wake-up is lost; no guest keeps the CPU while another waits.
 * Invariant: after every change settle() makes queue and run state agree
 * with what the vCPU wants; a vCPU on a CPU is never queued. A domain that
 * is stopped from below (crash, shutdown) only sets flags: its vCPUs leave
 * the queue when their turn comes.
 * Not here: the order (runqueue.c), registers (traps/switch.c), copies in
 * guest memory (ops_areas.c).
 */
#include "sched/sched.h"

#include "base/errno.h"
#include "sched/runqueue.h"
#include "time/time.h"

#define SLICE		(10 * NS_PER_MS)
#define WEIGHT		256

static struct spinlock lock = SPINLOCK_INIT(SCHED);
static struct runqueue queue;
/* Runs out when somebody else's turn has come; this CPU only. */
static struct timer slice[MAX_CPUS];
/* ns nobody ran, without the time since idle_since when nobody does */
static uint64_t idle_time[MAX_CPUS], idle_since[MAX_CPUS];

void sched_init(void)
{
	for (unsigned i = 0; i < MAX_CPUS; i++)
		slice[i].kind = TIMER_SLICE;
	idle_since[this_cpu()->id] = time_now();
}

void sched_domain_init(struct domain *d)
{
	d->sched.weight = WEIGHT;
}

void sched_vcpu_init(struct vcpu *v)
{
	v->sched.state = RUN_RUNNABLE;
	v->sched.runstate = RUNSTATE_offline;
	v->sched.since = time_now();
}

static bool may_run(const struct vcpu *v)
{
	return v->sched.state == RUN_RUNNABLE && v->sched.up && !domain_stopped(v->domain);
}

/* The time up to now belongs to the old run state. */
static void account(struct vcpu *v, int runstate, uint64_t now)
{
	struct sched_vcpu *s = &v->sched;

	if (s->runstate == runstate)
		return;
	s->time[s->runstate] += now - s->since;
	if (s->runstate == RUNSTATE_running)
		runqueue_charge(v, now - s->since);
	s->runstate = runstate;
	s->since = now;
}

/* Whoever runs here makes room for v now, or when its slice is over. */
static void compete(struct vcpu *v, uint64_t now)
{
	struct cpu *c = this_cpu();
	struct vcpu *running = c->current;

	if (running == c->idle ||
	    runqueue_preempts(v, running, now - running->sched.since))
		cpu_pend(c, CPU_RESCHED);
	else if (!slice[c->id].queue)
		timer_set(&slice[c->id], now + SLICE);
}

static void settle(struct vcpu *v, uint64_t now)
{
	struct sched_vcpu *s = &v->sched;
	bool run = may_run(v);

	if (s->on_cpu) {
		if (!run)
			cpu_pend(this_cpu(), CPU_RESCHED);
		return;
	}
	account(v, s->state != RUN_RUNNABLE ? RUNSTATE_blocked :
		   run ? RUNSTATE_runnable : RUNSTATE_offline, now);
	if (run && !s->queued) {
		runqueue_insert(&queue, v);
		compete(v, now);
	} else if (!run && s->queued) {
		runqueue_remove(&queue, v);
	}
}

/* --- sleeping and waking ----------------------------------------------------- */

/* To be called with what would end the sleep still unread: whoever makes it
 * true afterwards sees the new state and wakes. */
static void fall_asleep(struct vcpu *v, enum run_state state)
{
	spin_lock(&lock);
	__atomic_exchange_n(&v->sched.state, state, __ATOMIC_SEQ_CST);
	spin_unlock(&lock);
}

static void wake(struct vcpu *v, uint64_t now)
{
	struct sched_vcpu *s = &v->sched;

	if (s->state == RUN_POLLING) {
		v->domain->sched.pollers &= ~(1UL << v->id);
		timer_stop(&v->time.poll);
	}
	s->state = RUN_RUNNABLE;
	settle(v, now);
}

void sched_wake(struct vcpu *v)
{
	if (likely(READ_ONCE(v->sched.state) == RUN_RUNNABLE))
		return;
	spin_lock(&lock);
	if (v->sched.state != RUN_RUNNABLE)
		wake(v, time_now());
	spin_unlock(&lock);
}

void sched_sleep(struct vcpu *v)
{
	fall_asleep(v, RUN_BLOCKED);
	if (sched_event_due(v))
		sched_wake(v);
	else
		cpu_pend(this_cpu(), CPU_RESCHED);
}

void sched_poll_begin(struct vcpu *v)
{
	spin_lock(&lock);
	v->sched.poll_port = POLL_ANY;
	v->sched.state = RUN_POLLING;
	__atomic_fetch_or(&v->domain->sched.pollers, 1UL << v->id, __ATOMIC_SEQ_CST);
	spin_unlock(&lock);
	if (sched_event_due(v))
		sched_wake(v);
}

void sched_poll_cancel(struct vcpu *v)
{
	sched_wake(v);
}

void sched_poll_sleep(struct vcpu *v, uint32_t port, uint64_t timeout)
{
	spin_lock(&lock);
	if (v->sched.state == RUN_POLLING) {	/* else woken meanwhile */
		v->sched.poll_port = port;
		if (timeout)
			timer_set(&v->time.poll, timeout);
		cpu_pend(this_cpu(), CPU_RESCHED);
	}
	spin_unlock(&lock);
}

void sched_wake_pollers(struct domain *d, uint32_t port)
{
	uint64_t left;

	spin_lock(&lock);
	for (left = d->sched.pollers; left; left &= left - 1) {
		struct vcpu *v = d->vcpu[__builtin_ctzl(left)];

		if (v->sched.poll_port == port || v->sched.poll_port == POLL_ANY)
			wake(v, time_now());
	}
	spin_unlock(&lock);
}

void sched_yield(struct vcpu *v)
{
	struct cpu *c = this_cpu();
	uint64_t now;

	spin_lock(&lock);
	if (queue.heap.root) {
		now = time_now();
		/* Charged so far, or those who wait might not be passed. */
		v->sched.time[RUNSTATE_running] += now - v->sched.since;
		runqueue_charge(v, now - v->sched.since);
		v->sched.since = now;
		runqueue_step_back(&queue, v);
		cpu_pend(c, CPU_RESCHED);
	}
	spin_unlock(&lock);
}

/* --- up, down, pause ----------------------------------------------------------- */

void sched_vcpu_up(struct vcpu *v)
{
	spin_lock(&lock);
	v->sched.up = true;
	settle(v, time_now());
	spin_unlock(&lock);
}

void sched_vcpu_down(struct vcpu *v)
{
	spin_lock(&lock);
	v->sched.up = false;
	settle(v, time_now());
	spin_unlock(&lock);
}

void sched_domain_update(struct domain *d)
{
	uint64_t now = time_now();

	spin_lock(&lock);
	for (uint32_t i = 0; i < d->max_vcpus; i++) {
		if (d->vcpu[i])
			settle(d->vcpu[i], now);
	}
	spin_unlock(&lock);
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
	int rc = 0;

	sched_domain_update(d);
	spin_lock(&lock);
	for (uint32_t i = 0; i < d->max_vcpus; i++) {
		if (d->vcpu[i] && d->vcpu[i]->sched.on_cpu)
			rc = -ERESTART;
	}
	spin_unlock(&lock);
	return rc;
}

void sched_set_weight(struct domain *d, uint32_t weight, uint32_t cap)
{
	spin_lock(&lock);
	if (weight)			/* it divides */
		d->sched.weight = weight;
	d->sched.cap = cap;
	spin_unlock(&lock);
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
	return READ_ONCE(v->sched.on_cpu);
}

void sched_runstate(struct vcpu *v, struct vcpu_runstate_info *out)
{
	struct sched_vcpu *s = &v->sched;

	/* Zeroed by hand: the structure has padding, and goes to guests. */
	__builtin_memset(out, 0, sizeof(*out));
	spin_lock(&lock);
	out->state = s->runstate;
	out->state_entry_time = s->since;
	for (unsigned i = 0; i < 4; i++)
		out->time[i] = s->time[i];
	out->time[s->runstate] += time_now() - s->since;
	spin_unlock(&lock);
}

uint64_t sched_idle_time(uint32_t cpu)
{
	return idle_time[cpu];
}

uint64_t sched_runtime(struct vcpu *v)
{
	struct vcpu_runstate_info info;

	sched_runstate(v, &info);
	return info.time[RUNSTATE_running];
}

/* --- picking ---------------------------------------------------------------------- */

static void leave_cpu(struct vcpu *v, uint64_t now)
{
	v->sched.on_cpu = false;
	/* Charged before it is queued: its place depends on it. */
	account(v, v->sched.state != RUN_RUNNABLE ? RUNSTATE_blocked :
		   may_run(v) ? RUNSTATE_runnable : RUNSTATE_offline, now);
	if (may_run(v))
		runqueue_insert(&queue, v);
}

static struct vcpu *next_in_queue(uint64_t now)
{
	struct vcpu *v;

	while ((v = runqueue_first(&queue))) {
		if (likely(may_run(v))) {
			runqueue_take(&queue, v);
			return v;
		}
		settle(v, now);		/* its domain was stopped meanwhile */
	}
	return NULL;
}

/* tour 16: the vCPU that had least of the CPU is next. */
struct vcpu *sched_pick(struct cpu *c)
{
	uint64_t now = time_now();
	struct vcpu *prev = c->current, *next;

	spin_lock(&lock);
	if (prev != c->idle)
		leave_cpu(prev, now);
	else
		idle_time[c->id] += now - idle_since[c->id];
	next = next_in_queue(now);
	if (next) {
		next->sched.on_cpu = true;
		account(next, RUNSTATE_running, now);
	} else {
		idle_since[c->id] = now;
	}
	if (queue.heap.root)
		timer_set(&slice[c->id], now + SLICE);
	else
		timer_stop(&slice[c->id]);
	spin_unlock(&lock);
	return next ? next : c->idle;
}

void sched_switched(struct vcpu *prev, struct vcpu *next)
{
}

void sched_kick_running(struct vcpu *v)
{
}

void sched_vcpu_hold(struct vcpu *v)
{
}

void sched_vcpu_release(struct vcpu *v)
{
}

uint32_t sched_vcpu_cpu(const struct vcpu *v)
{
	return 0;
}

int sched_pinned_cpu(const struct vcpu *v)
{
	return 0;
}
