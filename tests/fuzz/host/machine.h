/* SPDX-License-Identifier: MIT */
/* machine.h - a small machine for the memory room: two domains, 64 frames.
 *
 * Guards: after every step each count is what a recount from nothing gives
 * (machine_check).
 */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include "domain/domain.h"
#include "mm/mm.h"

#define FRAME_FIRST	64u	/* RAM is [FRAME_FIRST, FRAME_END) */
#define FRAME_END	128u
#define DOMAINS		2u
#define IO_FRAME	2u	/* a device's page below RAM */
#define HOLDS		32u

/* References that neither tables nor vCPUs hold: grants, calls under way. */
struct hold {
	mfn_t m;
	bool writable;
};

extern struct domain dom[DOMAINS];	/* the first may map devices */
extern struct vcpu vcpus[DOMAINS];
extern struct hold holds[HOLDS];
extern unsigned nr_holds;

/* Empty domains, all other frames free. */
void machine_begin(void);
/* A domain whose teardown is done begins again, if nobody holds a frame of
 * its any more. */
void machine_reborn(struct domain *d);
/* Everything is given back, and nothing is missing. */
void machine_end(void);
/* Recount, compare. */
void machine_check(void);

static inline void budget(int units)
{
	this_cpu()->budget = units;
}

static inline struct frame *fr(uint64_t n)
{
	return frame_of(mfn_make(n));
}

static inline uint64_t *mem(uint64_t n)
{
	return mfn_to_virt(mfn_make(n));
}

#endif
