/* SPDX-License-Identifier: MIT */
/* narrow_calls.c - SYSCALL and SYSENTER of 32-bit code. */
#include "syscall.h"

static const uint8_t code[] = { 0x0f, 0x05, 0x0f, 0x34, 0xcc };

static struct frame run_narrow(enum mode mode, unsigned int at)
{
	struct frame f = state_in(mode, (void *)(LOW + at));

	f.cs = mode == USER ? FLAT_USER_CS32 : FLAT_USER_CS32 & ~3;
	f.rsp = LOW + 0x800;
	run_from(&f);
	return f;
}

static void narrow(enum mode mode)
{
	uint16_t cs = mode == USER ? FLAT_USER_CS32 : FLAT_USER_CS32 & ~3;

	rule_in(mode, "without its callback SYSCALL of 32-bit code is #UD at it");
	run_narrow(mode, 0);
	want(pushed.entry, 6);
	want(trapped.rip, LOW);
	want(trapped.cs & 0xffff, cs);
	rule_in(mode, "SYSENTER of 32-bit code is #GP(0) or #UD at it");
	run_narrow(mode, 2);
	want_true(pushed.entry == 13 || pushed.entry == 6);
	want(trapped.rip, LOW + 2);
	want(trapped.cs & 0xffff, cs);
}

static void by_callback(void)
{
	struct frame f;

	rule("a user's SYSCALL of 32-bit code enters the syscall32 callback");
	want(set_callback(CALLBACKTYPE_syscall32, 0, entry_stub(ENTRY_OTHER)), 0);
	f = run_narrow(USER, 0);
	if (pushed.entry == 6) {
		skip("the processor has SYSCALL in 64-bit code only");
		return;
	}
	want(pushed.entry, ENTRY_OTHER);
	want(trapped.rip, LOW + 2);
	want(trapped.cs & 0xffff, FLAT_USER_CS32);
	want(trapped.rsp, (long)f.rsp);
	want(pushed.rsp, (long)kernel_entry_stack() - 7 * 8);
	want(pushed.mask, 1);
	rule("whether syscall32 masks events is said by the syscall callback's flag");
	f = state_in(USER, (void *)LOW);
	f.cs = FLAT_USER_CS32;
	f.rflags |= RFLAGS_IF;
	for (uint8_t flag = 0; flag < 2; flag++) {
		want(set_callback(CALLBACKTYPE_syscall32, !flag, entry_stub(ENTRY_OTHER)), 0);
		want(set_callback(CALLBACKTYPE_syscall, flag, entry_stub(ENTRY_SYSCALL)), 0);
		run_from(&f);
		want(pushed.mask, flag);
		want(trapped.cs >> 32, 0);
	}
	set_callback(CALLBACKTYPE_syscall, 0, entry_stub(ENTRY_SYSCALL));
	event_mask = 1;
	rule("a kernel can take the syscall32 callback away by address 0");
	want(set_callback(CALLBACKTYPE_syscall32, 0, 0), 0);
	run_narrow(USER, 0);
	want(pushed.entry, 6);
}

void narrow_calls(void)
{
	memcpy(low_page, code, sizeof(code));
	narrow(KERNEL);
	narrow(USER);
	by_callback();
}
