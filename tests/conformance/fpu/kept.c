/* SPDX-License-Identifier: MIT */
/* kept.c - what leaves the registers alone. */
#include <xen/sched.h>
#include <xen/version.h>

#include "fpu.h"

SNIPPET(undefined, "ud2")
SNIPPET(fault, "mov 0x5000, %eax")
SNIPPET(call_kernel, "syscall")

static void nothing(void)
{
}

static void hypercall(void)
{
	char text[16];

	call(xen_version, XENVER_extraversion, text);
}

static void multicall(void)
{
	struct multicall_entry calls[2] = {
		{ .op = __HYPERVISOR_sched_op, .args = { SCHEDOP_yield } },
		{ .op = __HYPERVISOR_xen_version },
	};

	call(multicall, calls, 2);
}

static void yield(void)
{
	for (int i = 0; i < 10; i++)
		call(sched_op, SCHEDOP_yield, 0);
}

static void sleep(void)
{
	uint64_t soon = shared->vcpu_info[0].time.system_time + 1000000;
	struct sched_poll p = { .timeout = soon };

	call(sched_op, SCHEDOP_poll, &p);
}

static void trap(void)
{
	enter(KERNEL, undefined);
	enter(KERNEL, fault);
}

static void user(void)
{
	enter(USER, undefined);
	enter(USER, fault);
	enter(USER, call_kernel);
}

static void event(void)
{
	shared->vcpu_info[0].evtchn_upcall_pending = 1;
	events_unmask();
	events_mask();
}

static void emulated(void)
{
	uint64_t v;
	uint32_t a = 0, b, c = 0, d;

	asm volatile("mov %%cr4, %0; mov %0, %%cr4" : "=&r"(v));
	asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2"
		     : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	asm volatile("rdmsr" : "=a"(a), "=d"(d) : "c"(0xc0000080));
}

static void big_copies(void)
{
	static PAGE char page[4096];
	struct mmuext_op op[2] = {
		{ .cmd = MMUEXT_CLEAR_PAGE },
		{ .cmd = MMUEXT_TLB_FLUSH_ALL },
	};

	op[0].arg1.mfn = virt_to_mfn(page);
	call(mmuext_op, op, 2, 0, DOMID_SELF);
}

static void tables(void)
{
	static PAGE char page[4096];

	call(update_va_mapping, page, 0, UVMF_TLB_FLUSH | UVMF_ALL);
	map_frame(page, virt_to_mfn(page), PTE_PRESENT | PTE_WRITE | PTE_USER);
}

static void many_switches(void)
{
	for (int i = 0; i < 4; i++) {
		call(fpu_taskswitch, 1);
		call(sched_op, SCHEDOP_yield, 0);
		call(fpu_taskswitch, 0);
	}
}

static const struct { const char *name; void (*fn)(void); } ways[] = {
	{ "FXRSTOR's registers are there for FXSAVE", nothing },
	{ "a hypercall leaves FPU registers alone", hypercall },
	{ "a multicall leaves FPU registers alone", multicall },
	{ "yields leave FPU registers alone", yield },
	{ "a sleep leaves FPU registers alone", sleep },
	{ "traps of the kernel leave FPU registers alone", trap },
	{ "user mode's entries leave FPU registers alone", user },
	{ "events leave FPU registers alone", event },
	{ "instructions done for the kernel leave FPU registers alone", emulated },
	{ "clearing a page and a flush leave FPU registers alone", big_copies },
	{ "page table updates leave FPU registers alone", tables },
	{ "fpu_taskswitch on and off leaves FPU registers alone", many_switches },
};

static void avx(void)
{
	struct image before, after;

	rule("yields, sleeps, traps and user mode leave the upper halves of AVX alone");
	if (!avx_open()) {
		skip("this processor has no AVX");
		return;
	}
	before = pattern(3);
	load_avx(&before);
	yield();
	sleep();
	trap();
	user();
	many_switches();
	save_avx(&after);
	want_same(&after, &before);
	want(memcmp(after.ymm, before.ymm, sizeof(before.ymm)), 0);
	want(after.header[0], 7);
	rule("registers that XCR0 is switched off and on for are there again");
	avx_close();
	yield();
	want_true(avx_open());
	save_avx(&after);
	want(memcmp(after.ymm, before.ymm, sizeof(before.ymm)), 0);
	avx_close();
}

void kept(void)
{
	struct image before, after;

	for (unsigned int i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		rule(ways[i].name);
		before = pattern((uint8_t)(i + 1));
		load(&before);
		ways[i].fn();
		save(&after);
		want_same(&after, &before);
	}
	avx();
}
