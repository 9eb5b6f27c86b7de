/* SPDX-License-Identifier: MIT */
/* downs.c - vCPUs taken down and up: while they run, sleep, wait, by
 * themselves, and by several at a time.
 */
#include "smp-vcpus.h"

#define ONE	5
#define CALLERS	4

static void while_it_runs(unsigned int id)
{
	rule(id == ONE ? "down: one that runs stops, wherever it runs" :
			 "down: one above 31 that runs stops");
	begin(id, spin, 0);
	want_true(goes_on(id));
	want(vcpu_op(down, id, 0), 0);
	want(vcpu_op(is_up, id, 0), 0);
	want_true(comes(state_of(id) == RUNSTATE_offline));
	want_true(stands_still(id));
	rule(id == ONE ? "down: one that is down has its state, and gets no other" :
			 "down: one above 31 that is down gets no other state");
	want(vcpu_op(initialise, id, vcpu_state(id, suite_main)), -XEN_EEXIST);
	want(vcpu_op(down, id, 0), 0);
	rule(id == ONE ? "up: it goes on where it was" :
			 "up: one above 31 goes on where it was");
	want(vcpu_op(up, id, 0), 0);
	want(vcpu_op(is_up, id, 0), 1);
	want_true(goes_on(id));
	rule(id == ONE ? "down and up without a pause, many times: it goes on" :
			 "down and up without a pause: one above 31 goes on");
	for (int i = 0; i < 500; i++) {
		want(vcpu_op(down, id, 0), 0);
		want(vcpu_op(up, id, 0), 0);
	}
	want_true(goes_on(id));
	want_true(state_of(id) <= RUNSTATE_runnable);
	spin_no_more(id);
}

/* What one does that is taken down in it. */
static evtchn_port_t port;
static volatile bool back;

static void block_once(void *arg)
{
	(void)arg;
	call(sched_op, SCHEDOP_block, 0);
	back = true;
}

/* For so many nanoseconds; 0: until the event comes. */
static void poll_once(void *arg)
{
	uint64_t ns = (uint64_t)arg;

	poll_for(port, ns ? now() + ns : 0);
	back = true;
}

/* It sleeps, is taken down, stays down for a while, whatever comes: its run
 * state stays blocked while it waits for something. */
static void taken_asleep(unsigned int id, job *fn, bool event)
{
	back = false;
	begin(id, fn, 0);
	want_true(sleeps(id));
	want(vcpu_op(down, id, 0), 0);
	want(state_of(id), RUNSTATE_blocked);
	want(back, 0);
	if (event)
		want(send(port), 0);
	rest(40 * MS);
	want(back, 0);
	want(vcpu_op(is_up, id, 0), 0);
	want(state_of(id), event ? RUNSTATE_offline : RUNSTATE_blocked);
	want(vcpu_op(up, id, 0), 0);
}

static bool off_its_cpu(unsigned int id)
{
	int state = state_of(id);

	return state == RUNSTATE_blocked || state == RUNSTATE_offline;
}

/* It is down before a poll of so many nanoseconds is over; false if that was
 * over first. */
static bool down_in_poll(unsigned int id, uint64_t ns)
{
	back = false;
	begin(id, poll_once, (void *)ns);
	want_true(sleeps(id));
	want(vcpu_op(down, id, 0), 0);
	want_true(comes(off_its_cpu(id)));
	if (!back)
		return true;
	want(vcpu_op(up, id, 0), 0);
	want_true(ended(id));
	return false;
}

static void poll_ends_while_down(unsigned int id)
{
	uint64_t ns = 20 * MS;

	while (!down_in_poll(id, ns) && ns < PATIENCE / 4)
		ns *= 2;
	want_true(comes(state_of(id) == RUNSTATE_offline));
	rest(20 * MS);
	want(back, 0);
	want(vcpu_op(is_up, id, 0), 0);
	want(vcpu_op(up, id, 0), 0);
}

static void while_it_sleeps(unsigned int id)
{
	unsigned int before;

	port = ipi_port(id);
	rule("down: one that blocks stays asleep through an event, until it is up");
	before = lib_vcpus[id].interrupted;
	taken_asleep(id, block_once, true);
	want_true(ended(id) && back);
	want(lib_vcpus[id].interrupted, before + 1);
	want(lib_vcpus[id].interrupted_by, port);
	rule("up: one that blocked without an event goes on blocking");
	taken_asleep(id, block_once, false);
	want_true(sleeps(id));
	want(back, 0);
	want(send(port), 0);
	want_true(ended(id) && back);
	rule("down: one that polls stays so through an event, until it is up");
	port_mask(port, true);
	taken_asleep(id, poll_once, true);
	want_true(ended(id) && back);
	port_clear(port);
	rule("up: one that polled without an event goes on polling");
	taken_asleep(id, poll_once, false);
	want_true(sleeps(id));
	want(back, 0);
	want(send(port), 0);
	want_true(ended(id) && back);
	port_clear(port);
	rule("down: the end of a poll's time finds it when it is up again");
	poll_ends_while_down(id);
	want_true(ended(id) && back);
	want(close_port(port), 0);
}

static volatile unsigned int downs;
static volatile long down_rc;

static void go_down(void *arg)
{
	(void)arg;
	for (int i = 0; i < 60; i++) {
		down_rc |= vcpu_op(down, whoami(), 0);
		downs++;
	}
}

static void by_itself(unsigned int id)
{
	rule("down: of oneself: it answers 0 when one is up again");
	downs = 0;
	begin(id, go_down, 0);
	want_true(comes(!vcpu_op(is_up, id, 0)));
	want_true(comes(state_of(id) == RUNSTATE_offline));
	rest(5 * MS);
	want(downs, 0);
	want(vcpu_op(up, id, 0), 0);
	want_true(comes(downs == 1));
	want(down_rc, 0);
	rule("up: one that is on its way down is found down or goes down after it");
	while (downs < 60) {
		unsigned int before = downs;

		if (!comes(vcpu_op(up, id, 0) || downs != before))
			break;
	}
	want(downs, 60);
	want(down_rc, 0);
	want_true(ended(id));
}

static volatile long rc_of[VCPUS_MOST];
static uint64_t deadline;

/* Often, or as often as there is time for. */
static void down_and_up(void *arg)
{
	for (int i = 0; i < 20 || (i < 200 && now() < deadline); i++) {
		rc_of[whoami()] |= vcpu_op(down, (unsigned long)arg, 0);
		rc_of[whoami()] |= vcpu_op(up, (unsigned long)arg, 0);
	}
}

static void by_several(unsigned int id)
{
	rule("down and up: several that do it to one at once all succeed");
	begin(id, spin, 0);
	want_true(goes_on(id));
	deadline = now() + 3000 * MS;
	for (unsigned int k = 1; k <= CALLERS; k++)
		begin(id + k, down_and_up, (void *)(unsigned long)id);
	for (unsigned int k = 1; k <= CALLERS; k++) {
		want_true(ended(id + k));
		want(rc_of[id + k], 0);
	}
	rule("down and up: after the last up it is up and goes on");
	want(vcpu_op(is_up, id, 0), 1);
	want_true(goes_on(id));
	spin_no_more(id);
}

static volatile bool was_down;

static void first_one_down(void *arg)
{
	(void)arg;
	vcpu_op(down, 0, 0);
	was_down = !vcpu_op(is_up, 0, 0) && comes(state_of(0) == RUNSTATE_offline);
	poll_for(0, clock_of(&info_of(whoami())->time) + 20 * MS);
	vcpu_op(up, 0, 0);
}

void ups_and_downs(void)
{
	struct vcpu_runstate_info r, s;

	while_it_runs(ONE);
	while_it_runs(HIGH);
	while_it_sleeps(ONE + 1);
	by_itself(ONE + 1);
	by_several(ONE + 2);
	rule("down: the first vCPU can be taken down too, and up again");
	want(vcpu_op(get_runstate_info, 0, &r), 0);
	begin(ONE + 1, first_one_down, 0);
	want_true(ended(ONE + 1) && was_down);
	want(vcpu_op(get_runstate_info, 0, &s), 0);
	want_true(not_before(s.time[RUNSTATE_offline],
			     r.time[RUNSTATE_offline] + 1));
}
