/* SPDX-License-Identifier: MIT */
/* task_switched.c - CR0.TS: which instructions meet it, in which mode. */
#include <xen/sched.h>

#include "fpu.h"

SNIPPET(i_fninit, "fninit; ud2")
SNIPPET(i_fld1, "fld1; ud2")
SNIPPET(i_fwait, "fwait; ud2")
SNIPPET(i_fnstcw, "fnstcw -8(%rsp); ud2")
SNIPPET(i_movd, "movd %eax, %mm0; ud2")
SNIPPET(i_pxor, "pxor %xmm0, %xmm0; ud2")
SNIPPET(i_stmxcsr, "stmxcsr -8(%rsp); ud2")
SNIPPET(i_ldmxcsr, "movl $0x1f80, -8(%rsp); ldmxcsr -8(%rsp); ud2")
SNIPPET(i_fxsave, "sub $1024, %rsp; and $-64, %rsp; fxsave (%rsp); ud2")
SNIPPET(i_cvt, "cvtsi2sd %rax, %xmm1; ud2")
SNIPPET(i_integer, "add %rax, %rdx; imul %rdx, %rax; ud2")
SNIPPET(i_prefetch, "prefetcht0 (%rsp); sfence; lfence; ud2")

static const struct { const char *rule, *code; bool meets; } rows[] = {
	{ "FNINIT meets TS", i_fninit, true },
	{ "FLD1 meets TS", i_fld1, true },
	{ "FWAIT meets TS", i_fwait, true },
	{ "FNSTCW meets TS", i_fnstcw, true },
	{ "an MMX move meets TS", i_movd, true },
	{ "an SSE instruction meets TS", i_pxor, true },
	{ "a conversion meets TS", i_cvt, true },
	{ "STMXCSR meets TS", i_stmxcsr, true },
	{ "LDMXCSR meets TS", i_ldmxcsr, true },
	{ "FXSAVE meets TS", i_fxsave, true },
	{ "integer arithmetic does not meet TS", i_integer, false },
	{ "prefetches and fences do not meet TS", i_prefetch, false },
};

static uint64_t cr0(void)
{
	uint64_t v;

	asm volatile("mov %%cr0, %0" : "=r"(v));
	return v;
}

#define CR0_TS	8ul

static void each(enum mode mode)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rule_in(mode, rows[i].rule);
		want(call(fpu_taskswitch, 1), 0);
		want(enter(mode, rows[i].code), rows[i].meets ? 7 : 6);
		want(error_pushed(), false);
		want(cr0() & CR0_TS, rows[i].meets ? 0 : (long)CR0_TS);
		want(call(fpu_taskswitch, 0), 0);
		want(enter(mode, rows[i].code), 6);
	}
}

/* As a kernel does it that switches registers late. */
static struct image of_task;
static bool late(struct frame *f)
{
	if (f->vector != 7)
		return false;
	load(&of_task);
	return true;
}

void task_switched(void)
{
	struct image after;

	each(KERNEL);
	each(USER);
	rule("a kernel may load the registers in #NM and go on");
	of_task = pattern(9);
	call(fpu_taskswitch, 1);
	trap_hook = late;
	want(enter(USER, i_fwait), 6);
	trap_hook = NULL;
	save(&after);
	want_same(&after, &of_task);
	rule("TS outlives entries, calls and sleeps, in either mode");
	call(fpu_taskswitch, 1);
	want(enter(USER, i_integer), 6);
	want(enter(KERNEL, i_integer), 6);
	call(sched_op, SCHEDOP_yield, 0);
	want(cr0() & CR0_TS, CR0_TS);
	want(enter(USER, i_fwait), 7);
	rule("TS can be set twice and cleared twice");
	want(call(fpu_taskswitch, 1), 0);
	want(call(fpu_taskswitch, 1), 0);
	want(enter(KERNEL, i_fld1), 7);
	want(enter(KERNEL, i_fninit), 6);
	want(call(fpu_taskswitch, 0), 0);
	want(call(fpu_taskswitch, 0), 0);
	want(enter(KERNEL, i_fld1), 6);
}
