/* SPDX-License-Identifier: MIT */
/* interrupted.c - events that come while code runs that asks for nothing. */
#include "time.h"
#include "user.h"

SNIPPET(for_ever, "1: inc %rbx; jmp 1b")

/* It ends the loop, and does not come again on the way back. */
static bool taken(struct frame *f)
{
	shared->vcpu_info[0].evtchn_upcall_pending = 0;
	return false;
}

static void by_timer(enum mode mode)
{
	struct frame f = state_in(mode, for_ever);

	rule_in(mode, "a timer's event interrupts an endless loop");
	set_callback(0, 0, entry_stub(ENTRY_OTHER));
	f.rbx = 0;
	f.rflags |= RFLAGS_IF;
	/* Again, and later, if it was due before the loop began. */
	for (uint64_t delay = 20 * MS; delay < 10000 * MS; delay *= 2) {
		timer_clear();
		want(call(set_timer_op, now() + delay), 0);
		trap_hook = taken;
		run_from(&f);
		trap_hook = NULL;
		event_mask = 1;
		if (trapped.rbx)
			break;
	}
	want(pushed.entry, ENTRY_OTHER);
	want_true(port_pending(timer_port));
	want_true(trapped.rip - (uint64_t)for_ever < 5);
	want_true(trapped.rbx);
	rule_in(mode, "an event's frame is without error code, events are masked, flags say they were not");
	want(error_pushed(), false);
	want(pushed.mask, 1);
	want(trapped.rflags & RFLAGS_IF, RFLAGS_IF);
	want(trapped.cs & 0xffff, mode == USER ? 0xe033 : 0xe030);
	want(trapped.cs >> 32, 0);
	want(pushed.rsp + 7 * 8, (long)(mode == USER ? kernel_entry_stack() : f.rsp));
	want(trapped.r12, (long)f.r12);
	event_mask = 1;
	timer_clear();
	set_callback(0, 0, entry_stub(ENTRY_EVENT));
}

void interrupted(void)
{
	want(timer_open(), 0);
	by_timer(KERNEL);
	by_timer(USER);
}
