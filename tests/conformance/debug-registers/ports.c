/* SPDX-License-Identifier: MIT */
/* ports.c - breakpoints on ports, which want CR4.DE. */
#include <xen/physdev.h>

#include "debug.h"

SNIPPET(in_80, "in $0x80, %al; nop; ud2")
SNIPPET(out_80, "out %al, $0x80; nop; ud2")
SNIPPET(in_81, "in $0x81, %al; nop; ud2")

void ports(void)
{
	struct physdev_set_iopl iopl = { 1 };
	uint64_t cr4;

	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	rule("with CR4.DE a port can be watched, without it not");
	set_debugreg(0, 0x80);
	want(set_debugreg(7, ARM(0, PORT, ONE)), -XEN_EPERM);
	asm volatile("mov %0, %%cr4" : : "r"(cr4 | 8));
	want(set_debugreg(7, ARM(0, PORT, ONE)), 0);
	want(get_debugreg(7), (long)(ARM(0, PORT, ONE) | DR7_CLEAR));
	call(physdev_op, PHYSDEVOP_set_iopl, &iopl);
	rule("an access to a watched port is #DB after it, and DR6 says which");
	want(enter(KERNEL, in_80), TRAP_DB);
	want(trapped.rip, (long)in_80 + 2);
	want(get_debugreg(6) & 0xf, 1);
	set_debugreg(6, 0);
	want(enter(KERNEL, out_80), TRAP_DB);
	want(trapped.rip, (long)out_80 + 2);
	want(get_debugreg(6) & 0xf, 1);
	rule("an access to another port is not");
	want(enter(KERNEL, in_81), 6);
	rule("without an enable bit the port is not watched");
	want(set_debugreg(7, ARM(0, PORT, ONE) & ~3ul), 0);
	want(enter(KERNEL, in_80), 6);
	disarm();
	asm volatile("mov %0, %%cr4" : : "r"(cr4));
	iopl.iopl = 0;
	call(physdev_op, PHYSDEVOP_set_iopl, &iopl);
}
