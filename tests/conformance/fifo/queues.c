/* SPDX-License-Identifier: MIT */
/* queues.c - from a send to a link: the queue's head, its ready bit, the words
 * of ports that follow each other; and which queue it is.
 */
#include <xen/sched.h>

#include "fifo.h"

#define ODD_BITS	(0x7ffu << EVTCHN_FIFO_LINK_BITS)	/* that mean nothing */

static struct channel a, b, c;

static void one(void)
{
	rule("a send marks the word pending and linked, and tells the queue and the vCPU");
	forget_all();
	want(send(a.from), 0);
	want(words[a.to], PENDING | LINKED);
	want(*head_of(0, DEFAULT), a.to);
	want(block_of(0)->ready, 1u << DEFAULT);
	want(shared->vcpu_info[0].evtchn_pending_sel, 0);
	want(told(0), 1);
	rule("pending and linked, a port is not raised again");
	want(send(a.from), 0);
	want(words[a.to], PENDING | LINKED);
	want(told(0), 0);
	rule("pending, but taken out of its queue, it is linked again");
	__sync_fetch_and_and(&words[a.to], ~LINKED);
	*head_of(0, DEFAULT) = block_of(0)->ready = 0;
	want(send(a.from), 0);
	want(words[a.to], PENDING | LINKED);
	want(*head_of(0, DEFAULT), a.to);
	want(told(0), 1);
	rule("linked, but no longer pending, it becomes pending where it is");
	__sync_fetch_and_and(&words[a.to], ~PENDING);
	*head_of(0, DEFAULT) = block_of(0)->ready = 0;
	want(send(a.from), 0);
	want(words[a.to], PENDING | LINKED);
	want(*head_of(0, DEFAULT), 0);
	want(block_of(0)->ready, 0);
	want(told(0), 0);
	rule("a queue that is marked ready is not told again");
	forget_all();
	block_of(0)->ready = 1u << DEFAULT;
	want(send(a.from), 0);
	want(*head_of(0, DEFAULT), a.to);
	want(told(0), 0);
}

static void several(void)
{
	rule("events of one queue follow each other in order");
	forget_all();
	want(send(a.from), 0);
	told(0);
	want(send(b.from), 0);
	want(send(c.from), 0);
	want(*head_of(0, DEFAULT), a.to);
	want(words[a.to], PENDING | LINKED | b.to);
	want(words[b.to], PENDING | LINKED | c.to);
	want(words[c.to], PENDING | LINKED);
	want(told(0), 0);
	rule("when all were taken the next event is the head again");
	take(a.to);
	take(b.to);
	take(c.to);
	block_of(0)->ready = 0;
	want(send(b.from), 0);
	want(*head_of(0, DEFAULT), b.to);
	want(words[c.to], 0);
	want(told(0), 1);
	rule("the last one taken and raised anew does not follow itself");
	take(b.to);
	want(send(b.from), 0);
	want(*head_of(0, DEFAULT), b.to);
	want(words[b.to], PENDING | LINKED);
	rule("a link in the last word is written over, BUSY is taken away, other bits stay");
	forget_all();
	want(send(a.from), 0);
	words[a.to] |= BUSY | EVTCHN_FIFO_LINK_MASK | ODD_BITS;
	want(send(b.from), 0);
	want(words[a.to], PENDING | LINKED | ODD_BITS | b.to);
	rule("a mask on the last word does not keep others from following it");
	forget_all();
	want(send(a.from), 0);
	__sync_fetch_and_or(&words[a.to], MASKED);
	want(send(b.from), 0);
	want(words[a.to], PENDING | MASKED | LINKED | b.to);
}

static void masks(void)
{
	struct sched_poll p = { .nr_ports = 1 };

	rule("masked, an event becomes pending and no more");
	forget_all();
	words[a.to] = MASKED;
	want(send(a.from), 0);
	want(words[a.to], PENDING | MASKED);
	want(block_of(0)->ready, 0);
	want(told(0), 0);
	rule("poll finds what is pending, masked or not, without a wait");
	set_xen_guest_handle(p.ports, &a.to);
	want(call(sched_op, SCHEDOP_poll, &p), 0);
	rule("unmask links it and tells");
	want(unmask(a.to), 0);
	want(words[a.to], PENDING | LINKED);
	want(*head_of(0, DEFAULT), a.to);
	want(told(0), 1);
	rule("unmask of what is linked already tells nothing");
	__sync_fetch_and_or(&words[a.to], MASKED);
	want(unmask(a.to), 0);
	want(words[a.to], PENDING | LINKED);
	want(told(0), 0);
	rule("unmask of what is not pending only unmasks");
	forget_all();
	words[a.to] = MASKED;
	want(unmask(a.to), 0);
	want(words[a.to], 0);
	want(told(0), 0);
	rule("unmask of a closed port leaves its mask, of one that is not there is EINVAL");
	channel_close(b);
	words[b.to] = MASKED | PENDING;
	want(unmask(b.to), 0);
	want(words[b.to], MASKED | PENDING);
	want(unmask(NO_PORT), -XEN_EINVAL);
	words[b.to] = MASKED;
	b = channel();
	forget_all();
}

static void closing(void)
{
	evtchn_port_t other, old = c.to;

	rule("a port that is closed is not pending any more, but stays in its queue");
	forget_all();
	want(send(c.from), 0);
	want(close_port(c.to), 0);
	want(words[old], LINKED);
	rule("a closed port is not given away while it is linked");
	other = unbound_port();
	want_true(other != old);
	rule("taken out of its queue it is");
	words[old] = 0;
	want(unbound_port(), old);
	want(close_port(old), 0);
	want(close_port(other), 0);
	want(close_port(c.from), 0);
	c = channel();
	forget_all();
}

void queues(void)
{
	a = channel();
	b = channel();
	c = channel();
	one();
	several();
	masks();
	closing();
}

static void levels(void)
{
	evtchn_port_t closed = unbound_port();

	want(close_port(closed), 0);
	rule("priorities are 0 to 15");
	want(set_priority(a.to, 16), -XEN_EINVAL);
	want(set_priority(a.to, ~0u), -XEN_EINVAL);
	rule("a port that is not there is EINVAL, one that is closed EACCES");
	want(set_priority(NO_PORT, 0), -XEN_EINVAL);
	want(set_priority(~0u, 0), -XEN_EINVAL);
	want(set_priority(closed, 0), -XEN_EACCES);
	want(set_priority(closed, 16), -XEN_EACCES);
	rule("each priority has its queue and its ready bit");
	for (uint32_t q = 0; q <= EVTCHN_FIFO_PRIORITY_MIN; q++) {
		forget_all();
		want(set_priority(a.to, q), 0);
		want(send(a.from), 0);
		want(block_of(0)->ready, 1u << q);
		want(*head_of(0, q), a.to);
		want(told(0), 1);
	}
	rule("a second queue is told beside the first");
	want(send(b.from), 0);
	want(block_of(0)->ready, 1u << DEFAULT | 1u << 15);
	want(told(0), 1);
	rule("a port has the usual priority when it is bound again");
	take(a.to);
	channel_close(a);
	a = channel();
	forget_all();
	want(send(a.from), 0);
	want(block_of(0)->ready, 1u << DEFAULT);
}

static void changed(void)
{
	rule("a port that is linked stays in its queue when its priority is changed");
	forget_all();
	want(send(a.from), 0);
	want(set_priority(a.to, 3), 0);
	__sync_fetch_and_and(&words[a.to], ~PENDING);
	want(send(a.from), 0);
	want(block_of(0)->ready, 1u << DEFAULT);
	want(*head_of(0, 3), 0);
	rule("while it is there others follow it");
	want(send(b.from), 0);
	want(words[a.to], PENDING | LINKED | b.to);
	rule("taken out, it goes to its new queue");
	forget_all();
	want(set_priority(a.to, DEFAULT), 0);
	want(send(a.from), 0);
	want(set_priority(a.to, 3), 0);
	take(a.to);
	block_of(0)->ready = 0;
	want(send(a.from), 0);
	want(block_of(0)->ready, 1u << 3);
	want(*head_of(0, 3), a.to);
	rule("and nothing of its old queue follows it there");
	want(send(b.from), 0);
	want(words[a.to], PENDING | LINKED);
	want(*head_of(0, DEFAULT), b.to);
	want(block_of(0)->ready, 1u << 3 | 1u << DEFAULT);
	forget_all();
	want(set_priority(a.to, DEFAULT), 0);
}

void priorities(void)
{
	levels();
	changed();
	take(a.to);
	take(b.to);
	take(c.to);
	channel_close(a);
	channel_close(b);
	channel_close(c);
}
