/* SPDX-License-Identifier: MIT */
/* syscall - SYSCALL from user mode, from the kernel, and from 32-bit code; the
 * callbacks that it enters.
 */
#include "syscall.h"

const char suite_name[] = "syscall";

PAGE uint8_t low_page[4096], last_page[4096];
asm(".globl syscall_only; .pushsection .text; syscall_only: syscall; ud2; .popsection");

void suite_main(void)
{
	rule("user mode has a page table of its own");
	want(user_open(), 0);
	map_low(LOW, low_page, BOTH_HALVES);
	map_low(LAST_PAGE, last_page, BOTH_HALVES);
	memcpy(last_page + 4094, "\x0f\x05", 2);	/* syscall */
	user_calls();
	kernel_calls();
	narrow_calls();
	callbacks();
}
