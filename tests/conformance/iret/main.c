/* SPDX-License-Identifier: MIT */
/* iret - the way back from a handler: what of the frame is taken as it is,
 * what is forced, and what happens if it cannot be loaded.
 */
#include "iret.h"

const char suite_name[] = "iret";

/* A SYSCALL follows the #UD. */
asm(".globl flags_to_rdx, undefined; .pushsection .text;"
    "flags_to_rdx: pushf; pop %rdx; undefined: ud2; syscall; ud2; .popsection");

static void registers(enum mode mode)
{
	struct frame f = state_in(mode, undefined);

	rule_in(mode, "RAX, RCX and R11 are the frame's, the others stay");
	run_from(&f);
	want(pushed.entry, 6);
	want(memcmp(&trapped, &f, offsetof(struct frame, iret_flags)), 0);
	want(trapped.rsp, (long)f.rsp);
	want(trapped.rip, (long)undefined);
	rule_in(mode, "flags of the frame other than in_syscall mean nothing");
	f.iret_flags = ~(uint64_t)VGCF_in_syscall;
	run_from(&f);
	want(pushed.entry, 6);
	want(memcmp(&trapped, &f, offsetof(struct frame, iret_flags)), 0);
	rule_in(mode, "with in_syscall RCX is RIP and R11 are the flags");
	f.iret_flags = VGCF_in_syscall;
	f.rflags |= RFLAGS_CF;
	run_from(&f);
	want(pushed.entry, 6);
	want(trapped.rcx, (long)undefined);
	want(trapped.r11, RFLAGS_FIXED | RFLAGS_IF | RFLAGS_CF);
	want(trapped.rax, (long)f.rax);
	want(trapped.rflags & RFLAGS_CF, RFLAGS_CF);
	want(trapped.rsp, (long)f.rsp);
	want(trapped.ss, FLAT_KERNEL_SS);
	want(trapped.cs & 3, mode == USER ? 3 : 0);
	event_mask = 1;
}

/* iret by hand, its frame where and how the rule wants it. */
static void iret_from(void *frame)
{
	asm volatile("mov %0, %%rsp; mov %1, %%eax; syscall"
		     : : "r"(frame), "i"(__HYPERVISOR_iret) : "memory");
}

static PAGE uint8_t area[3 * 4096];

static void frame_places(enum mode mode)
{
	struct frame f = state_in(mode, undefined);

	rule_in(mode, "the frame may lie at any address, and across pages");
	for (unsigned int i = 0; i < 80; i++) {
		memcpy(area + 4096 - i, &f.rax, 9 * 8);
		want_true(traps(iret_from, area + 4096 - i));
		want_at(pushed.entry == 6, (long)i, 6, "the frame's distance to a page's end");
		want(trapped.rax, (long)f.rax);
		want(trapped.rsp, (long)f.rsp);
	}
	rule_in(mode, "the frame may be read-only");
	memcpy(area + 4096, &f.rax, 9 * 8);
	want(map_frame(area + 4096, virt_to_mfn(area + 4096), PTE_PRESENT | PTE_USER), 0);
	want_true(traps(iret_from, area + 4096));
	want(pushed.entry, 6);
	map_frame(area + 4096, virt_to_mfn(area + 4096), PTE_PRESENT | PTE_WRITE | PTE_USER);
	rule_in(mode, "the frame stays as it is");
	want(memcmp(area + 4096, &f.rax, 9 * 8), 0);
}

static void in_multicall(enum mode mode)
{
	struct multicall_entry calls[3] = {
		{ .op = __HYPERVISOR_xen_version, .args = { 0 } },
		{ .op = __HYPERVISOR_iret },
		{ .op = __HYPERVISOR_xen_version, .args = { 0 }, .result = 77 },
	};
	struct frame f = state_in(mode, undefined);

	rule_in(mode, "iret in a multicall is the last of its calls that is made");
	memcpy(area, &f.rax, 9 * 8);
	want_true(traps(iret_from, area));	/* as a comparison: it works */
	{
		struct frame g = kernel_state(undefined + 2);

		g.rdi = (uint64_t)calls;
		g.rsi = 3;
		g.rax = __HYPERVISOR_multicall;
		g.rsp = (uint64_t)area;
		run_from(&g);
	}
	want(pushed.entry, 6);
	want(trapped.rip, (long)undefined);
	want(trapped.cs & 3, mode == USER ? 3 : 0);
	want(trapped.rsp, (long)f.rsp);
	want(calls[2].result, 77);
}

void suite_main(void)
{
	rule("user mode has a page table of its own");
	want(user_open(), 0);
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		registers(mode);
		frame_places(mode);
		in_multicall(mode);
	}
	flags();
	selectors();
	places();
	privilege();
}
