/* SPDX-License-Identifier: MIT */
/* selectors.c - data segment registers in user mode and over entries. */
#include <xen/sched.h>

#include "user.h"

static PAGE uint64_t gdt[512];
static uint64_t at_base = 77;

SNIPPET(read_selectors, "mov %ds, %eax; mov %es, %edx; mov %fs, %esi; mov %gs, %edi; ud2")
SNIPPET(load_all, "mov %eax, %ds; mov %eax, %es; mov %edx, %fs; mov %esi, %gs; ud2")
SNIPPET(load_gs, "mov %eax, %gs; ud2")
SNIPPET(read_gs, "mov %gs:0, %rax; ud2")

#define SEL(n)	((n) << 3 | 3)

/* A data segment whose base is some low address. */
static uint64_t segment(uint32_t base)
{
	return 0x00cff3000000ffff | (uint64_t)(base & 0xffffff) << 16 |
	       (uint64_t)(base >> 24) << 56;
}

static void reset(void)
{
	asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs; mov %0, %%gs" : : "r"(0));
	call(set_segment_base, SEGBASE_GS_USER_SEL, 0);
	call(set_segment_base, SEGBASE_FS, 0);
	call(set_segment_base, SEGBASE_GS_KERNEL, 0);
	call(set_segment_base, SEGBASE_GS_USER, 0);
}

static void kept(void)
{
	struct frame f = state_in(USER, load_all);

	rule("selectors that a user loads are there in the kernel, and after it");
	f.rax = SEL(1);
	f.rdx = SEL(2);
	f.rsi = SEL(3);
	run_from(&f);
	want(pushed.entry, 6);
	for (unsigned int round = 0; round < 3; round++) {
		if (round == 1)
			want(call(sched_op, SCHEDOP_yield, 0), 0);
		want(enter(round == 2 ? KERNEL : USER, read_selectors), 6);
		want(trapped.rax, SEL(1));
		want(trapped.rdx, SEL(1));
		want(trapped.rsi, SEL(2));
		want(trapped.rdi, SEL(3));
	}
	reset();
	rule("a selector that a user cannot load is #GP, and the old one stays");
	f.rdx = 0x1008;
	run_from(&f);
	want(pushed.entry, 13);
	want(trapped.error, 0x1008);
	want(enter(USER, read_selectors), 6);
	want(trapped.rsi, 0);
	reset();
}

static void gs_by_selector(void)
{
	struct frame f = state_in(USER, load_gs);
	uint64_t v;

	*(uint64_t *)(low_page + 64) = 4711;
	rule("a user that loads GS gets the segment's base, the kernel's GS stays");
	want(call(set_segment_base, SEGBASE_GS_KERNEL, &at_base), 0);
	f.rax = SEL(2);
	run_from(&f);
	want(pushed.entry, 6);
	asm volatile("mov %%gs:0, %0" : "=r"(v));
	want(v, 77);
	want(enter(USER, read_gs), 6);
	want(trapped.rax, 4711);
	reset();
	rule("SEGBASE_GS_USER_SEL loads a selector for the user, and keeps the kernel's base");
	want(call(set_segment_base, SEGBASE_GS_KERNEL, &at_base), 0);
	want(call(set_segment_base, SEGBASE_GS_USER_SEL, SEL(2)), 0);
	asm volatile("mov %%gs:0, %0" : "=r"(v));
	want(v, 77);
	want(enter(USER, read_gs), 6);
	want(trapped.rax, 4711);
	want(enter(USER, read_selectors), 6);
	want(trapped.rdi, SEL(2));
	rule("SEGBASE_GS_USER_SEL of a selector that cannot be loaded is the null one, and 0");
	want(call(set_segment_base, SEGBASE_GS_USER_SEL, 0x1008), 0);
	want(enter(USER, read_selectors), 6);
	want(trapped.rdi, 0);
	want(call(set_segment_base, SEGBASE_GS_USER_SEL, 0xe010), 0);
	want(enter(USER, read_selectors), 6);
	want(trapped.rdi, 0);
	asm volatile("mov %%gs:0, %0" : "=r"(v));
	want(v, 77);
	rule("SEGBASE_GS_USER_SEL looks at 16 bits");
	want(call(set_segment_base, SEGBASE_GS_USER_SEL, 0x7fff0000 | SEL(2)), 0);
	want(enter(USER, read_selectors), 6);
	want(trapped.rdi, SEL(2));
	reset();
}

void selectors(void)
{
	uint64_t frame = virt_to_mfn(gdt);

	gdt[1] = segment(0);
	gdt[2] = segment(LOW + 64);
	gdt[3] = segment(LOW);
	want(map_frame(gdt, frame, PTE_PRESENT | PTE_USER), 0);
	want(call(set_gdt, &frame, 512), 0);
	kept();
	gs_by_selector();
	want(call(set_gdt, 0, 0), 0);
}
