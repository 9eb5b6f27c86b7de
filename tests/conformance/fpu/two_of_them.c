/* SPDX-License-Identifier: MIT */
/* two_of_them.c - two vCPUs that use their registers at the same time. */
#include <xen/sched.h>

#include "fpu.h"

static volatile unsigned int turns, spoiled;
static volatile bool ready;
static struct image at_its_start;

/* The second vCPU: its registers are its own, turn after turn. */
static void second(void)
{
	struct image mine = pattern(100), now;

	save(&at_its_start);
	load(&mine);
	ready = true;
	for (;;) {
		call(sched_op, SCHEDOP_yield, 0);
		save(&now);
		spoiled += !!memcmp(now.xmm, mine.xmm, sizeof(mine.xmm));
		spoiled += !!memcmp(now.st, mine.st, 10);
		spoiled += now.mxcsr != mine.mxcsr;
		turns++;
	}
}

void two_of_them(void)
{
	struct image mine = pattern(50), now;
	long rc = second_start(second);

	rule("a second vCPU starts with registers as after reset");
	if (rc == -XEN_ENOENT) {
		skip("this domain has one vCPU");
		return;
	}
	want(rc, 0);
	load(&mine);
	while (!ready)
		call(sched_op, SCHEDOP_yield, 0);
	want(at_its_start.fcw, 0x37f);
	want(at_its_start.mxcsr, 0x1f80);
	want(at_its_start.xmm[0][0] | at_its_start.xmm[15][15], 0);
	rule("two vCPUs that take turns have registers of their own");
	for (unsigned int i = 0; i < 100 || turns < 20; i++) {
		call(sched_op, SCHEDOP_yield, 0);
		save(&now);
		want(memcmp(now.xmm, mine.xmm, sizeof(mine.xmm)), 0);
		want(memcmp(now.st, mine.st, 10), 0);
		want(now.mxcsr, mine.mxcsr);
	}
	want(spoiled, 0);
	rule("two vCPUs have a TS each: one's is nothing to the other");
	turns = 0;
	call(fpu_taskswitch, 1);
	while (turns < 5)
		call(sched_op, SCHEDOP_yield, 0);
	want(spoiled, 0);
	call(fpu_taskswitch, 0);
	save(&now);
	want_same(&now, &mine);
}
