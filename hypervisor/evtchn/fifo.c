/* SPDX-License-Identifier: MIT */
/* fifo.c - FIFO delivery: from a port to a queue of the vCPU it is for.
 *
 * Guards: event words and control blocks are the guest's to write at any time.
 * What they say is believed for one decision, never as a place to go to: which
 * port is a queue's last is ours (tail), a link is only ever written, and what
 * the guest upsets by writing elsewhere are its own events.
 * Invariant: a port is put into a queue by who sets its LINKED bit, under the
 * FIFO lock, and the queue's head is written before its ready bit, that before
 * the upcall byte.
 * A linked port stays in its queue when its vCPU or priority is changed, and
 * remembers which that is (port->queue): when the guest has taken it out there
 * and it goes to another queue, the old one must not go on to link to it.
 * Not here: the two-level bitmaps (deliver.c); the switch (fifo_switch.c).
 */
#include "evtchn/port.h"

#include "cpu/percpu.h"
#include "sched/sched.h"

#define PENDING	(1u << EVTCHN_FIFO_PENDING)
#define MASKED	(1u << EVTCHN_FIFO_MASKED)
#define LINKED	(1u << EVTCHN_FIFO_LINKED)
#define BUSY	(1u << EVTCHN_FIFO_BUSY)

/* A guest that keeps to the rules can change a linked word so often while it
 * is marked BUSY: take PENDING, MASKED and LINKED away, mask it. */
#define LINK_TRIES	5

/* Bits of a word: were they set before? */
static bool word_set(volatile uint32_t *word, uint32_t bits)
{
	return __atomic_fetch_or(word, bits, __ATOMIC_SEQ_CST) & bits;
}

static void word_clear(volatile uint32_t *word, uint32_t bits)
{
	__atomic_fetch_and(word, ~bits, __ATOMIC_SEQ_CST);
}

/* NULL: the guest did not hand its frame over yet. */
static volatile uint32_t *word_of(struct evtchn_fifo *f, evtchn_port_t n)
{
	uint32_t nr = READ_ONCE(f->nr_words);

	if (n >= nr)
		return NULL;
	n = (evtchn_port_t)array_index_nospec(n, nr);
	return &f->words[n / EVTCHN_WORDS_PER_FRAME][n % EVTCHN_WORDS_PER_FRAME];
}

/* Port n follows the one whose word this is, if that is still in its queue;
 * false: it is not. Marked BUSY its owner may not unmask it. One that writes to
 * it all the same, and at just that time again and again, does without n. */
static bool word_link(volatile uint32_t *word, evtchn_port_t n)
{
	uint32_t old = *word;

	for (unsigned i = 0; i < LINK_TRIES; i++) {
		if (!(old & LINKED)) {
			if (i)
				word_clear(word, BUSY);
			return false;
		}
		if (__atomic_compare_exchange_n(word, &old,
				(old & ~(BUSY | EVTCHN_FIFO_LINK_MASK)) | n, false,
				__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
		if (!i)
			old = __atomic_or_fetch(word, BUSY, __ATOMIC_SEQ_CST);
	}
	word_clear(word, BUSY);
	return true;
}

/* Port n, just marked LINKED, becomes the last of v's queue; true if it is its
 * first, too. */
static bool queue_add(struct evtchn_fifo *f, const struct vcpu *v, evtchn_port_t n,
		      struct port *port)
{
	uint32_t *old = &f->tail[port->queue / EVTCHN_FIFO_QUEUES]
				[port->queue % EVTCHN_FIFO_QUEUES];
	uint32_t *tail = &f->tail[v->id][port->priority];
	bool follows;

	if (*old == n)
		*old = 0;
	port->queue = (uint16_t)(v->id * EVTCHN_FIFO_QUEUES + port->priority) & 0x3ff;
	follows = *tail && word_link(word_of(f, *tail), n);
	if (!follows)
		f->control[v->id]->head[port->priority] = n;
	*tail = n;
	return !follows;
}

void fifo_raise(struct domain *d, evtchn_port_t n, struct port *port)
{
	struct evtchn_fifo *f = d->evtchn.fifo;
	struct vcpu *v = d->vcpu[READ_ONCE(port->vcpu)];
	volatile struct evtchn_fifo_control_block *control = READ_ONCE(f->control[v->id]);
	volatile uint32_t *word;
	bool again, first = false;
	unsigned priority;

	spin_lock(&f->lock);
	priority = port->priority;
	word = word_of(f, n);
	port->pending = !word;
	/* For a vCPU without a control block there are no events, as upstream. */
	if (!word || !control) {
		spin_unlock(&f->lock);
		return;
	}
	again = word_set(word, PENDING);
	if (!(*word & MASKED) && !word_set(word, LINKED))
		first = queue_add(f, v, n, port);
	spin_unlock(&f->lock);

	if (first && !word_set(&control->ready, 1u << priority))
		vcpu_upcall(v);
	if (!again && unlikely(READ_ONCE(d->sched.pollers)))
		sched_wake_pollers(d, n);
}

void fifo_unmask(struct domain *d, evtchn_port_t n, struct port *port)
{
	volatile uint32_t *word = word_of(d->evtchn.fifo, n);

	if (!word)
		return;
	word_clear(word, MASKED);
	if (*word & PENDING)
		fifo_raise(d, n, port);
}

/* It stays in its queue: the guest takes it out and leaves it. */
void fifo_clear_pending(struct domain *d, evtchn_port_t n)
{
	volatile uint32_t *word = word_of(d->evtchn.fifo, n);

	if (word)
		word_clear(word, PENDING);
}

bool fifo_is_pending(struct domain *d, evtchn_port_t n)
{
	volatile uint32_t *word = word_of(d->evtchn.fifo, n);

	return word && *word & PENDING;
}

/* Ports looked at by one call, twice; and what that costs of the budget. */
#define LOOK		256
#define LOOK_UNITS	300

static bool can_be_given(struct ports p, evtchn_port_t n)
{
	volatile uint32_t *word = word_of(p.d->evtchn.fifo, n);

	return port_find(p, n)->state == PORT_FREE && !(word && *word & LINKED);
}

/* Closed ports that a guest leaves linked are looked at again and again, and may
 * be all it has: what comes after the first of them is found in steps. */
evtchn_port_t fifo_find_free(struct ports p, evtchn_port_t n)
{
	struct evtchn_fifo *f = p.d->evtchn.fifo;
	uint32_t nr = p.d->evtchn.nr_ports;
	bool full = nr > p.d->evtchn.max_port;

	for (unsigned i = 0; i < LOOK && n < nr; i++, n++)
		if (can_be_given(p, n))
			return n;
	(void)budget_left(LOOK_UNITS);
	if (f->look_from > n && !(full && f->look_from >= nr))
		n = f->look_from;
	for (unsigned i = 0; i < LOOK && n < nr; i++, n++) {
		if (can_be_given(p, n)) {
			f->look_from = n + 1;
			return n;
		}
	}
	/* a new one; those that come into being with it are next */
	f->look_from = full ? n : nr + 1;
	return nr;
}
