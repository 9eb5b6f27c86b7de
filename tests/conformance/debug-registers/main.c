/* SPDX-License-Identifier: MIT */
/* debug-registers - breakpoints and single steps, in both modes, and what
 * DR6 tells of them. (Suite emulation: which values the registers take.)
 */
#include "debug.h"

const char suite_name[] = "debug-registers";

void disarm(void)
{
	set_debugreg(7, 0);
	set_debugreg(6, 0);
	for (unsigned int i = 0; i < 4; i++)
		set_debugreg(i, 0);
}

void suite_main(void)
{
	rule("user mode has a page table of its own");
	want(user_open(), 0);
	watches();
	instructions();
	steps();
	values();
	ports();
}
