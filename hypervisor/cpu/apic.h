/* SPDX-License-Identifier: MIT */
/* apic.h - the interrupt controllers: each CPU's local one, and the I/O one.
 */
#ifndef PARAVANE_CPU_APIC_H
#define PARAVANE_CPU_APIC_H

#include "cpu/percpu.h"

#define TIMER_VECTOR	0xf0
#define CONSOLE_VECTOR	0xf1
#define SPURIOUS_VECTOR	0xff

/* Boot: everything silenced, the local APIC of the CPU that calls on. */
void apic_init(void);
void apic_eoi(void);
/* Interrupts another CPU, once the bits it shall look at are set. */
void apic_send_ipi(const struct cpu *c, unsigned vector);
/* An edge-triggered ISA interrupt comes in as `vector` from now on. */
void apic_route_isa(unsigned irq, unsigned vector);

void apic_timer_free_run(void);		/* count down from the top, no interrupt */
uint32_t apic_timer_count(void);
void apic_timer_init(uint64_t hz);	/* one-shot interrupts from now on */
void apic_timer_arm(uint64_t ns);

#endif
