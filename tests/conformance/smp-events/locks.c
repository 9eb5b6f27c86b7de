/* SPDX-License-Identifier: MIT */
/* locks.c - a ticket lock in the way of paravirtual kernels: who waits too
 * long sleeps in poll on a port of its own, and whoever unlocks kicks the next.
 */
#include "smp-events.h"

#define ROUNDS	1000
#define FEW	50
#define LONG	(3000 * MS)
#define TRIES	64			/* before it sleeps */

static evtchn_port_t kicks[CREW];
static volatile unsigned int next_ticket, serving;
/* The ticket that a vCPU sleeps for, plus one; 0: it does not sleep. */
static volatile unsigned int wanted[CREW];
static volatile unsigned int inside, slept, kicked;
static unsigned long guarded, intruders, done[CREW];
static struct meeting start;
static uint64_t deadline;

static void wait_for(unsigned int ticket)
{
	unsigned int id = whoami();

	while (serving != ticket) {
		for (unsigned int i = 0; i < TRIES && serving != ticket; i++)
			asm volatile("pause");
		if (serving == ticket)
			break;
		port_clear(kicks[id]);
		__sync_lock_test_and_set(&wanted[id], ticket + 1);
		if (serving != ticket) {
			poll_for(kicks[id], 0);
			__sync_fetch_and_add(&slept, 1);
		}
		wanted[id] = 0;
	}
}

static void unlock(unsigned int ticket)
{
	__sync_fetch_and_add(&serving, 1);
	for (unsigned int id = 0; id < CREW; id++) {
		if (wanted[id] != ticket + 2)
			continue;
		send(kicks[id]);
		__sync_fetch_and_add(&kicked, 1);
		break;
	}
}

/* Often, or as often as there is time for, and until somebody slept. */
static bool goes_on(unsigned int i)
{
	uint64_t t = my_clock();

	return i < FEW || (i < ROUNDS && t < deadline) ||
	       (!slept && t < deadline + PATIENCE);
}

/* Now and then who has the lock keeps it for so long that others sleep: longer
 * each time, as long as nobody had to. */
static void keep_it(unsigned int i)
{
	poll_for(0, my_clock() + MS / 10 + (slept ? 0 : i * MS / 16));
}

static void compete(void *arg)
{
	unsigned int id = whoami(), i;

	(void)arg;
	meet(&start, CREW);
	for (i = 0; goes_on(i); i++) {
		unsigned int ticket = __sync_fetch_and_add(&next_ticket, 1);

		wait_for(ticket);
		intruders += __sync_fetch_and_add(&inside, 1) != 0;
		guarded++;
		if (i % 16 == 0)
			keep_it(i);
		__sync_fetch_and_sub(&inside, 1);
		unlock(ticket);
	}
	done[id] = i;
}

void locks(void)
{
	rule("a ticket lock with poll and kick: nobody waits for ever, or gets in twice");
	for (unsigned int id = 0; id < CREW; id++) {
		kicks[id] = ipi_port(id);
		port_mask(kicks[id], true);
	}
	deadline = now() + LONG;
	want_true(together(compete, 0));
	want(guarded, done[0] + done[1] + done[2] + done[3]);
	want(next_ticket, guarded);
	want(intruders, 0);
	rule("a ticket lock: some slept, and were kicked");
	want_true(slept > 0);
	want_true(kicked > 0);
	for (unsigned int id = 0; id < CREW; id++) {
		port_mask(kicks[id], false);
		port_clear(kicks[id]);
		want(close_port(kicks[id]), 0);
	}
}
