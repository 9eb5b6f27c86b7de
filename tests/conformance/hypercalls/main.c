/* SPDX-License-Identifier: MIT */
/* hypercalls - the way in itself: which numbers there are, what a call does to
 * the registers, and the page of calls that the builder filled.
 */
#include <xen/sched.h>
#include <xen/version.h>

#include "lib.h"

const char suite_name[] = "hypercalls";

/* Numbers that nothing answers to; the ABI keeps them for ever or for later. */
static const struct absent {
	const char *rule;
	long first, last;
} absents[] = {
	{ "number 11, once for 32-bit guests, is ENOSYS", 11, 11 },
	{ "number 27, for a security module, is ENOSYS without one", 27, 27 },
	{ "number 38, once for spare memory, is ENOSYS", 38, 38 },
	{ "number 39, for messages between domains, is ENOSYS", 39, 39 },
	{ "numbers 43 to 47, not given to anything, are ENOSYS", 43, 47 },
	{ "numbers 50 to 55, for the architecture, are ENOSYS", 50, 55 },
	{ "numbers 56 to 63, which never were, are ENOSYS", 56, 63 },
	{ "numbers 64 to 127 are ENOSYS", 64, 127 },
	{ "numbers up to 4096 are ENOSYS", 128, 4096 },
	{ "numbers around 2^31 are ENOSYS", 0x7ffffff0, 0x80000010 },
	{ "negative numbers are ENOSYS", -100, -1 },
	{ "a call's number with a higher bit is ENOSYS",
	  (1l << 32) + 17, (1l << 32) + 17 },
	{ "a call's number with the highest bit is ENOSYS", ~0x7fffffffffffffffl + 17,
	  ~0x7fffffffffffffffl + 17 },
};

static void numbers(void)
{
	const long bad = (long)BAD_POINTER;

	for (size_t i = 0; i < sizeof(absents) / sizeof(absents[0]); i++) {
		rule(absents[i].rule);
		for (long n = absents[i].first; n <= absents[i].last; n++) {
			want(hypercall5(n, 0, 0, 0, 0, 0), -XEN_ENOSYS);
			want(hypercall5(n, bad, bad, bad, bad, bad),
			     -XEN_ENOSYS);
		}
	}
}

SNIPPET(one_call, "syscall; ud2");

/* Everything but RAX, RCX and R11, after the call that `s` makes. */
static void want_kept(struct frame s)
{
	run_from(&s);
	want(trapped.vector, 6);
	want(trapped.rip, s.rip + 2);
	want(trapped.r15, s.r15);
	want(trapped.r14, s.r14);
	want(trapped.r13, s.r13);
	want(trapped.r12, s.r12);
	want(trapped.rbp, s.rbp);
	want(trapped.rbx, s.rbx);
	want(trapped.r10, s.r10);
	want(trapped.r9, s.r9);
	want(trapped.r8, s.r8);
	want(trapped.rdx, s.rdx);
	want(trapped.rsi, s.rsi);
	want(trapped.rdi, s.rdi);
	want(trapped.rsp, s.rsp);
}

static void registers(void)
{
	static const unsigned long flags[] = { RFLAGS_CF, RFLAGS_DF, RFLAGS_AC,
					       RFLAGS_ID, 0x8d5 };
	struct frame s = state_in(KERNEL, one_call);

	rule("a call's answer is in RAX");
	s.rax = __HYPERVISOR_xen_version;
	s.rdi = XENVER_version;
	run_from(&s);
	want(trapped.rax >> 16, 4);
	rule("a call keeps every register but RAX, RCX and R11");
	want_kept(s);
	rule("a number without a call keeps these registers too, and is answered");
	s.rax = 55;
	want_kept(s);
	want((long)trapped.rax, -XEN_ENOSYS);
	rule("a call that gives the CPU away keeps these registers too");
	s.rax = __HYPERVISOR_sched_op;
	s.rdi = SCHEDOP_yield;
	want_kept(s);
	want(trapped.rax, 0);
	rule("a call that is refused keeps these registers too");
	s.rdi = SCHEDOP_poll;
	s.rsi = (unsigned long)BAD_POINTER;
	want_kept(s);
	want((long)trapped.rax, -XEN_EFAULT);
	rule("a call keeps the flags");
	s.rax = __HYPERVISOR_xen_version;
	s.rdi = XENVER_version;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		s.rflags = flags[i] | RFLAGS_FIXED | RFLAGS_IF;
		run_from(&s);
		want(trapped.rflags & 0x240dd5, flags[i]);
	}
	rule("what a call does not take does not matter");
	want(hypercall5(__HYPERVISOR_xen_version, XENVER_version, 1, -1,
			(long)BAD_POINTER, 7) >> 16, 4);
	rule("a command is the lower half of its register");
	want(hypercall5(__HYPERVISOR_xen_version, 5l << 32 | XENVER_version, 0,
			0, 0, 0) >> 16, 4);
}

extern char hypercall_page[];		/* start.S */

/* Calls the page's entry for a number; RCX and R11 as they are after it. */
static long by_page(unsigned int number, long a, long b, uint64_t *rcx,
		    uint64_t *r11)
{
	register uint64_t live asm("r11") = 0x1111;
	uint64_t counter = 0x2222;
	long rc;

	asm volatile("call *%5"
		     : "=a"(rc), "+D"(a), "+S"(b), "+r"(live), "+c"(counter)
		     : "b"(hypercall_page + number * 32)
		     : "rdx", "r8", "r9", "r10", "memory");
	*rcx = counter;
	*r11 = live;
	return rc;
}

static void page(void)
{
	uint64_t rcx, r11;

	rule("page: its entry for a number makes that call");
	want(by_page(__HYPERVISOR_xen_version, XENVER_version, 0, &rcx, &r11)
	     >> 16, 4);
	want(by_page(__HYPERVISOR_sched_op, SCHEDOP_poll, (long)BAD_POINTER,
		     &rcx, &r11), -XEN_EFAULT);
	rule("page: its entries keep RCX and R11 too");
	want(rcx, 0x2222);
	want(r11, 0x1111);
	rule("page: numbers without a call have entries that say so");
	want(by_page(11, 0, 0, &rcx, &r11), -XEN_ENOSYS);
	want(by_page(55, 0, 0, &rcx, &r11), -XEN_ENOSYS);
	want(by_page(63, 0, 0, &rcx, &r11), -XEN_ENOSYS);
}

void suite_main(void)
{
	numbers();
	registers();
	page();
}
