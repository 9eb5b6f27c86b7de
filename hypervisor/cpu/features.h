/* SPDX-License-Identifier: MIT */
/* features.h - what this machine's processors can do.
 *
 * Read once at boot; every field is true only if all CPUs have it and we
 * use it.
 */
#ifndef PARAVANE_CPU_FEATURES_H
#define PARAVANE_CPU_FEATURES_H

#include "base/types.h"

struct cpu_features {
	bool nx, smep, smap, pge, xsave, fsgsbase, rdtscp, invariant_tsc;
	bool intel;			/* else AMD or compatible */
	uint32_t phys_bits;		/* width of a machine address */
	uint32_t last_leaf, last_extended;	/* of CPUID */
	uint64_t xcr0;			/* extended state we switch; 3 without XSAVE */
	uint32_t xstate_size;		/* bytes of that state's save area */
	uint64_t cr4;			/* CR4 as every guest runs with it */
};

extern struct cpu_features cpu_features;

void cpu_detect(void);
/* Why the CPU that calls cannot work beside the first one, or NULL. */
const char *cpu_lacks(void);
/* CR0, CR4, EFER, PAT, SYSCALL MSRs of the CPU that calls. */
void cpu_setup(void);

#endif
