/* SPDX-License-Identifier: MIT */
/* state.c - extended state: XCR0, CR0.TS and #NM, what a vCPU starts with. */
#include "emulation.h"

#define CR4		0x660ul
#define CR4_OSXSAVE	(1ul << 18)
#define CR0_TS		0x8ul

static void xgetbv(void *unused)
{
	uint32_t low, high;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	value = (uint64_t)high << 32 | low;
}

static void xsetbv(void *unused)
{
	asm volatile("xsetbv" : : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(0));
}

static void xsetbv_1(void *unused)
{
	asm volatile("xsetbv" : : "a"(3), "d"(0), "c"(1));
}

static uint64_t xcr0(void)
{
	return vector_of(xgetbv, 0) < 0 ? value : 0;
}

static void which_state(void)
{
	static const uint64_t bad[] = {
		0, 2, 4, 5, 6, 0xb, 0x13, 0x1b, 0x23, 0x27, 0x47, 0x67, 0xc7, 0xe3,
		0x103, 0x203, 0x207, 1ul << 62 | 3, 1ul << 63 | 3,
	};

	rule("XCR0 is x87 and SSE at first");
	want(xcr0(), 3);
	rule("XSETBV is #UD until CR4.OSXSAVE is set");
	want(vector_of(xsetbv, 3), TRAP_UD);
	rule("XSETBV enables what leaf d tells of");
	want(vector_of(set_cr4, CR4 | CR4_OSXSAVE), -1);
	want(vector_of(xsetbv, forced(13, 0).a), -1);
	want(xcr0(), forced(13, 0).a);
	rule("leaf d tells the size of what is enabled, and of all");
	want(forced(13, 0).b, forced(13, 0).c);
	want(vector_of(xsetbv, 3), -1);
	want(xcr0(), 3);
	want(forced(13, 0).b, 576);
	want_true(forced(13, 0).c >= 576);
	rule("leaf d.1 tells of XSAVEOPT, XSAVEC, XGETBV only");
	want(forced(13, 1).a, hardware(13, 1).a & 7);
	want(forced(13, 1).b | forced(13, 1).c | forced(13, 1).d, 0);
	rule("leaf d tells nothing of state that is not offered");
	for (unsigned int i = 3; i < 64; i++)
		if (!(forced(13, 0).a >> i & 1))
			want(forced(13, i).a | forced(13, i).b, 0);
	rule("XCR0 without x87, with half of a part, or with unknown state is #GP");
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		want(vector_of(xsetbv, bad[i]), TRAP_GP);
		want(xcr0(), 3);
	}
	rule("there is no XCR but XCR0");
	want(vector_of(xsetbv_1, 0), TRAP_GP);
	want(vector_of(set_cr4, CR4), -1);
}

static void fninit(void *unused)
{
	asm volatile("fninit; fwait");
}

static void sse(void *unused)
{
	asm volatile("pxor %%xmm0, %%xmm0" : : : "memory");
}

static long cr0(void)
{
	uint64_t v;

	asm volatile("mov %%cr0, %0" : "=r"(v));
	return (long)v;
}

static void set_ts(void *unused)
{
	asm volatile("mov %0, %%cr0" : : "r"(cr0() | CR0_TS));
}

static void task_switched(void)
{
	rule("fpu_taskswitch sets TS; the next use is #NM, which clears it");
	want(call(fpu_taskswitch, 1), 0);
	want_true(cr0() & CR0_TS);
	want(vector_of(fninit, 0), TRAP_NM);
	want(cr0() & CR0_TS, 0);
	want(vector_of(fninit, 0), -1);
	rule("fpu_taskswitch sets TS for SSE too");
	want(call(fpu_taskswitch, 1), 0);
	want(vector_of(sse, 0), TRAP_NM);
	want(vector_of(sse, 0), -1);
	rule("fpu_taskswitch(0) and CLTS clear TS");
	want(call(fpu_taskswitch, 1), 0);
	want(call(fpu_taskswitch, 0), 0);
	want(vector_of(fninit, 0), -1);
	want(call(fpu_taskswitch, 1), 0);
	asm volatile("clts");
	want(vector_of(fninit, 0), -1);
	rule("fpu_taskswitch looks at 32 bits, any of them");
	want(call(fpu_taskswitch, 1ul << 32), 0);
	want(cr0() & CR0_TS, 0);
	want(call(fpu_taskswitch, 0x80000000), 0);
	want(cr0() & CR0_TS, CR0_TS);
	want(call(fpu_taskswitch, 0), 0);
	rule("TS set by MOV to CR0 makes the next use #NM too");
	want(vector_of(set_ts, 0), -1);
	want(vector_of(fninit, 0), TRAP_NM);
	want(vector_of(fninit, 0), -1);
	rule("TS outlives a yield");
	want(call(fpu_taskswitch, 1), 0);
	want(call(sched_op, 0, 0), 0);
	want(vector_of(sse, 0), TRAP_NM);
}

void extended_state(void)
{
	uint16_t control;
	uint32_t mxcsr;

	rule("x87 control and MXCSR start as after reset");
	asm volatile("fnstcw %0; stmxcsr %1" : "=m"(control), "=m"(mxcsr));
	want(control, 0x37f);
	want(mxcsr, 0x1f80);
	if (hardware(1, 0).c & 1u << 26)
		which_state();
	task_switched();
}
