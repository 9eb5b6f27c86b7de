/* SPDX-License-Identifier: MIT */
/* stretch.h - how long the hypervisor keeps a processor, entry by entry.
 *
 * A stretch runs from an entry to the return to a guest, whichever guest that
 * is, or to the idle loop; all of it is without interrupts. Debug builds keep
 * the longest of each kind of entry, in TSC ticks: instructions, where QEMU
 * counts by them (`-icount`). The counting itself is left out.
 */
#ifndef PARAVANE_CPU_STRETCH_H
#define PARAVANE_CPU_STRETCH_H

#include "cpu/frame.h"
#include "cpu/percpu.h"

struct stretch {
	uint32_t kind;			/* PARAVANE_STRETCH_* */
	uint32_t number;		/* of the call, or the vector */
	uint32_t command;		/* of the call, 0 if it has none */
	uint64_t longest, count;
};

#if CONFIG_DEBUG
/* entry/: the guest's registers are in its frame; they are about to go back. */
void stretch_begin(const struct cpu_frame *f, bool kernel_mode);
void stretch_end(void);
/* The idle loop: an interrupt woke it. */
void stretch_begin_idle(void);
#else
static inline void stretch_end(void) { }
static inline void stretch_begin_idle(void) { }
#endif

/* Number `index` of those seen so far, in no order; false behind the last, and
 * in other builds. */
bool stretch_read(unsigned index, struct stretch *out);
/* None has been seen. */
void stretch_reset(void);

#endif
