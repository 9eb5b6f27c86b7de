/* SPDX-License-Identifier: MIT */
/* idt.c - the interrupt descriptor table.
 *
 * Guards: only the vectors a guest may raise by an instruction of its own
 * have DPL 3 (traps.def, and 0x80); all gates are interrupt gates. Built
 * once, shared by all CPUs, read-only afterwards.
 */
#include "traps/traps.h"

struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_mid;
	uint32_t offset_high, zero;
};

#define GATE_INTERRUPT	0x8e

AFTER_BOOT_RO static struct gate idt[256] ALIGNED(4096);
extern const uint64_t trap_stubs[][2];

static void gate_rights(uint64_t vector, unsigned dpl, unsigned ist)
{
	idt[vector].type = (uint8_t)(GATE_INTERRUPT | dpl << 5);
	idt[vector].ist = (uint8_t)ist;
}

INIT void idt_build(void)
{
	for (unsigned i = 0; trap_stubs[i][0] != ~0UL; i++) {
		uint64_t vector = trap_stubs[i][0], address = trap_stubs[i][1];

		idt[vector] = (struct gate){
			.offset_low = (uint16_t)address,
			.selector = HYPERVISOR_CS,
			.offset_mid = (uint16_t)(address >> 16),
			.offset_high = (uint32_t)(address >> 32),
		};
		gate_rights(vector, 0, 0);
	}
#define TRAP(vec, name, error, dpl, ist, handler)	gate_rights(vec, dpl, ist);
#include "traps/traps.def"
#undef TRAP
	gate_rights(0x80, 3, 0);
}

void idt_load(void)
{
	struct { uint16_t limit; uint64_t base; } PACKED p = {
		sizeof(idt) - 1, (uint64_t)idt
	};

	__asm__ volatile("lidt %0" :: "m"(p));
}
