/* SPDX-License-Identifier: MIT */
/* instructions.c - breakpoints on instructions, and RF. */
#include "debug.h"

SNIPPET(some_nops, "nop; nop; nop; nop; ud2")
SNIPPET(emulated, "nop; mov %cr0, %rax; nop; ud2")

static unsigned int times;

/* Goes on from breakpoints, with RF as the frame says or set. */
static bool go_on_with_rf(struct frame *f)
{
	if (f->vector != TRAP_DB || ++times > 10)
		return false;
	f->rflags |= RFLAGS_RF;
	return true;
}

/* Runs until a breakpoint is heeded. QEMU sets RF when an interrupt comes, so
 * one that comes right before the instruction hides its breakpoint. */
void run_to_breakpoint(struct frame *f)
{
	for (unsigned int i = 0; i < 10; i++) {
		set_debugreg(6, 0);
		run_from(f);
		if (pushed.entry == TRAP_DB)
			return;
	}
}

static void at_instruction(enum mode mode)
{
	struct frame f = state_in(mode, some_nops);

	rule_in(mode, "a breakpoint on an instruction is #DB before it");
	for (unsigned int n = 0; n < 4; n++) {
		want(set_debugreg(n, (long)some_nops + 2), 0);
		want(set_debugreg(7, ARM(n, EXECUTE, ONE)), 0);
		run_to_breakpoint(&f);
		want(pushed.entry, TRAP_DB);
		want(trapped.rip, (long)some_nops + 2);
		want(get_debugreg(6) & 0xf, 1l << n);
		disarm();
	}
	rule_in(mode, "iret with RF set goes on past it, once");
	set_debugreg(0, (long)some_nops + 2);
	set_debugreg(7, ARM(0, EXECUTE, ONE));
	times = 0;
	trap_hook = go_on_with_rf;
	for (unsigned int i = 0; i < 10 && !times; i++)
		run_from(&f);
	trap_hook = NULL;
	want(times, 1);
	want(pushed.entry, 6);
	rule_in(mode, "a breakpoint on the first instruction after iret is heeded without RF");
	set_debugreg(0, (long)some_nops);
	run_to_breakpoint(&f);
	want(pushed.entry, TRAP_DB);
	want(trapped.rip, (long)some_nops);
	rule_in(mode, "a breakpoint on the first instruction after iret is not heeded with RF");
	f.rflags |= RFLAGS_RF;
	run_from(&f);
	want(pushed.entry, 6);
	rule_in(mode, "a breakpoint on an instruction is no watch of its bytes");
	f = state_in(mode, some_nops);
	set_debugreg(0, (long)some_nops + 1);
	set_debugreg(7, ARM(0, WRITE, ONE));
	run_from(&f);
	want(pushed.entry, 6);
	disarm();
}

static void at_emulated(void)
{
	struct frame f = state_in(KERNEL, emulated);

	rule("a breakpoint on an instruction that is done for the kernel is #DB before it");
	set_debugreg(0, (long)emulated + 1);
	set_debugreg(7, ARM(0, EXECUTE, ONE));
	run_to_breakpoint(&f);
	want(pushed.entry, TRAP_DB);
	want(trapped.rip, (long)emulated + 1);
	rule("with RF it is done, and the next breakpoint is heeded");
	set_debugreg(1, (long)emulated + 4);
	set_debugreg(7, ARM(0, EXECUTE, ONE) | ARM(1, EXECUTE, ONE));
	set_debugreg(6, 0);
	f.rip++;
	f.rflags |= RFLAGS_RF;
	run_to_breakpoint(&f);
	want(pushed.entry, TRAP_DB);
	want(trapped.rip, (long)emulated + 4);
	want(get_debugreg(6) & 0xf, 2);
	disarm();
}

void instructions(void)
{
	at_instruction(KERNEL);
	at_instruction(USER);
	at_emulated();
}
