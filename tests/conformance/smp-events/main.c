/* SPDX-License-Identifier: MIT */
/* smp-events - events between vCPUs: to one that runs, blocks, polls or is
 * down, thousands of times, and none may be lost.
 */
#include "smp-events.h"

const char suite_name[] = "smp-events";

int state_of(unsigned int id)
{
	struct vcpu_runstate_info r = { .state = -1 };

	want(vcpu_op(get_runstate_info, id, &r), 0);
	return r.state;
}

void forget(unsigned int id)
{
	info_of(id)->evtchn_upcall_pending = 0;
	__sync_lock_test_and_set(&info_of(id)->evtchn_pending_sel, 0);
}

static volatile bool stop, ready;

/* Works with events unmasked, until told to stop. */
static void toil(void *arg)
{
	(void)arg;
	forget(whoami());
	info_of(whoami())->evtchn_upcall_mask = 0;
	for (ready = true; !stop;)
		asm volatile("pause");
}

static void block(void *arg)
{
	(void)arg;
	forget(whoami());
	call(sched_op, SCHEDOP_block, 0);
}

static void poll(void *arg)
{
	poll_for(*(evtchn_port_t *)arg, 0);
}

static void to_one_that(void)
{
	evtchn_port_t port = ipi_port(1);
	unsigned int before;

	rule("an event interrupts a vCPU that works, without any call of its own");
	stop = ready = false;
	begin(1, toil, 0);
	want_true(comes(ready));
	before = lib_vcpus[1].interrupted;
	want(send(port), 0);
	want_true(comes(lib_vcpus[1].interrupted == before + 1));
	want(lib_vcpus[1].interrupted_by, port);
	want(port_pending(port), 0);
	rule("a masked port interrupts nobody, until it is unmasked");
	port_mask(port, true);
	want(send(port), 0);
	rest(5 * MS);
	want(lib_vcpus[1].interrupted, before + 1);
	want(port_pending(port), 1);
	want(event(unmask, (&(struct evtchn_unmask){ port })), 0);
	want_true(comes(lib_vcpus[1].interrupted == before + 2));
	rule("one that works with events masked is interrupted when it unmasks");
	stop = true;
	want_true(ended(1));
	forget(1);
	want(send(port), 0);
	want(info_of(1)->evtchn_upcall_pending, 1);
	want(info_of(0)->evtchn_upcall_pending, 0);
	forget(1);
	port_clear(port);
	rule("an event wakes a vCPU that blocks, and interrupts it");
	before = lib_vcpus[1].interrupted;
	begin(1, block, 0);
	want_true(sleeps(1));
	want(send(port), 0);
	want_true(ended(1));
	want(lib_vcpus[1].interrupted, before + 1);
	rule("an event for another vCPU does not wake it");
	begin(1, block, 0);
	want_true(sleeps(1));
	before = ipi_port(2);
	want(send(before), 0);
	rest(5 * MS);
	want(state_of(1), RUNSTATE_blocked);
	want(close_port(before), 0);
	want(send(port), 0);
	want_true(ended(1));
	rule("an event on a port that it polls for wakes a vCPU, masked or not");
	port_mask(port, true);
	begin(1, poll, &port);
	want_true(sleeps(1));
	want(send(port), 0);
	want_true(ended(1));
	want(port_pending(port), 1);
	rule("a poll wakes by another vCPU's port too");
	port_clear(port);
	before = port;
	port = ipi_port(3);
	port_mask(port, true);
	begin(1, poll, &port);
	want_true(sleeps(1));
	want(send(port), 0);
	want_true(ended(1));
	port_mask(port, false);
	port_clear(port);
	want(close_port(port), 0);
	port = before;
	rule("an event waits for a vCPU that is down until it is up");
	port_mask(port, false);
	begin(1, block, 0);
	want_true(sleeps(1));
	want(vcpu_op(down, 1, 0), 0);
	before = lib_vcpus[1].interrupted;
	want(send(port), 0);
	want(send(port), 0);
	rest(5 * MS);
	want(lib_vcpus[1].interrupted, before);
	want(vcpu_op(up, 1, 0), 0);
	want_true(ended(1));
	want(lib_vcpus[1].interrupted, before + 1);
	want(close_port(port), 0);
}

/* Four vCPUs wake each other in turn: a thousand times each, or as often as
 * there is time for on a host that is slow to change threads. */
#define ROUNDS	1000
#define FEW	20
#define LONG	(3000 * MS)
static evtchn_port_t ring[CREW];
static volatile unsigned int turn;
static volatile unsigned int last_round;
static uint64_t deadline;
enum sleep { BLOCK, POLL, SPIN };
static enum sleep ways[CREW];

static void sleep_as(enum sleep way, evtchn_port_t port)
{
	if (way == BLOCK)
		call(sched_op, SCHEDOP_block, 0);
	else if (way == POLL)
		poll_for(port, 0);
	else if (cpus() > 1)
		asm volatile("pause");
	else
		call(sched_op, SCHEDOP_yield, 0);
}

/* A vCPU of the ring: sleeps until it is its turn, then wakes the next. The
 * first one decides which round is the last. */
static void take_turns(void *arg)
{
	unsigned int id = whoami();

	(void)arg;
	for (unsigned int round = 0; round < last_round; round++) {
		while (turn % CREW != id) {
			port_clear(ring[id]);
			if (turn % CREW != id)
				sleep_as(ways[id], ring[id]);
		}
		if (!id && round >= FEW && my_clock() > deadline)
			last_round = round + 1;
		__sync_fetch_and_add(&turn, 1);
		send(ring[(id + 1) % CREW]);
	}
}

static void in_a_ring(const char *sentence, enum sleep a, enum sleep b)
{
	rule(sentence);
	turn = 0;
	last_round = ROUNDS;
	deadline = now() + LONG;
	for (unsigned int id = 0; id < CREW; id++) {
		ways[id] = id % 2 ? b : a;
		ring[id] = ipi_port(id);
		port_mask(ring[id], true);
	}
	want_true(together(take_turns, 0));
	want(turn, CREW * last_round);
	want_true(last_round >= FEW);
	for (unsigned int id = 0; id < CREW; id++) {
		port_mask(ring[id], false);
		port_clear(ring[id]);
		want(close_port(ring[id]), 0);
	}
}

/* The same by interrupts, of two. */
static void answer(void *arg)
{
	unsigned int id = whoami(), seen;

	(void)arg;
	forget(id);
	seen = lib_vcpus[id].interrupted;
	for (unsigned int round = 0; round < last_round; round++) {
		while (lib_vcpus[id].interrupted == seen) {
			call(sched_op, SCHEDOP_block, 0);
			info_of(id)->evtchn_upcall_mask = 1;
		}
		seen++;
		if (id == 2 && round >= FEW && my_clock() > deadline)
			last_round = round + 1;
		send(ring[id ^ 1]);
	}
}

static void back_and_forth(void)
{
	unsigned int before;

	rule("interrupts back and forth of two that block: none is lost");
	last_round = ROUNDS;
	deadline = now() + LONG;
	ring[2] = ipi_port(2);
	ring[3] = ipi_port(3);
	begin(2, answer, 0);
	begin(3, answer, 0);
	want_true(sleeps(2) && sleeps(3));
	before = lib_vcpus[3].interrupted;
	want(send(ring[2]), 0);
	want_true(ended(2) && ended(3));
	want(lib_vcpus[3].interrupted, before + last_round);
	want_true(last_round >= FEW);
	want(close_port(ring[2]), 0);
	want(close_port(ring[3]), 0);
	port_clear(ring[2]);
	port_clear(ring[3]);
}

void suite_main(void)
{
	rule("there are four vCPUs");
	want_true(crew_open(CREW));
	want(crew, CREW);
	to_one_that();
	moving();
	in_a_ring("a ring of four that poll: no wake-up is lost", POLL, POLL);
	in_a_ring("a ring of some that poll and some that spin", POLL, SPIN);
	back_and_forth();
	locks();
	races();
}
