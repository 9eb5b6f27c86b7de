/* SPDX-License-Identifier: MIT */
/* failsafe.c - a selector that can no longer be loaded when its vCPU is given
 * the processor again.
 *
 * As many others as there are CPUs do nothing but work: without them the registers
 * might never be taken away.
 */
#include <xen/callback.h>
#include <xen/sched.h>

#include "crew.h"
#include "segments.h"

#define event_mask	(shared->vcpu_info[0].evtchn_upcall_mask)
static volatile unsigned int times;
static struct entered seen;

static void other(void)
{
	for (;;)
		asm volatile("pause");
}

static bool note(struct frame *f)
{
	if (f->vector != ENTRY_FAILSAFE || whoami())
		return false;
	if (!times++)
		seen = pushed;
	return true;
}

/* FS is there, its descriptor is not: until another has had our CPU. */
static void lose_fs(void)
{
	times = 0;
	want(describe(12, SEGMENT(DATA)), 0);
	asm volatile("mov %0, %%fs" : : "r"(SEL(12)));
	asm volatile("mov %0, %%gs" : : "r"(SEL(8)));
	want(describe(12, 0), 0);
	comes(times);
	asm volatile("mov %0, %%fs; mov %0, %%gs" : : "r"(0));
}

void failsafe(void)
{
	long rc = 0;

	for (unsigned int id = 1; id <= cpus() && !rc; id++)
		rc = vcpu_start(id, other);
	rule("a selector that cannot be loaded again enters the failsafe callback, once");
	if (rc == -XEN_ENOENT) {
		skip("this domain has one vCPU");
		return;
	}
	want(rc, 0);
	want(set_callback(CALLBACKTYPE_failsafe, 0, entry_stub(ENTRY_FAILSAFE)), 0);
	trap_hook = note;
	lose_fs();
	want(times, 1);
	rule("the failsafe callback's frame is RCX R11 DS ES FS GS RIP CS RFLAGS RSP SS");
	want(seen.words[2], 0);
	want(seen.words[3], 0);
	want(seen.words[4], SEL(12));
	want(seen.words[5], SEL(8));
	want(seen.words[7] & 0xffff, 0xe030);
	want(seen.words[7] >> 32, 1);
	want(seen.words[8] & RFLAGS_IF, 0);
	want(seen.words[10], FLAT_KERNEL_SS);
	want(seen.rsp & 15, 8);
	want_true(seen.rsp + 11 * 8 <= seen.words[9] && seen.words[9] < seen.rsp + 13 * 8);
	rule("the failsafe callback leaves the event mask alone");
	event_mask = 0;
	lose_fs();
	want(times, 1);
	want(seen.mask, 0);
	want(seen.words[7] >> 32, 0);
	want(event_mask, 0);
	rule("CALLBACKF_mask_events masks events in the failsafe callback");
	want(set_callback(CALLBACKTYPE_failsafe, CALLBACKF_mask_events,
			  entry_stub(ENTRY_FAILSAFE)), 0);
	lose_fs();
	want(times, 1);
	want(seen.mask, 1);
	want(seen.words[7] >> 32, 0);
	want(event_mask, 0);
	event_mask = 1;
	trap_hook = NULL;
}
