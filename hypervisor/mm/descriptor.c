/* SPDX-License-Identifier: MIT */
/* descriptor.c - which segment descriptors a guest may have.
 *
 * Guards: no descriptor that a guest loads gives ring 0, and no gate leads
 * anywhere but to a fault that we see.
 * Not here: who loads them when (gdt.c).
 */
#include "mm/descriptor.h"

#include <public/xen.h>

#define DESC_TYPE(d)	(((d) >> 40) & 15)
#define DESC_S		(1UL << 44)	/* code or data */
#define DESC_DPL	(3UL << 45)
#define DESC_P		(1UL << 47)
#define TYPE_CALL_GATE	12
#define GATE_RESERVED	(0xffUL << 32)
#define GATE_RPL	(3UL << 16)

/* The selector a call gate leads to: never one of our descriptors. */
static bool gate_target_ok(uint16_t sel)
{
	return (sel & 4) || sel < 0xe000 || sel == FLAT_RING3_CS64;
}

bool descriptor_check(uint64_t *desc)
{
	uint64_t d = *desc;

	if (!(d & DESC_P))
		return true;
	if (d & DESC_S) {
		*desc = d | DESC_DPL;
		return true;
	}
	if (DESC_TYPE(d) == 0)
		return true;	/* second half of a gate: loads fault */
	if (DESC_TYPE(d) != TYPE_CALL_GATE || (d & GATE_RESERVED))
		return false;
	if (!gate_target_ok((uint16_t)(d >> 16)))
		return false;
	/* Its use must fault so that we see it: privilege 0. The one it was
	 * meant for is kept in the selector, and that is 3 for all. */
	*desc = (d & ~DESC_DPL) | GATE_RPL;
	return true;
}

bool descriptors_ok(uint64_t *page)
{
	for (unsigned i = 0; i < PAGE_SIZE / 8; i++) {
		uint64_t d = READ_ONCE(page[i]);

		if (!descriptor_check(&d))
			return false;
		if (d != page[i])
			page[i] = d;
	}
	return true;
}
