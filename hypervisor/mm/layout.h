/* SPDX-License-Identifier: MIT */
/* layout.h - where the hypervisor's own mappings lie.
 *
 * All of it is in L4 slots 256-271, which every guest's L4 shares with
 * ours. docs/memory-map.md draws this. Host tests put their own layout.h
 * in place of this one.
 */
#ifndef PARAVANE_MM_LAYOUT_H
#define PARAVANE_MM_LAYOUT_H

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

/* Registers of the interrupt controllers, a page each; uncached. */
#define APIC_REGISTERS	0xffff82c000000000UL
#define IOAPIC_REGISTERS (APIC_REGISTERS + 0x1000)

/* GDT window of vCPU n: 16 GDT pages, then 16 LDT pages. */
#define GDT_WINDOW(n)	(PERDOMAIN_BASE + (uint64_t)(n) * 0x20000)
#define LDT_WINDOW(n)	(GDT_WINDOW(n) + 0x10000)

/* Guests' addresses are below the first or from the second on. */
#define LOW_END		0x0000800000000000UL
#define HYP_END		0xffff880000000000UL

/* Entries of a page table. */
#define PT_ENTRIES		512
/* Our slots of every L4. */
#define HYP_SLOT_FIRST		256
#define HYP_SLOT_LAST		271
#define L4_SLOT(va)		(((va) >> 39) & 511)
#define PERDOMAIN_SLOT		L4_SLOT(PERDOMAIN_BASE)

#endif
