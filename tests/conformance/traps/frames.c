/* SPDX-License-Identifier: MIT */
/* frames.c - where the frame lies, and what is in it and in the registers. */
#include "traps.h"

SNIPPET(undefined, "ud2")
SNIPPET(general, "hlt")

static void aligned(void)
{
	rule_in(KERNEL, "the frame lies below RSP, rounded down to 16");
	for (unsigned int i = 0; i < 32; i++) {
		struct frame f = state_in(KERNEL, undefined);

		f.rsp -= i;
		run_from(&f);
		want(pushed.entry, 6);
		want(pushed.rsp + 7 * 8, (long)(f.rsp & ~15ul));
		want(trapped.rsp, (long)f.rsp);
	}
	rule_in(KERNEL, "the frame with an error code lies there too");
	for (unsigned int i = 0; i < 32; i++) {
		struct frame f = state_in(KERNEL, general);

		f.rsp -= i;
		run_from(&f);
		want(pushed.rsp + 8 * 8, (long)(f.rsp & ~15ul));
		want(trapped.rsp, (long)f.rsp);
	}
	rule_in(USER, "the frame lies below stack_switch's address, rounded down to 16");
	for (unsigned int i = 0; i < 32; i++) {
		uint64_t stack = kernel_entry_stack() - i;

		want(call(stack_switch, FLAT_KERNEL_SS, stack), 0);
		enter(USER, undefined);
		want(pushed.rsp + 7 * 8, (long)(stack & ~15ul));
		enter(USER, general);
		want(pushed.rsp + 8 * 8, (long)(stack & ~15ul));
	}
	rule("stack_switch takes any address, and only user mode's entries use it");
	want(call(stack_switch, FLAT_KERNEL_SS, BAD_POINTER), 0);
	want(enter(KERNEL, undefined), 6);
	want(call(stack_switch, FLAT_KERNEL_SS, kernel_entry_stack()), 0);
}

static void contents(enum mode mode)
{
	static const char *const codes[] = { undefined, general };

	for (unsigned int i = 0; i < 2; i++) {
		struct frame f = state_in(mode, codes[i]);
		unsigned int at = i ? 3 : 2;	/* RIP's word */
		const uint64_t *w = pushed.words;

		run_from(&f);
		rule_in(mode, i ? "with an error code the words are RCX R11 error RIP CS RFLAGS RSP SS"
				: "without an error code the words are RCX R11 RIP CS RFLAGS RSP SS");
		want(w[0], (long)f.rcx);
		want(w[1], (long)f.r11);
		want(w[at], (long)f.rip);
		want(w[at + 1] & 0xffffffff, (long)f.cs);
		want(w[at + 2] & ~RFLAGS_RF, (long)f.rflags);
		want(w[at + 3], (long)f.rsp);
		want(w[at + 4], FLAT_KERNEL_SS);
		rule_in(mode, i ? "an entry with an error code keeps all registers but RCX and R11"
				: "an entry without one keeps all registers but RCX and R11");
		want(memcmp(&pushed, &f, offsetof(struct frame, r11)), 0);
		rule_in(mode, i ? "with an error code CS's word says RPL 0 or 3 and nothing above 40 bits"
				: "CS's word says RPL 0 for the kernel, 3 for a user, nothing above 40 bits");
		want(w[at + 1] & 0xffff, mode == USER ? 0xe033 : 0xe030);
		want(w[at + 1] >> 16 & 0xffff, 0);
		want(w[at + 1] >> 40, 0);
	}
}

static uint16_t live_cs, live_ss;

static bool look_at_segments(struct frame *f)
{
	asm volatile("mov %%cs, %0; mov %%ss, %1" : "=m"(live_cs), "=m"(live_ss));
	return false;
}

static void segments(enum mode mode)
{
	rule_in(mode, "a handler has the flat segments, whatever stack_switch's said");
	trap_hook = look_at_segments;
	call(stack_switch, 0, kernel_entry_stack());
	enter(mode, undefined);
	want(live_cs, FLAT_KERNEL_CS);
	want(live_ss, FLAT_KERNEL_SS);
	call(stack_switch, FLAT_KERNEL_SS, kernel_entry_stack());
	enter(mode, undefined);
	want(live_cs, FLAT_KERNEL_CS);
	want(live_ss, FLAT_KERNEL_SS);
	trap_hook = NULL;
}

/* How often it has been entered, to go on after each. */
static unsigned int times;

static bool go_on(struct frame *f)
{
	if (f->vector != 3 || ++times == 100)
		return false;
	return true;
}

SNIPPET(breakpoints, "1: int3; inc %rdx; jmp 1b")

static void returned_to(enum mode mode)
{
	struct frame f = state_in(mode, breakpoints);

	rule_in(mode, "a handler's iret goes on with all registers as they were");
	times = 0;
	trap_hook = go_on;
	run_from(&f);
	trap_hook = NULL;
	want(times, 100);
	f.rdx += 99;
	want(memcmp(&trapped, &f, offsetof(struct frame, iret_flags)), 0);
	want(trapped.rsp, (long)f.rsp);
}

void frames(void)
{
	aligned();
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		contents(mode);
		segments(mode);
		returned_to(mode);
	}
}
