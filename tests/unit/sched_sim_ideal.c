/* SPDX-License-Identifier: MIT */
/* sched_sim_ideal.c - the shares a perfect scheduler would give.
 *
 * All rates rise together, each in proportion to its weight, until something is
 * full: a vCPU (one CPU, or all it asks for), a domain's cap, or a set of CPUs,
 * by the vCPUs that may run nowhere else. Whoever is in there keeps its rate; the
 * others rise on. CPUs' sets are few, so all are looked at.
 */
#include "sched_sim.h"

#include <string.h>

static bool done[SIM_VCPUS];
static const double *most;
static double *rate;

static double weight_of(unsigned i)
{
	const struct vcpu *v = &sim.vcpu[i].v;
	const struct sim_domain *d = container_of(v->domain, struct sim_domain, d);

	return (double)d->weight / d->vcpus;
}

/* How far the level can rise until these members fill `room`. */
static double level_of(const bool *member, double room)
{
	double rising = 0;

	for (unsigned i = 0; i < sim.vcpus; i++) {
		if (!member[i])
			continue;
		if (done[i])
			room -= rate[i];
		else
			rising += weight_of(i);
	}
	return rising > 0 ? (room > 0 ? room : 0) / rising : 1e30;
}

static double lowest;
static bool tight[SIM_VCPUS];

static void consider(const bool *member, double room)
{
	double level = level_of(member, room);

	if (level < lowest) {
		lowest = level;
		memcpy(tight, member, sizeof(tight));
	}
}

static void consider_all(void)
{
	uint64_t online = (1UL << sim.cpus) - 1;
	bool member[SIM_VCPUS];

	lowest = 1e29;
	for (uint64_t set = 1; set <= online; set++) {
		for (unsigned i = 0; i < sim.vcpus; i++)
			member[i] = !(sim.vcpu[i].v.sched.hard & online & ~set);
		consider(member, __builtin_popcountl(set));
	}
	for (unsigned k = 0; k < sim.domains; k++) {
		const struct sim_domain *d = &sim.domain[k];

		for (unsigned i = 0; i < sim.vcpus; i++)
			member[i] = i - d->first < d->vcpus;
		if (d->cap)
			consider(member, d->cap / 100.0);
	}
	for (unsigned k = 0; k < sim.vcpus; k++) {
		memset(member, 0, sizeof(member));
		member[k] = true;
		consider(member, most[k] < 1 ? most[k] : 1);
	}
}

void sim_ideal(const double *limit, double *share)
{
	unsigned left = sim.vcpus;

	most = limit;
	rate = share;
	memset(done, 0, sizeof(done));
	while (left) {
		consider_all();
		for (unsigned i = 0; i < sim.vcpus; i++) {
			if (!tight[i] || done[i])
				continue;
			done[i] = true;
			rate[i] = lowest * weight_of(i);
			left--;
		}
	}
}
