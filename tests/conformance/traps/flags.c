/* SPDX-License-Identifier: MIT */
/* flags.c - RFLAGS in the frame and in the handler, and the event mask. */
#include "traps.h"

#define TAKES_MASK	4		/* a gate's flag: mask events */

SNIPPET(undefined, "ud2")
SNIPPET(general, "hlt")
SNIPPET(wait_a_step, "nop; nop; ud2")

#define event_mask	(shared->vcpu_info[0].evtchn_upcall_mask)

static void enter_with(enum mode mode, const char *code, uint64_t set)
{
	struct frame f = state_in(mode, code);

	f.rflags = RFLAGS_FIXED | set;
	run_from(&f);
}

static const struct {
	const char *in_frame, *in_handler;
	uint64_t bit;
	bool live;
} kept[] = {
	{ "the frame has the arithmetic flags as they were", NULL, 0x8d5, false },
	{ "the frame has DF as it was", "DF is as it was: a handler clears it itself",
	  RFLAGS_DF, true },
	{ "the frame has NT as it was", "NT is clear in a handler", RFLAGS_NT, false },
	{ "the frame has AC as it was", "AC is clear in a handler", RFLAGS_AC, false },
	{ "the frame has ID as it was", NULL, RFLAGS_ID, false },
};

static void bits(enum mode mode)
{
	for (unsigned int i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		uint64_t bit = kept[i].bit;

		rule_in(mode, kept[i].in_frame);
		for (unsigned int way = 0; way < 2; way++) {
			const char *code = way ? general : undefined;

			enter_with(mode, code, bit);
			want(trapped.rflags & bit, (long)bit);
			enter_with(mode, code, 0);
			want(trapped.rflags & bit, 0);
		}
		if (!kept[i].in_handler)
			continue;
		rule_in(mode, kept[i].in_handler);
		enter_with(mode, undefined, bit);
		want(pushed.rflags & bit, kept[i].live ? (long)bit : 0);
		enter_with(mode, general, bit);
		want(pushed.rflags & bit, kept[i].live ? (long)bit : 0);
		enter_with(mode, undefined, 0);
		want(pushed.rflags & bit, 0);
	}
	rule_in(mode, "TF is in the frame of its #DB, and clear in the handler");
	enter_with(mode, wait_a_step, RFLAGS_TF);
	want(pushed.entry, 1);
	want(trapped.rflags & RFLAGS_TF, RFLAGS_TF);
	want(pushed.rflags & RFLAGS_TF, 0);
	rule_in(mode, "RF, VM, IOPL are clear in a handler, IF is set");
	enter_with(mode, undefined, RFLAGS_RF);
	want(pushed.rflags & (RFLAGS_RF | RFLAGS_VM | RFLAGS_IOPL), 0);
	want(pushed.rflags & RFLAGS_IF, RFLAGS_IF);
	enter_with(mode, general, RFLAGS_IF | RFLAGS_IOPL);
	want(pushed.rflags & (RFLAGS_RF | RFLAGS_VM | RFLAGS_IOPL), 0);
	want(pushed.rflags & RFLAGS_IF, RFLAGS_IF);
	event_mask = 1;
	rule_in(mode, "IOPL and VM are 0 in the frame");
	want(trapped.rflags & (RFLAGS_IOPL | RFLAGS_VM), 0);
}

/* Sets the mask on the way: what code runs with, iret takes from IF. */
static void mask_saved(enum mode mode)
{
	rule_in(mode, "the frame's IF says that events were not masked");
	enter_with(mode, undefined, RFLAGS_IF);
	want(trapped.rflags & RFLAGS_IF, RFLAGS_IF);
	want(trapped.cs >> 32, 0);
	event_mask = 1;
	enter_with(mode, undefined, 0);
	want(trapped.rflags & RFLAGS_IF, 0);
	want(trapped.cs >> 32, 1);
	rule_in(mode, "a plain gate leaves the event mask alone");
	enter_with(mode, undefined, RFLAGS_IF);
	want(pushed.mask, 0);
	event_mask = 1;
	enter_with(mode, undefined, 0);
	want(pushed.mask, 1);
	rule_in(mode, "a gate with flag 4 masks events, and the frame has the mask of before");
	set_gate(6, TAKES_MASK, entry_stub(6));
	enter_with(mode, undefined, RFLAGS_IF);
	want(pushed.mask, 1);
	want(trapped.rflags & RFLAGS_IF, RFLAGS_IF);
	want(trapped.cs >> 32, 0);
	enter_with(mode, undefined, 0);
	want(pushed.mask, 1);
	want(trapped.cs >> 32, 1);
	want(trapped.rflags & RFLAGS_IF, 0);
	rule_in(mode, "a gate with flag 4 of a trap with an error code masks events too");
	set_gate(13, TAKES_MASK, entry_stub(13));
	enter_with(mode, general, RFLAGS_IF);
	want(pushed.mask, 1);
	want(trapped.cs >> 32, 0);
	want(trapped.rflags & RFLAGS_IF, RFLAGS_IF);
	rule_in(mode, "the other bits of a gate's flags mean nothing");
	set_gate(6, 0xf8, entry_stub(6));
	enter_with(mode, undefined, RFLAGS_IF);
	want(pushed.entry, 6);
	want(pushed.mask, 0);
	event_mask = 1;
	reset_gates();
}

SNIPPET(store_mask, "movb %al, (%rdi); ud2")

static void whole_byte(enum mode mode)
{
	static const uint8_t values[] = { 0, 1, 2, 0x7f, 0x80, 0xff };

	rule_in(mode, "bits 32-39 of CS's word are the mask's byte, IF is set if it is 0");
	for (unsigned int i = 0; i < sizeof(values); i++) {
		struct frame f = state_in(mode, store_mask);

		f.rdi = (uint64_t)&event_mask;
		f.rax = values[i];
		run_from(&f);
		want(pushed.entry, 6);
		want(trapped.cs >> 32, values[i]);
		want(!!(trapped.rflags & RFLAGS_IF), !values[i]);
		want(pushed.mask, values[i]);
	}
	event_mask = 1;
}

void flags(void)
{
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		bits(mode);
		mask_saved(mode);
		whole_byte(mode);
	}
}
