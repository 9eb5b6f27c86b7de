/* SPDX-License-Identifier: MIT */
/* nmis.c - NMIs from one vCPU to another: noted once, taken one at a time. */
#include "smp-vcpus.h"

#define ONE	9

static volatile unsigned int taken[VCPUS_MOST];
static volatile bool in_it, stay;

static bool note(struct frame *f)
{
	if (f->vector != 2)
		return false;
	taken[whoami()]++;
	in_it = true;
	while (stay)
		asm volatile("pause");
	in_it = false;
	return true;
}

void nmis_noted(void)
{
	trap_hook = note;
}

static volatile bool back;

static void block(void *arg)
{
	(void)arg;
	call(sched_op, SCHEDOP_block, 0);
	back = true;
}

void nmis(void)
{
	unsigned int all = 0;

	rule("NMI: sent before its vCPU had a state, it came when it started");
	want(taken[HIGH + 1], 1);
	rule("NMI: to one that runs");
	begin(ONE, spin, 0);
	want_true(goes_on(ONE));
	want(vcpu_op(send_nmi, ONE, 0), 0);
	want_true(comes(taken[ONE] == 1));
	want_true(goes_on(ONE));
	rule("NMI: while one is taken others are noted, as one");
	stay = true;
	want(vcpu_op(send_nmi, ONE, 0), 0);
	want_true(comes(in_it));
	for (int i = 0; i < 3; i++)
		want(vcpu_op(send_nmi, ONE, 0), 0);
	rest(5 * MS);
	want(taken[ONE], 2);
	stay = false;
	want_true(comes(taken[ONE] >= 3));
	want_true(goes_on(ONE));
	rest(5 * MS);
	want(taken[ONE], 3);
	rule("NMI: to one that is down it comes when it is up");
	want(vcpu_op(down, ONE, 0), 0);
	want_true(comes(state_of(ONE) == RUNSTATE_offline));
	want(vcpu_op(send_nmi, ONE, 0), 0);
	rest(5 * MS);
	want(taken[ONE], 3);
	want(vcpu_op(up, ONE, 0), 0);
	want_true(comes(taken[ONE] == 4));
	spin_no_more(ONE);
	rule("NMI: one that blocks is woken by it");
	begin(ONE + 1, block, 0);
	want_true(sleeps(ONE + 1));
	want(back, 0);
	want(vcpu_op(send_nmi, ONE + 1, 0), 0);
	want_true(comes(taken[ONE + 1] == 1));
	want_true(ended(ONE + 1) && back);
	rule("NMI: nobody else took any");
	for (unsigned int id = 0; id < ALL; id++)
		all += taken[id];
	want(all, taken[HIGH + 1] + taken[ONE] + taken[ONE + 1]);
	trap_hook = NULL;
}
