/* SPDX-License-Identifier: MIT */
/* layout.h - a machine of FAKE_FRAMES frames that a test can own.
 */
#ifndef PARAVANE_FAKE_LAYOUT_H
#define PARAVANE_FAKE_LAYOUT_H

#include <stdint.h>

#define FAKE_FRAMES	1024

extern char fake_ram[FAKE_FRAMES * 4096];
extern char fake_frame_table[FAKE_FRAMES * 24];

#define DIRECTMAP_BASE	((uint64_t)fake_ram)
#define FRAMETABLE_BASE	((uint64_t)fake_frame_table)
#define M2P_BASE	0xffff800000000000UL
#define PERDOMAIN_BASE	0xffff820000000000UL
#define TEXT_BASE	0xffff82d040000000UL
extern char fake_cpu_block[];
#define PERCPU_BASE	((uint64_t)fake_cpu_block)
#define GDT_WINDOW(n)	(PERDOMAIN_BASE + (uint64_t)(n) * 0x20000)
#define LDT_WINDOW(n)	(GDT_WINDOW(n) + 0x10000)
#define LOW_END		0x0000800000000000UL
#define HYP_END		0xffff880000000000UL
#define PT_ENTRIES	512
#define HYP_SLOT_FIRST	256
#define HYP_SLOT_LAST	271
#define L4_SLOT(va)	(((va) >> 39) & 511)
#define PERDOMAIN_SLOT	L4_SLOT(PERDOMAIN_BASE)

#endif
