/* SPDX-License-Identifier: MIT */
/* gates.c - INT N: who may use which gate, and what is pushed. */
#include "traps.h"

/* 256 times INT N; UD2, four bytes each. */
asm(".pushsection .text; ints: .set n, 0; .rept 256; .byte 0xcd, n; ud2;"
    ".set n, n + 1; .endr; .popsection");
extern const char ints[];
#define INT(n)	(ints + 4 * (n))
#define IDT	2

/* Vectors whose own gates in the processor's table are not closed to us. */
static bool special(unsigned int n)
{
	return n == 3 || n == 4 || n == 0x80;
}

static void want_through(unsigned int n, const char *what)
{
	want_at(pushed.entry == n, (long)pushed.entry, (long)n, what);
	want_at(!error_pushed(), (long)n, 0, "an error code is pushed by INT");
	want_at(trapped.rip == (uint64_t)INT(n) + 2, (long)n, 0, "RIP is not after INT");
}

static void want_refused(unsigned int n, const char *what)
{
	want_at(pushed.entry == 13, (long)pushed.entry, 13, what);
	want_at(trapped.error == (n << 3 | IDT), (long)trapped.error, n << 3 | IDT, what);
	want_at(trapped.rip == (uint64_t)INT(n), (long)n, 0, "RIP is not at INT");
	want_at(trapped.rflags & RFLAGS_RF, (long)n, 0, "RF is not set");
}

static void sweep(enum mode mode, unsigned int first, unsigned int last, unsigned int privilege,
		  bool allowed)
{
	for (unsigned int n = first; n <= last; n++) {
		if (special(n))
			continue;
		set_gate(n, privilege, entry_stub(n));
		if (n == 13 && !allowed)
			set_gate(13, privilege, entry_stub(13));
		enter(mode, INT(n));
		if (allowed)
			want_through(n, "INT through its gate");
		else
			want_refused(n, "INT refused");
	}
	reset_gates();
}

static void by_privilege(void)
{
	static const char *const kernel[] = {
		"INT 20-ff through a gate of privilege 0 is #GP, in the kernel too",
		"INT 20-ff through a gate of privilege 1",
		"INT 20-ff through a gate of privilege 2",
		"INT 20-ff through a gate of privilege 3",
	};
	static const char *const user[] = {
		"INT 20-ff through a gate of privilege 0 is #GP with vector and 2",
		"INT 20-ff through a gate of privilege 1 is #GP with vector and 2",
		"INT 20-ff through a gate of privilege 2 is #GP with vector and 2",
		"INT 20-ff through a gate of privilege 3",
	};

	for (unsigned int privilege = 0; privilege < 4; privilege++) {
		rule_in(KERNEL, kernel[privilege]);
		sweep(KERNEL, 0x20, 0xff, privilege, privilege > 0);
		rule_in(USER, user[privilege]);
		sweep(USER, 0x20, 0xff, privilege, privilege == 3);
	}
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		rule_in(mode, "INT 0-1f through a gate of privilege 0 is #GP with vector and 2");
		sweep(mode, 0, 0x1f, 0, false);
		rule_in(mode, "INT 0-1f through a gate of privilege 3 has no error code");
		sweep(mode, 0, 0x1f, 3, true);
		rule_in(mode, "INT through a gate that masks events masks them");
		set_gate(0x21, 4 | 3, entry_stub(0x21));
		enter(mode, INT(0x21));
		want_through(0x21, "INT 21");
		want(pushed.mask, 1);
		rule_in(mode, "INT 3 and 4 use their gates whatever the privilege");
		for (unsigned int n = 3; n <= 4; n++) {
			set_gate(n, 0, entry_stub(n));
			enter(mode, INT(n));
			want_through(n, "INT 3 or 4");
		}
		reset_gates();
	}
}

static void int_80(enum mode mode)
{
	rule_in(mode, "INT 80 enters its gate whatever the privilege, RIP is after it");
	for (unsigned int privilege = 0; privilege < 4; privilege++) {
		set_gate(0x80, privilege, entry_stub(0x80));
		enter(mode, INT(0x80));
		want_through(0x80, "INT 80");
	}
	rule_in(mode, "INT 80's gate may mask events");
	set_gate(0x80, 4 | 3, entry_stub(0x80));
	{
		struct frame f = state_in(mode, INT(0x80));

		f.rflags |= RFLAGS_IF;
		run_from(&f);
	}
	want_through(0x80, "INT 80");
	want(pushed.mask, 1);
	want(trapped.cs >> 32, 0);
	shared->vcpu_info[0].evtchn_upcall_mask = 1;
	rule_in(mode, "INT 80 clears TF, NT and AC for the handler, the frame has them");
	{
		struct frame f = state_in(mode, INT(0x80));

		f.rflags |= RFLAGS_NT | RFLAGS_AC;
		run_from(&f);
	}
	want(pushed.rflags & (RFLAGS_NT | RFLAGS_AC | RFLAGS_TF), 0);
	want(trapped.rflags & (RFLAGS_NT | RFLAGS_AC), RFLAGS_NT | RFLAGS_AC);
	reset_gates();
}

void gates(void)
{
	by_privilege();
	int_80(KERNEL);
	int_80(USER);
}
