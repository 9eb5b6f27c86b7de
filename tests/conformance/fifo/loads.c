/* SPDX-License-Identifier: MIT */
/* loads.c - one vCPU takes events out of its queues while another raises them,
 * changes their priority and masks them: none may be lost, none stays linked.
 */
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "fifo.h"
#include "time.h"

#define CHANNELS	12u
#define ROUNDS		4000u
#define PATIENCE	(60000ul * MS)

static struct channel channels[CHANNELS];
/* How often each was raised, and the number its events were last taken at. */
static volatile unsigned int raised[CHANNELS], seen[CHANNELS];
static volatile bool started, stop, stopped;
static volatile unsigned long taken;

static void give_way(void)
{
	call(sched_op, SCHEDOP_yield, 0);
}

/* Takes LINKED and the link away; the link. */
static evtchn_port_t unlink(volatile uint32_t *word)
{
	for (;;) {
		uint32_t w = *word;

		if (w & BUSY)
			continue;
		if (__sync_bool_compare_and_swap(word, w,
				w & ~(LINKED | EVTCHN_FIFO_LINK_MASK)))
			return w & EVTCHN_FIFO_LINK_MASK;
	}
}

static void take_one(evtchn_port_t port)
{
	unsigned int i;

	if (!(words[port] & PENDING) || words[port] & MASKED)
		return;
	__sync_fetch_and_and(&words[port], ~PENDING);
	for (i = 0; i < CHANNELS && channels[i].to != port; i++)
		;
	if (i == CHANNELS)
		return;
	seen[i] = raised[i];
	taken++;
}

/* As a guest does it: from the most urgent queue, until all are empty. */
static void take_all(void)
{
	static evtchn_port_t at[EVTCHN_FIFO_MAX_QUEUES];
	uint32_t ready = 0;

	for (;;) {
		unsigned int q;
		evtchn_port_t port;

		ready |= __sync_lock_test_and_set(&block_of(1)->ready, 0);
		if (!ready)
			return;
		q = (unsigned int)__builtin_ctz(ready);
		if (!at[q])
			at[q] = *head_of(1, q);
		port = at[q];
		at[q] = unlink(&words[port]);
		if (!at[q])
			ready &= ~(1u << q);
		take_one(port);
	}
}

static void consume(void)
{
	started = true;
	while (!stop) {
		if (told(1))
			take_all();
		else
			give_way();
	}
	/* An event that was taken and raised once more is linked again. */
	if (told(1))
		take_all();
	stopped = true;
	call(vcpu_op, VCPUOP_down, 1, 0);
	for (;;)
		give_way();
}

static void produce(void)
{
	uint64_t random = 42, until = now() + PATIENCE;

	for (unsigned int round = 0; round < ROUNDS && now() < until; round++) {
		unsigned int i = round % CHANNELS;

		random = random * 6364136223846793005ul + 1442695040888963407ul;
		__sync_fetch_and_add(&raised[i], 1);
		send(channels[i].from);
		if (random >> 60 == 1)
			set_priority(channels[i].to, random >> 50 & 15);
		if (random >> 60 == 2) {
			__sync_fetch_and_or(&words[channels[i].to], MASKED);
			give_way();
			unmask(channels[i].to);
		}
		if (random >> 62 == 3)
			give_way();
	}
}

static bool all_seen(void)
{
	for (unsigned int i = 0; i < CHANNELS; i++)
		if (seen[i] != raised[i])
			return false;
	return true;
}

void loads(void)
{
	uint64_t until;

	rule("one vCPU raises, another takes: no event is lost, whatever its priority meanwhile");
	for (unsigned int i = 0; i < CHANNELS; i++) {
		channels[i] = channel();
		want(move(channels[i].to, 1), 0);
	}
	forget_all();
	want(vcpu_start(1, consume), 0);
	for (until = now() + PATIENCE; !started && now() < until; )
		give_way();
	produce();
	for (until = now() + PATIENCE; !all_seen() && now() < until; )
		give_way();
	for (unsigned int i = 0; i < CHANNELS; i++)
		want(seen[i], raised[i]);
	want_true(taken >= CHANNELS);
	rule("and none is left in a queue");
	stop = true;
	for (until = now() + PATIENCE; !stopped && now() < until; )
		give_way();
	want(stopped, 1);
	for (unsigned int i = 0; i < CHANNELS; i++) {
		want(words[channels[i].to], 0);
		channel_close(channels[i]);
	}
	forget_all();
}
