/* SPDX-License-Identifier: MIT */
/* kernel_calls.c - what a hypercall leaves of registers and flags. */
#include <xen/version.h>

#include "syscall.h"

#define VERSION	(4ul << 16 | 17)

static struct frame version_at(const void *code)
{
	struct frame f = state_in(KERNEL, code);

	f.rax = __HYPERVISOR_xen_version;
	f.rdi = XENVER_version;
	return f;
}

static void registers(void)
{
	struct frame f = version_at(syscall_only);

	rule("a hypercall answers in RAX, RCX is RIP and R11 the flags afterwards");
	run_from(&f);
	want(pushed.entry, 6);
	want(trapped.rip, (long)syscall_only + 2);
	want(trapped.rax, VERSION);
	want(trapped.rcx, (long)syscall_only + 2);
	want(trapped.r11 & ~RFLAGS_IF, RFLAGS_FIXED);
	rule("a hypercall keeps RBX, RBP, R9, R12-R15 and RSP");
	want(trapped.rbx, (long)f.rbx);
	want(trapped.rbp, (long)f.rbp);
	want(trapped.r9, (long)f.r9);
	want(memcmp(&trapped, &f, 4 * 8), 0);
	want(trapped.rsp, (long)f.rsp);
	rule("a hypercall keeps the flags");
	for (unsigned int bit = 0; bit < 22; bit++) {
		if (!(0x244cd5 >> bit & 1))	/* ID AC NT OF DF SF ZF AF PF CF */
			continue;
		f.rflags = RFLAGS_FIXED | 1ul << bit;
		run_from(&f);
		want(trapped.rax, VERSION);
		want(trapped.rflags & ~(RFLAGS_RF | RFLAGS_IF), RFLAGS_FIXED | 1ul << bit);
	}
	rule("a hypercall leaves the event mask alone");
	f.rflags = RFLAGS_FIXED;
	run_from(&f);
	want(pushed.mask, 1);
	f.rflags = RFLAGS_FIXED | RFLAGS_IF;
	run_from(&f);
	want(pushed.mask, 0);
	event_mask = 1;
	rule("a hypercall with TF set is #DB after it, and is made");
	f.rflags = RFLAGS_FIXED | RFLAGS_TF;
	run_from(&f);
	want(pushed.entry, 1);
	want(trapped.rip, (long)syscall_only + 2);
	want(trapped.rax, VERSION);
	want(trapped.rflags & RFLAGS_TF, RFLAGS_TF);
}

extern char hypercall_page[];

static void by_page(void)
{
	rule("the hypercall page's slots answer as SYSCALL does, and keep RCX and R11");
	for (unsigned int way = 0; way < 2; way++) {
		struct frame f = version_at(hypercall_page + 32 * __HYPERVISOR_xen_version);
		uint64_t *stack = (uint64_t *)(f.rsp -= 16);

		f.rax = 0x1234;
		stack[0] = (uint64_t)syscall_only + 2;		/* #UD */
		run_from(&f);
		want(pushed.entry, 6);
		want(trapped.rax, VERSION);
		want(trapped.rcx, (long)f.rcx);
		want(trapped.r11, (long)f.r11);
		want(trapped.rsp, (long)f.rsp + 8);
	}
	rule("slots of calls that there are not answer ENOSYS");
	for (unsigned int n = 56; n < 128; n++) {
		struct frame f = version_at(hypercall_page + 32 * n);

		f.rsp -= 16;
		*(uint64_t *)f.rsp = (uint64_t)syscall_only + 2;
		run_from(&f);
		want_at((long)trapped.rax == -XEN_ENOSYS, (long)n, -XEN_ENOSYS, "the slot");
	}
}

static void numbers(void)
{
	static const uint64_t wrong[] = {
		64, 255, 256, 4096, 0x7fffffff, 0x80000000, 0xffffffff, 1ul << 32,
		1ul << 32 | __HYPERVISOR_xen_version, 1ul << 63, ~0ul,
	};

	rule("the number is all of RAX: others than the calls' are ENOSYS");
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct frame f = version_at(syscall_only);

		f.rax = wrong[i];
		run_from(&f);
		want_at((long)trapped.rax == -XEN_ENOSYS, (long)wrong[i], -XEN_ENOSYS,
			"the number");
	}
}

static void at_the_end(void)
{
	struct frame f = version_at((void *)(LAST_PAGE + 4094));

	rule("a hypercall at the end of the lower half is made, then #GP(0) after it");
	run_from(&f);
	want(pushed.entry, 13);
	want(trapped.error, 0);
	want(trapped.rip, LAST_PAGE + 4096);
	want(trapped.rax, VERSION);
	want(trapped.cs & 0xffff, 0xe030);
	want(trapped.rsp, (long)f.rsp);
}

void kernel_calls(void)
{
	registers();
	by_page();
	numbers();
	at_the_end();
}
