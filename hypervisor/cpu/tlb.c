/* SPDX-License-Identifier: MIT */
/* tlb.c - forgetting translations, on the processor that calls.
 */
#include "cpu/tlb.h"

#include "base/compiler.h"
#include "cpu/bits.h"
#include "cpu/insn.h"

uint16_t tlb_clock = 1;

void tlb_flush_local(void)
{
	uint64_t cr4 = read_cr4();

	if (cr4 & CR4_PGE) {
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
	WRITE_ONCE(tlb_clock, (uint16_t)(tlb_clock + 1));
}
