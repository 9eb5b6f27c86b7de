/* SPDX-License-Identifier: MIT */
/* sched_sim.h - a machine in a program: CPUs that follow the real scheduler, and
 * vCPUs that want this or that. For test_sched_sim.c.
 */
#ifndef PARAVANE_SCHED_SIM_H
#define PARAVANE_SCHED_SIM_H

#include "sched/runqueue.h"

#define SIM_CPUS	8
#define SIM_DOMAINS	12
#define SIM_VCPUS	96

enum sim_kind { HOG, LIGHT, HEAVY };

/* What a vCPU does: a hog runs for ever, others run `burst` and sleep `sleep`,
 * both up to twice as long, and half. */
struct sim_vcpu {
	struct vcpu v;
	struct vcpu_info info;
	enum sim_kind kind;
	uint64_t burst, sleep;
	uint64_t left;			/* CPU time until it sleeps; NEVER for a hog */
	uint64_t wakes_at;		/* NEVER unless asleep */
	uint64_t woken_at;		/* NEVER once it ran since */
	uint64_t waits_since;		/* runnable, and does not run; else NEVER */
	uint64_t block;			/* the CPUs it may run on: one of sim.block */
	double ideal;			/* what a perfect scheduler would have given a hog */
	uint64_t got;			/* CPU time in the window that is measured */
	uint64_t latency, wait;		/* the longest: wake-up to CPU, any wait */
};

struct sim_domain {
	struct domain d;
	enum sim_kind kind;
	uint32_t weight, cap;
	unsigned first, vcpus;		/* of sim.vcpu */
};

struct sim {
	uint64_t seed;
	unsigned cpus, domains, vcpus;
	struct sim_domain domain[SIM_DOMAINS];
	struct sim_vcpu vcpu[SIM_VCPUS];
	unsigned blocks;
	uint64_t block[SIM_CPUS];	/* disjoint sets of CPUs */
	uint64_t wasted;		/* CPU time idle while a vCPU waited for it */
	uint64_t switches;
};

#define NEVER	(~0UL)

extern struct sim sim;

/* An equal choice of 0 .. n-1, from sim.seed on. */
uint64_t sim_random(uint64_t n);
/* A machine with no domains, at the same moment as the last. */
void sim_begin(uint64_t seed, unsigned cpus);
/* A domain of so many vCPUs; they come to life with sim_start(). */
struct sim_domain *sim_add(enum sim_kind kind, unsigned vcpus, uint32_t weight, uint32_t cap);
void sim_start(void);
/* Time goes on for so long. */
void sim_run(uint64_t ns);
/* One thing that tools do, at random, to any vCPU or domain. */
void sim_disturb(void);
/* What was measured so far is forgotten. */
void sim_measure(void);
/* All domains end; true if every vCPU's run states add up to its age. */
bool sim_end(void);

/* Weighted max-min shares in ns of CPU per ns: of domains' weights, shared by
 * their vCPUs, within hard affinity, caps and one CPU a vCPU; limit[i] is the
 * most that vCPU i asks for. */
void sim_ideal(const double *limit, double *share);

#endif
