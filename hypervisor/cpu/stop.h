/* SPDX-License-Identifier: MIT */
/* stop.h - the machine ends: one processor speaks, the others halt.
 */
#ifndef PARAVANE_CPU_STOP_H
#define PARAVANE_CPU_STOP_H

#include "base/types.h"

/* Returns with all other CPUs halted where they were, or after a while if one
 * does not listen. On the first CPU that calls, and there any number of times;
 * any later one halts. What the others had locked stays locked. */
void cpus_stop_others(void);
/* Bit per CPU that did not. */
uint64_t cpus_not_stopped(void);
/* For the handler of NMIs: halts for good if that is what it came for. */
void cpu_stop_if_asked(void);

#endif
