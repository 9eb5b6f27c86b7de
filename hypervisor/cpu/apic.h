/* SPDX-License-Identifier: MIT */
/* apic.h - the interrupt controllers: each CPU's local one, and the I/O one.
 */
#ifndef PARAVANE_CPU_APIC_H
#define PARAVANE_CPU_APIC_H

#include "cpu/percpu.h"

/* Interrupts from CPU to CPU come in here, whatever was asked; below the others, so
 * that a CPU that gets one after another still takes its timer's. */
#define IPI_VECTOR	0xd0
#define TIMER_VECTOR	0xf0
#define CONSOLE_VECTOR	0xf1
#define SPURIOUS_VECTOR	0xff

/* Where a line of the old PC bus comes in, and how it behaves. */
#define ISA_LINES	16
struct isa_line {
	uint32_t pin;		/* of the I/O APIC */
	bool low, level;	/* else high, edge */
};

/* --- boot ------------------------------------------------------------------- */
/* Which way the local APICs are spoken to, decided on the first CPU; its own
 * is on afterwards, everything else silenced. Registers are mapped. */
void apic_init(const struct isa_line isa[ISA_LINES]);
/* The local APIC of any other CPU. */
void apic_cpu_init(void);
/* Can a CPU of that id be reached? */
bool apic_id_usable(uint32_t apic_id);
/* Makes a CPU forget everything and wait; then run from page `page` (below
 * 256) in real mode. */
void apic_send_init(uint32_t apic_id);
void apic_send_startup(uint32_t apic_id, unsigned page);
/* An ISA interrupt comes in as `vector` on this CPU from now on. */
void apic_route_isa(unsigned irq, unsigned vector);
void apic_route_isa_nmi(unsigned irq);

/* --- any time --------------------------------------------------------------- */
void apic_eoi(void);
/* Interrupts a CPU, this one too, once the bits it shall look at are set. */
void apic_send_ipi(const struct cpu *c, unsigned vector);
void apic_send_nmi(const struct cpu *c);

/* --- the timer -------------------------------------------------------------- */
void apic_timer_free_run(void);		/* count down from the top, no interrupt */
uint32_t apic_timer_count(void);
void apic_timer_init(uint64_t hz);	/* the rate, all CPUs' */
void apic_timer_cpu_init(void);		/* one-shot interrupts from now on */
void apic_timer_arm(uint64_t ns);

#endif
