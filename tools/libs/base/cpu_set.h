/* SPDX-License-Identifier: MIT */
/* cpu_set.h - sets of CPUs, and xl's way to write them.
 *
 *     0-3,^1,5	 CPUs 0, 2, 3 and 5: items add, or after ^ take away, in order
 *     all	 every CPU there is or will be
 *
 * A set knows no machine: cpu_set_check() compares it with one.
 */
#ifndef TOOLS_BASE_CPU_SET_H
#define TOOLS_BASE_CPU_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

#define CPU_SET_MAX   256U
#define CPU_SET_BYTES (CPU_SET_MAX / 8)

struct cpu_set {
	/* bit n of byte n / 8, as the hypervisor's maps have it */
	uint8_t bytes[CPU_SET_BYTES];
	/* one more than the highest CPU that was written as a number */
	unsigned int named;
};

/* -EINVAL, with a sentence about the item that is wrong. */
int cpu_set_parse(struct cpu_set *set, const char *text, struct reason *why);

bool cpu_set_has(const struct cpu_set *set, unsigned int cpu);

/* -EINVAL when the set names a CPU beyond the machine's, or has none of its. */
int cpu_set_check(const struct cpu_set *set, unsigned int nr_cpus,
		  struct reason *why);

/* "all", "none", or ranges: "0-2,5"; among the first nr_cpus CPUs. */
#define CPU_SET_TEXT 1024
void cpu_set_format(const struct cpu_set *set, unsigned int nr_cpus,
		    char text[CPU_SET_TEXT]);

#endif
