/* SPDX-License-Identifier: MIT */
/* gdt.h - which descriptor tables the processor uses.
 */
#ifndef PARAVANE_CPU_GDT_H
#define PARAVANE_CPU_GDT_H

#include <stdint.h>

/* The GDT at `base` (a vCPU's window): 15 pages, the last one this CPU's. */
void cpu_load_gdt(uint64_t base);
/* `entries` descriptors at `base`; 0 = the null LDT. */
void cpu_load_ldt(uint64_t base, uint32_t entries);
/* No vCPU's window is mapped: the CPU's own page, and no LDT. */
void cpu_idle_descriptors(void);

#endif
