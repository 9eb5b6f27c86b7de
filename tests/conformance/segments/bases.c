/* SPDX-License-Identifier: MIT */
/* bases.c - what loading FS or GS does to its base. */
#include <xen/sched.h>

#include "segments.h"

SNIPPET(fs_then_read, "mov %eax, %fs; mov %fs:(%rdi), %rdx; ud2")
SNIPPET(gs_then_read, "mov %eax, %gs; mov %gs:(%rdi), %rdx; ud2")
SNIPPET(ds_then_read, "mov %eax, %ds; mov (%rdi), %rdx; ud2")
SNIPPET(read_fs, "mov %fs:(%rdi), %rdx; ud2")

static uint64_t read_by(enum mode mode, const char *code, uint16_t selector, uint64_t offset)
{
	struct frame f = state_in(mode, code);

	f.rax = selector;
	f.rdi = offset;
	run_from(&f);
	asm volatile("mov %0, %%ds" : : "r"(0));
	return pushed.entry == 6 ? trapped.rdx : ~0ul;
}

static uint64_t based(uint64_t descriptor, uint32_t base)
{
	return descriptor | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)(base >> 24) << 56;
}

static void by_mode(enum mode mode)
{
	rule_in(mode, "FS and GS get the base of the segment that is loaded");
	want(read_by(mode, fs_then_read, SEL(6), 0), 4711);
	want(read_by(mode, gs_then_read, SEL(6), 8), 4712);
	rule_in(mode, "limits of segments in FS and GS do not count");
	want(read_by(mode, fs_then_read, SEL(7), 0), 4711);
	want(read_by(mode, gs_then_read, SEL(7), 8), 4712);
	rule_in(mode, "the base of DS does not count");
	want(read_by(mode, ds_then_read, SEL(6), LOW + 64), 4711);
	rule_in(mode, "what is loaded stays over calls and entries");
	want(read_by(mode, fs_then_read, SEL(6), 0), 4711);
	call(sched_op, SCHEDOP_yield, 0);
	want(read_by(mode, read_fs, 0, 0), 4711);
	want(read_by(mode == USER ? KERNEL : USER, read_fs, 0, 8), 4712);
	rule_in(mode, "a changed descriptor counts when it is loaded, not before");
	want(describe(6, based(SEGMENT(DATA), LOW + 72)), 0);
	want(read_by(mode, read_fs, 0, 0), 4711);
	want(read_by(mode, fs_then_read, SEL(6), 0), 4712);
	want(describe(6, based(SEGMENT(DATA), LOW + 64)), 0);
	asm volatile("mov %0, %%fs; mov %0, %%gs" : : "r"(0));
}

void bases(void)
{
	*(uint64_t *)(low_page + 64) = 4711;
	*(uint64_t *)(low_page + 72) = 4712;
	want(describe(6, based(SEGMENT(DATA), LOW + 64)), 0);
	want(describe(7, based(SEGMENT(DATA) & ~0x000f00000000fffful, LOW + 64)), 0);
	by_mode(KERNEL);
	by_mode(USER);
	asm volatile("mov %0, %%fs; mov %0, %%gs" : : "r"(0));
	call(set_segment_base, SEGBASE_FS, 0);
	call(set_segment_base, SEGBASE_GS_KERNEL, 0);
	call(set_segment_base, SEGBASE_GS_USER, 0);
}
