/* SPDX-License-Identifier: MIT */
/* tlb.h - when a translation may still be remembered.
 *
 * Guards: no CPU holds a translation of a frame when the frame changes type
 * or owner. Every flush of everything, globals included, advances a clock;
 * a frame is stamped when its last use ends; if the clock has not moved
 * since, the changer flushes first. Stamps are 16 bits: an equal stamp that
 * is really 65,536 flushes old costs one flush too many, never one too few.
 */
#ifndef PARAVANE_MM_TLB_H
#define PARAVANE_MM_TLB_H

#include "base/log.h"
#include "base/types.h"
#include "cpu/tlb.h"

/* Everything, globals included, here and on every CPU that runs guests. */
void tlb_flush_all(void);

/* Before a frame stamped `stamp` is put to another use. */
static inline void tlb_flush_since(uint16_t stamp)
{
	if (stamp == READ_ONCE(tlb_clock))
		tlb_flush_all();
	ASSERT(stamp != READ_ONCE(tlb_clock));
}

#endif
