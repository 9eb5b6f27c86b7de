/* SPDX-License-Identifier: MIT */
/* tlb.h - flushing what this processor remembers of page tables.
 *
 * Every flush of everything advances a clock that all CPUs share; mm/tlb.h
 * says what is made of it.
 */
#ifndef PARAVANE_CPU_TLB_H
#define PARAVANE_CPU_TLB_H

#include "base/types.h"

/* Flushes of everything so far, on all CPUs. */
extern uint16_t tlb_clock;

/* Everything this CPU remembers, globals included. */
void tlb_flush_local(void);

#endif
