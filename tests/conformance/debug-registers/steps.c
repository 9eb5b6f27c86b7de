/* SPDX-License-Identifier: MIT */
/* steps.c - TF: one #DB an instruction, whoever does it. */
#include "debug.h"

SNIPPET(three, "nop; nop; nop; ud2")
SNIPPET(by_popf, "pushfq; orq $0x100, (%rsp); popfq; nop; nop; ud2")
SNIPPET(off_by_popf, "pushfq; andq $~0x100, (%rsp); popfq; nop; ud2")
SNIPPET(string, "mov $3, %ecx; mov %rsp, %rdi; sub $64, %rdi; rep stosb; ud2")
SNIPPET(breakpoint, "int3; ud2")
SNIPPET(undefined, "ud2")
SNIPPET(read_cr0, "mov %cr0, %rax; nop; ud2")
SNIPPET(write_cr2, "mov %rax, %cr2; nop; ud2")
SNIPPET(forced_cpuid, ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2; nop; ud2")
SNIPPET(hypercall, "syscall; nop; ud2")
SNIPPET(read_ss, "mov %ss, %eax; mov %eax, %ss; nop; nop; ud2")

#define MOST	32
static unsigned int count;
static uint64_t at[MOST];

static bool note(struct frame *f)
{
	if (f->vector != TRAP_DB || count == MOST)
		return false;
	at[count++] = f->rip;
	return true;
}

/* The number of steps until the code ends, by another vector. */
static unsigned int steps_of(enum mode mode, const char *code, uint64_t flags)
{
	struct frame f = state_in(mode, code);

	f.rflags |= flags;
	f.rax = 17;				/* xen_version */
	f.rdi = 0;
	count = 0;
	set_debugreg(6, 0);
	trap_hook = note;
	run_from(&f);
	trap_hook = NULL;
	return count;
}

static void plain(enum mode mode)
{
	rule_in(mode, "with TF set every instruction is #DB after it");
	want(steps_of(mode, three, RFLAGS_TF), 3);
	for (unsigned int i = 0; i < 3; i++)
		want(at[i], (long)three + 1 + i);
	want(pushed.entry, 6);
	rule_in(mode, "DR6 says that it was a step");
	want(get_debugreg(6) & 0x400f, DR6_STEP);
	rule_in(mode, "without TF there is none");
	want(steps_of(mode, three, 0), 0);
	rule_in(mode, "TF set by POPF is for the instruction after it");
	want(steps_of(mode, by_popf, 0), 2);
	want(at[0], (long)by_popf + 11);
	rule_in(mode, "TF cleared by POPF is #DB after the POPF, the last");
	want(steps_of(mode, off_by_popf, RFLAGS_TF), 3);
	want(pushed.entry, 6);
	want(trapped.rflags & RFLAGS_TF, 0);
	rule_in(mode, "REP is a step for each turn");
	steps_of(mode, string, RFLAGS_TF);
	want_true(count == 6 || count == 7);	/* some stop at its end once more */
	rule_in(mode, "INT3 and faults are themselves, TF stays in their frames");
	want(steps_of(mode, breakpoint, RFLAGS_TF), 0);
	want(pushed.entry, 3);
	want(trapped.rflags & RFLAGS_TF, RFLAGS_TF);
	want(steps_of(mode, undefined, RFLAGS_TF), 0);
	want(pushed.entry, 6);
	want(trapped.rflags & RFLAGS_TF, RFLAGS_TF);
}

static void done_by_others(void)
{
	rule("a step over a hypercall is #DB after it");
	want(steps_of(KERNEL, hypercall, RFLAGS_TF), 2);
	want(at[0], (long)hypercall + 2);
	want(trapped.rax, 4 << 16 | 17);
	rule("a step over an instruction that is done for the kernel is #DB after it");
	want(steps_of(KERNEL, read_cr0, RFLAGS_TF), 2);
	want(at[0], (long)read_cr0 + 3);
	want(get_debugreg(6) & 0x400f, DR6_STEP);
	want(steps_of(KERNEL, write_cr2, RFLAGS_TF), 2);
	want(at[0], (long)write_cr2 + 3);
	rule("a step over CPUID with the prefix is #DB after it");
	want(steps_of(KERNEL, forced_cpuid, RFLAGS_TF), 2);
	want(at[0], (long)forced_cpuid + 7);
	want(steps_of(USER, forced_cpuid, RFLAGS_TF), 2);
	want(at[0], (long)forced_cpuid + 7);
	rule("a step over MOV to SS ends after the next instruction, or not");
	steps_of(KERNEL, read_ss, RFLAGS_TF);
	want(pushed.entry, 6);
	want_true(count == 3 || count == 4);
	disarm();
}

void steps(void)
{
	plain(KERNEL);
	plain(USER);
	done_by_others();
}
