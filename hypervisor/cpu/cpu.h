/* SPDX-License-Identifier: MIT */
/* cpu.h - descriptors and blocks of a processor.
 */
#ifndef PARAVANE_CPU_CPU_H
#define PARAVANE_CPU_CPU_H

#include "cpu/percpu.h"
#include "mm/layout.h"

/* The block of CPU n starts here; its pages are mapped by boot. */
#define CPU_BLOCK(n)	(PERCPU_BASE + (uint64_t)(n) * CPU_BLOCK_SIZE)

/* Fill a mapped, zeroed block: SYSCALL stub, GDT page, TSS. */
void cpu_block_init(unsigned id);
/* Load GDT, TSS, IDT-independent state on the CPU that calls. */
void cpu_load_tables(struct cpu *c);

/* CS and SS become ours, DS, ES, FS and GS null (entry/segments.S). */
void load_flat_segments(void);

/* STAC/CLAC sites into NOPs where the CPU has no SMAP; before sealing. */
void smap_patch(void);

#endif
