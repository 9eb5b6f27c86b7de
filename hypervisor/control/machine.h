/* SPDX-License-Identifier: MIT */
/* machine.h - the machine as the tools see it: its CPUs and nodes, their
 * bitmaps, and the CPU that guests are shown.
 */
#ifndef PARAVANE_CONTROL_MACHINE_H
#define PARAVANE_CONTROL_MACHINE_H

#include <public/domctl.h>

#include "base/compiler.h"
#include "cpu/cpus.h"
#include "sched/sched.h"

#define NR_NODES	1U

/* A command of sysctl or domctl whose block holds progress. The control domain
 * alone may forge it, and fools itself. */
#define CMD_RESUMED	(1u << 31)

/* CPUs that run; their ids count from 0. */
static inline uint32_t nr_cpus(void)
{
	return (uint32_t)__builtin_popcountl(cpus_online);
}

/* Ours shares the CPUs by weight, or gives each to one vCPU, as these do. */
static inline uint32_t scheduler_id(void)
{
	return sched_one_to_one() ? XEN_SCHEDULER_NULL : XEN_SCHEDULER_CREDIT2;
}

/* The first 64 bits of the caller's map; missing ones are 0. -EFAULT. */
MUST_CHECK long bitmap_from_caller(uint64_t *bits, const struct xenctl_bitmap *map);
/* Into the caller's map, zero beyond 64 bits. -EFAULT, -EINVAL (too long). */
MUST_CHECK long bitmap_to_caller(const struct xenctl_bitmap *map, uint64_t bits);

/* Feature words, in the tools' order. */
#define FEATURE_WORDS	16
void policy_features(uint32_t words[FEATURE_WORDS]);

/* CPUID answers into the caller's array with room for *n. -ENOBUFS, -EFAULT;
 * a NULL array asks for the number only. *n becomes what was or would be
 * written. */
MUST_CHECK long policy_give_leaves(uint64_t array, uint32_t *n);
MUST_CHECK long policy_give_msrs(uint64_t array, uint32_t *n);

#endif
