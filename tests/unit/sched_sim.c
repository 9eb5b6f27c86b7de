/* SPDX-License-Identifier: MIT */
/* sched_sim.c - the machine of sched_sim.h, event by event.
 *
 * The real scheduler runs on each CPU in turn; interrupts take some
 * microseconds to arrive, a switch of registers takes some more, and other CPUs
 * go on meanwhile.
 */
#include "sched_sim.h"

#include "cpu/cpu.h"
#include "time/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define US		1000UL
#define TIMER_SLOP	(50 * US)	/* of the real timer */

struct sim sim;
uint64_t cpus_online;

struct sim_cpu {
	struct vcpu idle;
	uint64_t timer;			/* slice; NEVER when stopped */
	uint64_t interrupt;		/* it looks at its pending bits then */
	struct vcpu *leaving;		/* its registers are being saved ... */
	uint64_t saved;			/* until then */
	uint64_t ran_until;		/* the running vCPU's time is counted up to then */
};

static struct sim_cpu cpus[SIM_CPUS];
static uint64_t now = 1000 * US, state;

uint64_t time_now(void)
{
	return now;
}

uint64_t sim_random(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % n;
}

/* --- what the scheduler asks of the machine --------------------------------- */

static struct runqueue *queue_of(struct timer *t)
{
	return container_of(t, struct runqueue, slice);
}

void timer_set(struct timer *t, uint64_t deadline)
{
	assert_int_equal(queue_of(t)->cpu, fake_cpu);
	t->queue = (struct timer_queue *)1;
	cpus[fake_cpu].timer = MAX(deadline, now + TIMER_SLOP);
}

void timer_stop(struct timer *t)
{
	t->queue = NULL;
	cpus[queue_of(t)->cpu].timer = NEVER;
}

void cpu_kick(struct cpu *c, uint32_t bits)
{
	struct sim_cpu *s = &cpus[c->id];
	uint32_t old = c->pending;

	cpu_pend(c, bits);
	if (c->id == fake_cpu)
		s->interrupt = now;
	else if ((old & bits) != bits)
		s->interrupt = MIN(s->interrupt, now + sim_random(4 * US));
}

/* --- vCPUs -------------------------------------------------------------------- */

static struct sim_vcpu *sim_of(struct vcpu *v)
{
	return container_of(v, struct sim_vcpu, v);
}

static uint64_t about(uint64_t ns)
{
	return ns / 2 + sim_random(ns * 3 / 2);
}

static struct sim_vcpu *running_on(unsigned cpu)
{
	struct cpu *c = cpu_of(cpu);

	return c->current == c->idle ? NULL : sim_of(c->current);
}

static void stops(struct sim_vcpu *s)
{
	if (s->v.sched.state == RUN_RUNNABLE)
		s->waits_since = now;
}

static void starts(struct sim_vcpu *s)
{
	s->wait = MAX(s->wait, now - MIN(s->waits_since, now));
	s->waits_since = NEVER;
	if (s->woken_at != NEVER)
		s->latency = MAX(s->latency, now - s->woken_at);
	s->woken_at = NEVER;
}

/* --- events -------------------------------------------------------------------- */

static void look_at_pending(unsigned cpu)
{
	struct sim_cpu *s = &cpus[cpu];
	struct cpu *c = cpu_of(cpu);
	struct vcpu *prev = c->current, *next;
	uint32_t bits = c->pending;

	s->interrupt = NEVER;
	c->pending = 0;
	if (!(bits & CPU_RESCHED))
		return;
	next = sched_pick(c);
	if (c->pending & CPU_RESCHED)
		s->interrupt = now;
	if (next == prev)
		return;
	c->current = next;
	sim.switches++;
	s->leaving = prev;
	s->saved = now + US + sim_random(2 * US);
	s->ran_until = s->saved;
	if (prev != c->idle)
		stops(sim_of(prev));
	if (next != c->idle)
		starts(sim_of(next));
}

static void registers_saved(unsigned cpu)
{
	struct sim_cpu *s = &cpus[cpu];
	struct vcpu *prev = s->leaving;

	s->leaving = NULL;
	s->saved = NEVER;
	sched_switched(prev);
}

static void slice_ends(unsigned cpu)
{
	cpus[cpu].timer = NEVER;
	runqueues[cpu].slice.queue = NULL;
	cpu_kick(cpu_of(cpu), CPU_RESCHED);
}

static void falls_asleep(unsigned cpu)
{
	struct sim_vcpu *s = running_on(cpu);

	s->left = about(s->burst);
	s->wakes_at = now + about(s->sleep);
	sched_block(&s->v);
	cpus[cpu].interrupt = now;
}

static void wakes(struct sim_vcpu *s)
{
	s->wakes_at = NEVER;
	s->woken_at = s->waits_since = now;
	fake_cpu = (unsigned)sim_random(sim.cpus);
	sched_wake(&s->v);
	if (s->v.sched.on_cpu) {		/* it had not left yet */
		s->woken_at = s->waits_since = NEVER;
		if (running_on(s->v.sched.cpu) != s)
			s->woken_at = s->waits_since = now;
	}
}

/* When something happens next on a CPU. */
static uint64_t next_on(unsigned cpu)
{
	struct sim_cpu *s = &cpus[cpu];
	struct sim_vcpu *r = running_on(cpu);
	uint64_t at;

	if (s->leaving)			/* it is inside, its interrupts are off */
		return s->saved;
	at = MIN(s->interrupt, s->timer);
	if (r && r->left != NEVER)
		at = MIN(at, s->ran_until + r->left);
	return at;
}

static void act_on(unsigned cpu)
{
	struct sim_cpu *s = &cpus[cpu];

	fake_cpu = cpu;
	if (s->leaving)
		registers_saved(cpu);
	else if (s->interrupt <= now)
		look_at_pending(cpu);
	else if (s->timer <= now)
		slice_ends(cpu);
	else
		falls_asleep(cpu);
}

/* --- time ------------------------------------------------------------------------ */

/* Is anybody waiting that an idle CPU could run, and not on its way? */
static void count_waste(uint64_t ns)
{
	for (unsigned c = 0; c < sim.cpus; c++) {
		if (running_on(c) || cpus[c].interrupt != NEVER || cpus[c].leaving)
			continue;
		for (unsigned i = 0; i < sim.vcpus; i++)
			if (sim.vcpu[i].v.sched.queued && !sim.vcpu[i].v.sched.parked &&
			    cpu_in(sim.vcpu[i].v.sched.hard, c) &&
			    cap_permits(&sim.vcpu[i].v, now)) {
				sim.wasted += ns;
				break;
			}
	}
}

static void share(uint64_t ns);

static void go_to(uint64_t t)
{
	count_waste(t - now);
	share(t - now);
	for (unsigned c = 0; c < sim.cpus; c++) {
		struct sim_vcpu *r = running_on(c);
		uint64_t ns = t > cpus[c].ran_until ? t - cpus[c].ran_until : 0;

		cpus[c].ran_until = MAX(cpus[c].ran_until, t);
		if (!r)
			continue;
		r->got += ns;
		if (r->left != NEVER)
			r->left -= ns;
	}
	now = t;
}

/* --- the ideal ---------------------------------------------------------------------- */

static bool ordinary(const struct sim_vcpu *s)
{
	return s->kind == HOG && (!s->v.domain->sched.cap || s->v.domain->sched.cap >= 100 * s->v.domain->max_vcpus);
}

/* The CPUs of `block`, but for those that serve others, are shared by its hogs:
 * by weight, no more than one each. */
static void share_block(uint64_t block, double ns)
{
	double room = 0, weight = 0, w[SIM_VCPUS];
	bool full[SIM_VCPUS] = { false }, again = true;

	for (unsigned c = 0; c < sim.cpus; c++)
		room += cpu_in(block, c) && !(running_on(c) && !ordinary(running_on(c)));
	for (unsigned i = 0; i < sim.vcpus; i++) {
		struct sim_vcpu *s = &sim.vcpu[i];
		bool in = ordinary(s) && s->block == block && s->v.sched.up;

		w[i] = in ? (double)s->v.domain->sched.weight / s->v.domain->max_vcpus : 0;
		weight += w[i];
	}
	while (again) {
		again = false;
		for (unsigned i = 0; i < sim.vcpus; i++) {
			if (!w[i] || full[i] || room * w[i] < weight)
				continue;
			sim.vcpu[i].ideal += ns;
			full[i] = again = true;
			room -= 1;
			weight -= w[i];
		}
	}
	for (unsigned i = 0; i < sim.vcpus; i++)
		if (w[i] && !full[i] && room > 0)
			sim.vcpu[i].ideal += ns * room * w[i] / weight;
}

static void share(uint64_t ns)
{
	for (unsigned b = 0; b < sim.blocks; b++)
		share_block(sim.block[b], (double)ns);
}

/* On one CPU at a time, that it may use, and nowhere else before its registers
 * are saved. It may take an interrupt to leave one it may not use any more. */
static void check_places(void)
{
	for (unsigned a = 0; a < sim.cpus; a++) {
		const struct sim_vcpu *r = running_on(a);

		if (!r)
			continue;
		assert_true(r->v.sched.on_cpu == cpu_of(a) && r->v.sched.cpu == a);
		assert_true(cpu_in(r->v.sched.hard, a) || (cpu_of(a)->pending & CPU_RESCHED));
		for (unsigned b = 0; b < sim.cpus; b++)
			assert_true(b == a || (running_on(b) != r && cpus[b].leaving != &r->v));
	}
}

void sim_disturb(void)
{
	struct sim_vcpu *s = &sim.vcpu[sim_random(sim.vcpus)];
	struct domain *d = s->v.domain;
	uint64_t set;

	fake_cpu = (unsigned)sim_random(sim.cpus);
	switch (sim_random(8)) {
	case 0:
		sched_domain_pause(d);
		break;
	case 1:
	case 2:
		while (sched_domain_unpause(d) == 0)
			;
		break;
	case 3:
		set = 1 + sim_random(cpus_online);
		assert_int_equal(sched_set_hard_affinity(&s->v, set), 0);
		break;
	case 4:
		sched_vcpu_down(&s->v);
		break;
	case 5:
		sched_vcpu_up(&s->v);
		break;
	case 6:
		sched_set_weight(d, 1 + (uint32_t)sim_random(1000), (uint32_t)sim_random(3) * 40);
		break;
	case 7:
		if (running_on(fake_cpu) && !cpus[fake_cpu].leaving) {
			sched_yield(&running_on(fake_cpu)->v);
			cpus[fake_cpu].interrupt = now;	/* on its way out */
		}
	}
}

void sim_run(uint64_t ns)
{
	uint64_t end = now + ns;

	for (;;) {
		struct sim_vcpu *waker = NULL;
		uint64_t at = end;
		unsigned cpu = SIM_CPUS;

		for (unsigned c = 0; c < sim.cpus; c++) {
			if (next_on(c) < at) {
				at = next_on(c);
				cpu = c;
			}
		}
		for (unsigned i = 0; i < sim.vcpus; i++) {
			if (sim.vcpu[i].wakes_at < at) {
				at = sim.vcpu[i].wakes_at;
				waker = &sim.vcpu[i];
			}
		}
		go_to(MAX(at, now));
		if (at >= end)
			return;
		if (waker)
			wakes(waker);
		else
			act_on(cpu);
		check_places();
	}
}

/* --- loads ------------------------------------------------------------------------- */

void sim_begin(uint64_t seed, unsigned n)
{
	memset(&sim, 0, sizeof(sim));
	memset(runqueues, 0, sizeof(runqueues));
	sim.seed = state = seed * 0x9e3779b97f4a7c15UL + 1;
	for (int i = 0; i < 8; i++)
		sim_random(2);
	sim.cpus = n;
	cpus_online = (1UL << n) - 1;
	sim.block[sim.blocks++] = cpus_online;
	for (unsigned c = 0; c < SIM_CPUS; c++) {
		struct cpu *p = cpu_of(c);

		memset(p, 0, sizeof(*p));
		p->id = c;
		p->idle = p->current = &cpus[c].idle;
		cpus[c] = (struct sim_cpu){ .timer = NEVER, .interrupt = NEVER, .saved = NEVER,
					    .ran_until = now };
		place_set_busy(c, false);
	}
	fake_cpu = 0;
	sched_init(false);
}

struct sim_domain *sim_add(enum sim_kind kind, unsigned vcpus, uint32_t weight, uint32_t cap)
{
	struct sim_domain *sd = &sim.domain[sim.domains++];

	sd->kind = kind;
	sd->weight = weight;
	sd->cap = cap;
	sd->first = sim.vcpus;
	sd->vcpus = vcpus;
	sd->d.id = (domid_t)sim.domains;
	sd->d.max_vcpus = vcpus;
	spin_init(&sd->d.lock, RANK_DOMAIN);
	sched_domain_init(&sd->d);
	sched_set_weight(&sd->d, weight, cap);
	for (unsigned i = 0; i < vcpus; i++) {
		struct sim_vcpu *s = &sim.vcpu[sim.vcpus++];

		s->kind = kind;
		s->v.domain = &sd->d;
		s->v.id = i;
		s->v.info = &s->info;
		s->block = sim.block[0];
		s->left = s->wakes_at = s->woken_at = s->waits_since = NEVER;
		sd->d.vcpu[i] = &s->v;
		sched_vcpu_init(&s->v);
	}
	return sd;
}

void sim_start(void)
{
	for (unsigned i = 0; i < sim.vcpus; i++) {
		struct sim_vcpu *s = &sim.vcpu[i];

		if (s->kind != HOG)
			s->left = about(s->burst);
		fake_cpu = (unsigned)sim_random(sim.cpus);
		s->waits_since = now;
		sched_vcpu_up(&s->v);
	}
}

void sim_measure(void)
{
	sim.wasted = sim.switches = 0;
	for (unsigned i = 0; i < sim.vcpus; i++)
		sim.vcpu[i].ideal = sim.vcpu[i].got = sim.vcpu[i].latency = sim.vcpu[i].wait = 0;
}

static bool adds_up(struct vcpu *v)
{
	struct vcpu_runstate_info info;
	uint64_t at = sched_runstate(v, &info), sum = 0;

	for (unsigned i = 0; i < 4; i++)
		sum += info.time[i];
	return sum == at - v->sched.made;
}

bool sim_end(void)
{
	bool ok = true;

	for (unsigned i = 0; i < sim.vcpus; i++)
		ok &= adds_up(&sim.vcpu[i].v);
	for (unsigned i = 0; i < sim.domains; i++) {
		sim.domain[i].d.life = DOMAIN_DYING;
		fake_cpu = 0;
		sched_domain_update(&sim.domain[i].d);
	}
	sim_run(1000 * US);
	for (unsigned i = 0; i < sim.domains; i++)
		ok &= sched_domain_stop(&sim.domain[i].d) == 0 &&
		      sim.domain[i].d.sched.active == 0;
	for (unsigned i = 0; i < sim.vcpus; i++)
		ok &= adds_up(&sim.vcpu[i].v);
	for (unsigned c = 0; c < sim.cpus; c++)
		ok &= !running_on(c) && !runqueues[c].waiting && !cpu_of(c)->locks_held;
	return ok;
}
