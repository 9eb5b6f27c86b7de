/* SPDX-License-Identifier: MIT */
/* traps - exceptions and software interrupts, from kernel and user mode: which
 * gate they enter, with what frame, and what set_trap_table makes of gates.
 */
#include "traps.h"

const char suite_name[] = "traps";

static PAGE uint8_t kernel_only_page[4096];
uint8_t *const kernel_only = (uint8_t *)0x400000;

void suite_main(void)
{
	rule("user mode has a page table of its own");
	want(user_open(), 0);
	map_low((uint64_t)kernel_only, kernel_only_page, KERNEL_ONLY);
	*kernel_only = 1;
	exceptions();
	page_faults();
	frames();
	flags();
	gates();
	trap_table();
	handlers();
}
