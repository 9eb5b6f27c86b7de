/* SPDX-License-Identifier: MIT */
/* watches.c - breakpoints on data. */
#include <xen/sched.h>

#include "debug.h"

static uint8_t bytes[64] __attribute__((aligned(64)));

SNIPPET(load, "mov (%rdi), %al; ud2")
SNIPPET(store, "mov %al, (%rdi); ud2")
SNIPPET(load_8, "mov (%rdi), %rax; ud2")
SNIPPET(store_8, "mov %rax, (%rdi); ud2")

/* Does this access of bytes[at] raise #DB? */
static bool hits(enum mode mode, const char *code, unsigned int at)
{
	struct frame f = state_in(mode, code);

	f.rdi = (uint64_t)&bytes[at];
	set_debugreg(6, 0);
	run_from(&f);
	if (pushed.entry != TRAP_DB) {
		want(pushed.entry, 6);
		return false;
	}
	want(error_pushed(), false);
	return true;
}

static const unsigned int sizes[] = { [ONE] = 1, [TWO] = 2, [EIGHT] = 8, [FOUR] = 4 };

static void each_register(enum mode mode)
{
	rule_in(mode, "a byte that is watched for writing is #DB after the store, not after a load");
	for (unsigned int n = 0; n < 4; n++) {
		want(set_debugreg(n, (long)&bytes[8]), 0);
		want(set_debugreg(7, ARM(n, WRITE, ONE)), 0);
		want_true(hits(mode, store, 8));
		want(trapped.rip, (long)store + 2);
		want(bytes[8], (uint8_t)trapped.rax);
		want_true(!hits(mode, load, 8));
		disarm();
	}
	rule_in(mode, "DR6 tells which of the four it was");
	for (unsigned int n = 0; n < 4; n++) {
		set_debugreg(n, (long)&bytes[8]);
		set_debugreg(7, ARM(n, WRITE, ONE));
		want_true(hits(mode, store, 8));
		want(get_debugreg(6) & 0xf, 1l << n);
		want(get_debugreg(6) & DR6_STEP, 0);
		disarm();
	}
	rule_in(mode, "a byte that is watched for access is #DB after either");
	set_debugreg(2, (long)&bytes[8]);
	want(set_debugreg(7, ARM(2, ACCESS, ONE)), 0);
	want_true(hits(mode, store, 8));
	want_true(hits(mode, load, 8));
	want(trapped.rip, (long)load + 2);
	disarm();
	rule_in(mode, "global enabling is as good as local");
	set_debugreg(1, (long)&bytes[8]);
	want(set_debugreg(7, ARM(1, WRITE, ONE) ^ 1 << 2 ^ 2 << 2), 0);
	want_true(hits(mode, store, 8));
	disarm();
	rule_in(mode, "an address without its enable bit is not watched");
	set_debugreg(0, (long)&bytes[8]);
	set_debugreg(7, ARM(0, WRITE, ONE) & ~3ul);
	want_true(!hits(mode, store, 8));
	disarm();
}

static void lengths(enum mode mode)
{
	for (unsigned int length = 0; length < 4; length++) {
		static const char *const rules[] = {
			[ONE] = "a watch of one byte is for that byte",
			[TWO] = "a watch of two bytes is for both and no other",
			[EIGHT] = "a watch of eight bytes is for all of them and no other",
			[FOUR] = "a watch of four bytes is for all of them and no other",
		};

		rule_in(mode, rules[length]);
		set_debugreg(3, (long)&bytes[16]);
		want(set_debugreg(7, ARM(3, WRITE, length)), 0);
		for (unsigned int at = 8; at < 32; at++)
			want_at(hits(mode, store, at) ==
				(at >= 16 && at < 16 + sizes[length]), at, 0, "the byte");
		want_true(hits(mode, store_8, 10));
		want_true(!hits(mode, store_8, 8));
		want_true(!hits(mode, load_8, 16));
		disarm();
	}
}

static void lasting(void)
{
	struct sched_poll p = { .timeout = 1 };

	rule("a watch outlives a yield, a sleep and a change of mode");
	set_debugreg(0, (long)&bytes[8]);
	set_debugreg(7, ARM(0, WRITE, ONE));
	call(sched_op, SCHEDOP_yield, 0);
	want_true(hits(KERNEL, store, 8));
	call(sched_op, SCHEDOP_poll, &p);
	want_true(hits(USER, store, 8));
	want_true(hits(KERNEL, store, 8));
	want(get_debugreg(0), (long)&bytes[8]);
	want(get_debugreg(7), (long)(ARM(0, WRITE, ONE) | DR7_CLEAR));
	rule("DR6 keeps its bits until they are written away");
	hits(KERNEL, store, 8);
	set_debugreg(7, 0);
	want(get_debugreg(6) & 0xf, 1);
	want(call(sched_op, SCHEDOP_yield, 0), 0);
	want(get_debugreg(6) & 0xf, 1);
	set_debugreg(6, 0);
	want(get_debugreg(6), DR6_CLEAR);
	rule("a hit adds to the bits that are there");
	set_debugreg(2, (long)&bytes[9]);
	set_debugreg(7, ARM(0, WRITE, ONE));
	enter(KERNEL, "\x0f\x0b");
	set_debugreg(6, 4);
	{
		struct frame f = state_in(KERNEL, store);

		f.rdi = (uint64_t)&bytes[8];
		run_from(&f);
	}
	want(pushed.entry, TRAP_DB);
	want(get_debugreg(6) & 0xf, 5);
	disarm();
	rule("a watch that is moved is where it was moved to");
	set_debugreg(0, (long)&bytes[8]);
	set_debugreg(7, ARM(0, WRITE, ONE));
	set_debugreg(0, (long)&bytes[40]);
	want_true(!hits(KERNEL, store, 8));
	want_true(hits(KERNEL, store, 40));
	disarm();
}

void watches(void)
{
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		each_register(mode);
		lengths(mode);
	}
	lasting();
}
