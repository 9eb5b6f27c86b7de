/* SPDX-License-Identifier: MIT */
/* user_calls.c - SYSCALL of user code enters the kernel's callback. */
#include "syscall.h"

static struct frame call_with(uint64_t flags)
{
	struct frame f = state_in(USER, syscall_only);

	f.rflags = RFLAGS_FIXED | flags;
	run_from(&f);
	return f;
}

static void entry(void)
{
	struct frame f = call_with(0);

	rule("a user's SYSCALL enters the callback on stack_switch's stack");
	want(pushed.entry, ENTRY_SYSCALL);
	want(pushed.rsp, (long)kernel_entry_stack() - 7 * 8);
	rule("a user's SYSCALL has a frame without error code, RIP is after it");
	want(trapped.rip, (long)syscall_only + 2);
	want(trapped.cs & 0xffff, FLAT_USER_CS);
	want(trapped.ss, FLAT_USER_SS);
	want(trapped.rsp, (long)f.rsp);
	rule("in the frame of a user's SYSCALL RCX's word is RIP, R11's the flags");
	want(pushed.words[0], (long)syscall_only + 2);
	want(pushed.words[1], RFLAGS_FIXED | RFLAGS_IF);
	rule("a user's SYSCALL keeps all registers but RCX and R11");
	want(memcmp(&pushed, &f, offsetof(struct frame, r11)), 0);
	rule("a user's hypercall is a user's SYSCALL, whatever the number");
	for (uint64_t n = 0; n < 64; n++) {
		f = state_in(USER, syscall_only);
		f.rax = n;
		f.rdi = f.rsi = 0;
		run_from(&f);
		want_at(pushed.entry == ENTRY_SYSCALL, (long)n, 0, "not entered by number");
		want(pushed.rax, (long)n);
	}
}

static const struct { const char *rule; uint64_t bit; } kept[] = {
	{ "the frame of SYSCALL has the arithmetic flags", 0x8d5 },
	{ "the frame of SYSCALL has DF", RFLAGS_DF },
	{ "the frame of SYSCALL has NT, the handler has not", RFLAGS_NT },
	{ "the frame of SYSCALL has AC, the handler has not", RFLAGS_AC },
	{ "the frame of SYSCALL has TF, the handler has not", RFLAGS_TF },
	{ "the frame of SYSCALL has ID", RFLAGS_ID },
};

static void flags(void)
{
	for (unsigned int i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		uint64_t bit = kept[i].bit;

		rule(kept[i].rule);
		call_with(bit);
		want(pushed.entry, ENTRY_SYSCALL);
		want(trapped.rflags & bit, (long)bit);
		want(trapped.r11 & bit, (long)bit);
		want(pushed.rflags & bit & (RFLAGS_NT | RFLAGS_AC | RFLAGS_TF), 0);
		call_with(0);
		want(trapped.rflags & bit, 0);
		want(trapped.r11 & bit, 0);
	}
	rule("IF is set in SYSCALL's handler, in the frame it is the event mask's inverse");
	call_with(0);
	want(pushed.rflags & RFLAGS_IF, RFLAGS_IF);
	want(trapped.rflags & RFLAGS_IF, 0);
	want(trapped.cs >> 32, 1);
	want(pushed.mask, 1);
	call_with(RFLAGS_IF);
	want(trapped.rflags & RFLAGS_IF, RFLAGS_IF);
	want(trapped.cs >> 32, 0);
	want(pushed.mask, 0);
	rule("CALLBACKF_mask_events masks events in SYSCALL's handler");
	event_mask = 1;
	want(set_callback(CALLBACKTYPE_syscall, CALLBACKF_mask_events,
			  entry_stub(ENTRY_SYSCALL)), 0);
	call_with(RFLAGS_IF);
	want(pushed.mask, 1);
	want(trapped.rflags & RFLAGS_IF, RFLAGS_IF);
	want(trapped.cs >> 32, 0);
	rule("registered without it, the callback leaves the mask alone again");
	event_mask = 1;
	want(set_callback(CALLBACKTYPE_syscall, 0, entry_stub(ENTRY_SYSCALL)), 0);
	call_with(RFLAGS_IF);
	want(pushed.mask, 0);
	event_mask = 1;
}

static unsigned int entered;

/* Goes on after each SYSCALL as a kernel does that has answered it. */
static bool answer(struct frame *f)
{
	if (f->vector != ENTRY_SYSCALL || ++entered > 100)
		return false;
	f->iret_flags = VGCF_in_syscall;
	f->rax = 42;
	return true;
}

SNIPPET(two_calls, "syscall; mov %rax, %rbx; syscall; ud2")

static void going_on(void)
{
	struct frame f = state_in(USER, two_calls);

	rule("iret with in_syscall goes on after SYSCALL with the kernel's answer");
	entered = 0;
	trap_hook = answer;
	run_from(&f);
	want(entered, 2);
	want(pushed.entry, 6);
	want(trapped.rax, 42);
	want(trapped.rbx, 42);
	want(trapped.rcx, (long)trapped.rip);
	want(trapped.r12, (long)f.r12);
	want(trapped.rsp, (long)f.rsp);
	rule("a user's SYSCALL at the end of the lower half has the address after it in its frame");
	trap_hook = NULL;
	f = state_in(USER, (void *)(LAST_PAGE + 4094));
	run_from(&f);
	want(pushed.entry, ENTRY_SYSCALL);
	want(trapped.rip, LAST_PAGE + 4096);
	want(trapped.rcx, LAST_PAGE + 4096);
	rule("iret with in_syscall to the address after the lower half is #GP(0) of the user's");
	entered = 0;
	trap_hook = answer;
	run_from(&f);
	trap_hook = NULL;
	want(entered, 1);
	want(pushed.entry, 13);
	want(trapped.error, 0);
	want(trapped.rip, LAST_PAGE + 4096);
	want(trapped.cs & 0xffff, FLAT_USER_CS);
	want(trapped.rsp, (long)f.rsp);
	want(pushed.rsp, (long)kernel_entry_stack() - 8 * 8);
}

static void without(void)
{
	rule("without a callback a user's SYSCALL is #UD at it");
	want(set_callback(CALLBACKTYPE_syscall, 0, 0), 0);
	call_with(0);
	want(pushed.entry, 6);
	want(error_pushed(), false);
	want(trapped.rip, (long)syscall_only);
	want(trapped.cs & 0xffff, FLAT_USER_CS);
	want(pushed.rsp, (long)kernel_entry_stack() - 7 * 8);
	want(set_callback(CALLBACKTYPE_syscall, 0, entry_stub(ENTRY_SYSCALL)), 0);
	rule("a callback that is not mapped is a page fault of the kernel's");
	want(set_callback(CALLBACKTYPE_syscall, 0, (void *)0x5000), 0);
	call_with(0);
	want(pushed.entry, 14);
	want(trapped.rip, 0x5000);
	want(trapped.cs & 0xffff, 0xe030);
	want(set_callback(CALLBACKTYPE_syscall, 0, entry_stub(ENTRY_SYSCALL)), 0);
}

void user_calls(void)
{
	entry();
	flags();
	going_on();
	without();
}
