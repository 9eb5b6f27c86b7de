/* SPDX-License-Identifier: MIT */
/* test_sched_sim.c - thousands of random loads on a simulated machine: is what
 * docs/scheduler.md promises true? */
/* link: tests/unit/sched_sim.c tests/unit/sched_sim_ideal.c hypervisor/sched/sched.c hypervisor/sched/runqueue.c hypervisor/sched/pick.c hypervisor/sched/place.c hypervisor/sched/ask.c hypervisor/sched/cap.c hypervisor/sched/null.c hypervisor/base/pheap.c hypervisor/sync/spinlock.c */
#include "sched_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define MS	1000000UL
#define SECOND	1000000000UL

/* What a family of loads may contain, and what is promised of it: shares as a
 * part of one CPU. */
struct family {
	const char *name;
	unsigned loads;
	bool light, caps, blocks, overlaps;
	double share;			/* most a domain's may be off */
	double capped;			/* most a capped domain's may be off */
	double waste;			/* of the CPUs' time, idle for no reason */
};

/* The worst of a family, for who changes the scheduler: shown on request. */
static struct { double share, capped, latency, wait, waste, switches; } worst;

static double off_by(double got, double a, double b)
{
	if (got > MAX(a, b))
		return got - MAX(a, b);
	return got < MIN(a, b) ? MIN(a, b) - got : 0;
}

static void random_domain(const struct family *f)
{
	static const uint32_t weights[] = { 256, 256, 256, 128, 512, 64, 1024, 100, 700 };
	uint32_t weight = weights[sim_random(ARRAY_SIZE(weights))], cap = 0;
	enum sim_kind kind = f->light && !sim_random(3) ? LIGHT : HOG;
	unsigned n = 1 + (unsigned)sim_random(sim_random(3) ? 3 : 8);
	struct sim_domain *d;

	if (f->caps && kind == HOG && !sim_random(3))
		cap = 5 + (uint32_t)sim_random(200);
	d = sim_add(kind, n, weight, cap);
	for (unsigned i = d->first; i < d->first + n; i++) {
		struct sim_vcpu *s = &sim.vcpu[i];

		if (kind == LIGHT) {
			s->burst = 50000 + sim_random(1 * MS);
			s->sleep = s->burst * 40 + sim_random(20 * MS);
		}
		if (f->blocks)
			s->block = sim.block[sim_random(sim.blocks)];
		s->v.sched.hard = s->block;
		if (f->overlaps && !sim_random(3)) {
			uint64_t set = sim_random(1UL << sim.cpus);

			s->v.sched.hard = set ? set : s->block;
		}
	}
}

/* Disjoint sets of CPUs, one after the other. */
static void random_blocks(void)
{
	sim.blocks = 0;
	for (unsigned at = 0; at < sim.cpus;) {
		unsigned n = 1 + (unsigned)sim_random(sim.cpus - at);

		sim.block[sim.blocks++] = ((1UL << n) - 1) << at;
		at += n;
	}
}

static bool capped(const struct sim_domain *d)
{
	return d->cap && d->cap < 100 * d->vcpus;
}

static void check_domain(const struct family *f, const struct sim_domain *d,
			 const double *share, const double *hog)
{
	double got = 0, mean = 0, momentary = 0, full = 0, off;

	for (unsigned i = d->first; i < d->first + d->vcpus; i++) {
		const struct sim_vcpu *s = &sim.vcpu[i];

		got += (double)s->got / SECOND;
		mean += share[i];
		momentary += s->ideal / SECOND;
		full += hog[i];
		/* Nobody starves: the longest wait is some turns of the others. */
		if (d->kind == HOG && !capped(d) && !f->overlaps) {
			worst.wait = MAX(worst.wait, (double)s->wait * share[i]);
			assert_true((double)s->wait * share[i] < 60 * MS);
		}
		/* Rule: who sleeps most of the time waits for nobody's turn. */
		if (d->kind == LIGHT && got < full / 2) {
			worst.latency = MAX(worst.latency, (double)s->latency);
			assert_true(s->latency < 2 * TURN + SLACK);
		}
	}
	if (f->overlaps) {
		assert_true(got > mean / 2);
		return;
	}
	off = off_by(got, mean, d->kind == HOG && !capped(d) ? momentary : mean);
	if (capped(d)) {
		worst.capped = MAX(worst.capped, off);
		assert_true(off < f->capped);
		assert_true(got < d->cap / 100.0 + 0.02);
	} else {
		worst.share = MAX(worst.share, off);
		assert_true(off < f->share);
	}
}

static void one_load(const struct family *f, uint64_t seed)
{
	double limit[SIM_VCPUS], share[SIM_VCPUS], hog[SIM_VCPUS];
	unsigned n;

	sim_begin(seed, 1 + (unsigned)(seed % SIM_CPUS));
	if (f->blocks)
		random_blocks();
	n = 2 + (unsigned)sim_random(SIM_DOMAINS - 2);
	for (unsigned i = 0; i < n; i++)
		random_domain(f);
	sim_start();
	sim_run(400 * MS);
	sim_measure();
	sim_run(SECOND);

	for (unsigned i = 0; i < sim.vcpus; i++)
		limit[i] = 1;
	sim_ideal(limit, hog);
	for (unsigned i = 0; i < sim.vcpus; i++)
		if (sim.vcpu[i].kind != HOG)
			limit[i] = (double)sim.vcpu[i].got / SECOND;
	sim_ideal(limit, share);
	for (unsigned i = 0; i < sim.domains; i++)
		check_domain(f, &sim.domain[i], share, hog);
	worst.waste = MAX(worst.waste, (double)sim.wasted / SECOND / sim.cpus);
	assert_true((double)sim.wasted / SECOND / sim.cpus < f->waste);
	worst.switches += (double)sim.switches / sim.cpus / f->loads;
	assert_true(sim_end());
}

static void family(void **state)
{
	const struct family *f = *state;

	worst = (typeof(worst)){ 0 };
	for (uint64_t i = 0; i < f->loads; i++) {
		fprintf(stderr, "\r%s: load %lu", f->name, i);
		one_load(f, i);
	}
	fprintf(stderr, "\r%s: %u loads, off by %.2f %%, capped %.2f %%, latency %.1f ms, "
		"wait * share %.1f ms, idle for nothing %.3f %%, %.0f switches/s\n",
		f->name, f->loads, worst.share * 100, worst.capped * 100, worst.latency / MS,
		worst.wait / MS, worst.waste * 100, worst.switches);
}

/* Whatever is done to whom, and whenever: sim_run() checks where vCPUs are, and
 * sim_end() that they can all be stopped, and their times. */
static void storms(void **state)
{
	for (uint64_t seed = 0; seed < 120; seed++) {
		fprintf(stderr, "\rstorms: load %lu", seed);
		sim_begin(seed, 1 + (unsigned)(seed % SIM_CPUS));
		for (unsigned i = 0; i < 4; i++)
			sim_add(i & 1 ? HOG : HEAVY, 1 + (unsigned)sim_random(8), 256, 0);
		for (unsigned i = 0; i < sim.vcpus; i++)
			sim.vcpu[i].burst = sim.vcpu[i].sleep = 500 + sim_random(5000);
		sim_start();
		for (unsigned i = 0; i < 2000; i++) {
			sim_run(sim_random(i & 1 ? 4000 : 40000));
			sim_disturb();
		}
		assert_true(sim_end());
	}
	fprintf(stderr, "\n");
}

static const struct family
	weights = { "weights", 500, .share = 0.02, .waste = 0.001 },
	sleepers = { "sleepers", 500, .light = true, .share = 0.02, .waste = 0.001 },
	caps = { "caps", 400, .caps = true, .share = 0.25, .capped = 0.02,
		 .waste = 0.005 },
	blocks = { "blocks", 500, .blocks = true, .share = 0.02, .waste = 0.001 },
	overlaps = { "overlaps", 300, .overlaps = true, .waste = 0.001 };

#define FAMILY(f) { #f, family, NULL, NULL, (void *)&f }

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAMILY(weights), FAMILY(sleepers), FAMILY(caps), FAMILY(blocks),
		FAMILY(overlaps), cmocka_unit_test(storms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
