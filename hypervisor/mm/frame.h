/* SPDX-License-Identifier: MIT */
/* frame.h - one record per machine frame.
 *
 * Guards: lifetime (`ref`: owner, state and a count in one word, changed by
 * compare-and-swap) and use (`use`: type, flags and a count in one word).
 * Invariant: 24 bytes, asserted; a frame changes owner or type only when the
 * count concerned is zero and every stale translation is flushed.
 */
#ifndef PARAVANE_MM_FRAME_H
#define PARAVANE_MM_FRAME_H

#include "base/types.h"

/* The direct map: all RAM, never executable. */
#define DIRECTMAP_BASE	0xffff830000000000UL
/* struct frame[], one per machine frame up to the highest RAM. */
#define FRAMETABLE_BASE	0xffff82e000000000UL
/* The machine-to-physical table, guests read it. */
#define M2P_BASE	0xffff800000000000UL
/* Per-domain slot: GDT and LDT windows of each vCPU. */
#define PERDOMAIN_BASE	0xffff820000000000UL
/* The hypervisor's text and data, and the per-CPU blocks above them. */
#define TEXT_BASE	0xffff82d040000000UL
#define PERCPU_BASE	0xffff82d060000000UL

/* GDT window of vCPU n: 16 GDT pages, then 16 LDT pages. */
#define GDT_WINDOW(n)	(PERDOMAIN_BASE + (uint64_t)(n) * 0x20000)
#define LDT_WINDOW(n)	(GDT_WINDOW(n) + 0x10000)

struct frame {
	uint64_t ref;
	uint64_t use;
	uint32_t next, prev;	/* owner's list, or free list (buddy) */
};
_Static_assert(sizeof(struct frame) == 24, "the frame table is sized by this");

extern uint64_t max_mfn;	/* highest RAM frame + 1 */

static inline struct frame *frame_of(mfn_t m)
{
	return (struct frame *)FRAMETABLE_BASE + m.n;
}

static inline mfn_t mfn_of(const struct frame *f)
{
	return mfn_make((uint64_t)(f - (struct frame *)FRAMETABLE_BASE));
}

/* A record exists for it; always ask before frame_of() on a guest's number. */
static inline bool mfn_valid(mfn_t m)
{
	return m.n < max_mfn;
}

static inline void *maddr_to_virt(uint64_t a)
{
	return (void *)(DIRECTMAP_BASE + a);
}

static inline void *mfn_to_virt(mfn_t m)
{
	return maddr_to_virt(m.n << PAGE_SHIFT);
}

static inline uint64_t virt_to_maddr(const void *p)
{
	return (uint64_t)p - DIRECTMAP_BASE;
}

static inline mfn_t virt_to_mfn(const void *p)
{
	return mfn_make(virt_to_maddr(p) >> PAGE_SHIFT);
}

#endif
