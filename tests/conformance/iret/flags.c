/* SPDX-License-Identifier: MIT */
/* flags.c - each bit of the frame's RFLAGS, and the event mask. */
#include "iret.h"

#define RFLAGS_ARITHMETIC	0x8d5ul		/* CF PF AF ZF SF OF */

/* The flags that code runs with: seen by PUSHF. */
static uint64_t live(enum mode mode, uint64_t set, uint64_t iret_flags)
{
	struct frame f = state_in(mode, flags_to_rdx);

	f.rflags = set;
	f.iret_flags = iret_flags;
	run_from(&f);
	want(pushed.entry, 6);
	event_mask = 1;
	return trapped.rdx;
}

static const struct { const char *rule; uint64_t bits; bool kept; } bits[] = {
	{ "the arithmetic flags are the frame's", RFLAGS_ARITHMETIC, true },
	{ "DF is the frame's", RFLAGS_DF, true },
	{ "NT is the frame's", RFLAGS_NT, true },
	{ "AC is the frame's", RFLAGS_AC, true },
	{ "ID is the frame's", RFLAGS_ID, true },
	{ "IOPL is 0, whatever the frame says", RFLAGS_IOPL, false },
	{ "there is no virtual 8086 mode", RFLAGS_VM, false },
	{ "reserved flags below bit 22 are dropped", 0x8028, false },
	{ "flags from bit 22 on are dropped", ~0ul << 22, false },
};

static void each(enum mode mode, uint64_t iret_flags)
{
	for (unsigned int i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		rule_in(mode, bits[i].rule);
		for (unsigned int bit = 0; bit < 64; bit++) {
			uint64_t b = 1ul << bit;

			if (!(bits[i].bits & b))
				continue;
			want(live(mode, b, iret_flags) & b, bits[i].kept ? (long)b : 0);
			want(live(mode, 0, iret_flags) & b, 0);
		}
	}
	rule_in(mode, "bit 1 and IF are set in the processor, whatever the frame says");
	want(live(mode, 0, iret_flags), RFLAGS_FIXED | RFLAGS_IF);
	want(live(mode, RFLAGS_IF, iret_flags), RFLAGS_FIXED | RFLAGS_IF);
}

static const struct { const char *rule; uint64_t bits; } by_syscall[] = {
	{ "in_syscall: the arithmetic flags and DF are the frame's", RFLAGS_ARITHMETIC | RFLAGS_DF },
	{ "in_syscall: NT is the frame's", RFLAGS_NT },
	{ "in_syscall: AC is the frame's", RFLAGS_AC },
	{ "in_syscall: ID is the frame's", RFLAGS_ID },
};

static void each_in_syscall(enum mode mode)
{
	for (unsigned int i = 0; i < sizeof(by_syscall) / sizeof(by_syscall[0]); i++) {
		uint64_t b = by_syscall[i].bits;

		rule_in(mode, by_syscall[i].rule);
		want(live(mode, b, VGCF_in_syscall) & b, (long)b);
		want(live(mode, 0, VGCF_in_syscall) & b, 0);
	}
	rule_in(mode, "in_syscall: IOPL and VM are 0, IF is set");
	want(live(mode, RFLAGS_IOPL | RFLAGS_VM, VGCF_in_syscall), RFLAGS_FIXED | RFLAGS_IF);
}

static void mask(enum mode mode)
{
	static const uint8_t before[] = { 0, 1, 0x80, 0xff };
	struct frame f = state_in(mode, undefined);

	rule_in(mode, "IF in the frame is the event mask's inverse, whatever the mask was");
	for (unsigned int i = 0; i < sizeof(before); i++) {
		f.rflags = RFLAGS_FIXED;
		event_mask = before[i];
		run_from(&f);
		want(pushed.mask, 1);
		f.rflags = RFLAGS_FIXED | RFLAGS_IF;
		event_mask = before[i];
		run_from(&f);
		want(pushed.mask, 0);
	}
	event_mask = 1;
}

/* Where the last upcall came from. */
static volatile uint64_t from_rip, from_cs, from_flags;
static bool saw_event(struct frame *f)
{
	if (f->vector != ENTRY_OTHER)
		return false;
	from_rip = f->rip;
	from_cs = f->cs;
	from_flags = f->rflags;
	shared->vcpu_info[0].evtchn_upcall_pending = 0;
	return true;
}

static void pending(enum mode mode)
{
	struct frame f = state_in(mode, undefined);

	set_callback(0, 0, entry_stub(ENTRY_OTHER));
	trap_hook = saw_event;
	rule_in(mode, "a pending event waits while the frame's IF is clear");
	from_rip = 0;
	event_mask = 1;
	shared->vcpu_info[0].evtchn_upcall_pending = 1;
	f.rflags = RFLAGS_FIXED;
	run_from(&f);
	want(pushed.entry, 6);
	want(from_rip, 0);
	want(shared->vcpu_info[0].evtchn_upcall_pending, 1);
	rule_in(mode, "a pending event comes before the first instruction if the frame's IF is set");
	f.rflags |= RFLAGS_IF;
	run_from(&f);
	want(pushed.entry, 6);
	want(from_rip, (long)undefined);
	want(from_cs, mode == USER ? 0xe033 : 0xe030);
	want(from_flags, RFLAGS_FIXED | RFLAGS_IF);
	rule_in(mode, "registers are as they were after an event that came before the first instruction");
	want(memcmp(&trapped, &f, offsetof(struct frame, iret_flags)), 0);
	want(trapped.rsp, (long)f.rsp);
	trap_hook = NULL;
	set_callback(0, 0, entry_stub(ENTRY_EVENT));
	event_mask = 1;
}

static void single_step(enum mode mode)
{
	struct frame f = state_in(mode, flags_to_rdx);

	rule_in(mode, "TF in the frame is #DB after one instruction");
	f.rflags |= RFLAGS_TF;
	run_from(&f);
	want(pushed.entry, 1);
	want(trapped.rip, (long)flags_to_rdx + 1);
	want(trapped.rflags & RFLAGS_TF, RFLAGS_TF);
	want(trapped.rsp, (long)f.rsp - 8);
	rule_in(mode, "in_syscall: TF in the frame is #DB before the first instruction");
	f.iret_flags = VGCF_in_syscall;
	run_from(&f);
	want(pushed.entry, 1);
	want(trapped.rip, (long)flags_to_rdx);
	want(trapped.rflags & RFLAGS_TF, RFLAGS_TF);
	want(trapped.rsp, (long)f.rsp);
}

void flags(void)
{
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		each(mode, 0);
		each_in_syscall(mode);
		mask(mode);
		pending(mode);
		single_step(mode);
	}
}
