/* SPDX-License-Identifier: MIT */
/* fifo_switch.c - a domain takes to FIFO delivery, hands its frames over for it,
 * and goes back.
 *
 * Guards: what is written to are frames that the domain owns and may itself
 * write, a reference held on each until the way back.
 * Invariant: all is checked and taken before any of it is seen; a call that
 * fails gives back what it took, and nothing else. An event raised before the
 * switch, during it, or before its word is there is pending afterwards.
 */
#include "evtchn/port.h"

#include "base/errno.h"
#include "mm/mm.h"

_Static_assert(EVTCHN_FIFO_PORTS == EVTCHN_FIFO_NR_CHANNELS &&
	       EVTCHN_FIFO_QUEUES == EVTCHN_FIFO_MAX_QUEUES &&
	       EVTCHN_FIFO_VCPUS == MAX_VCPUS, "as the interface has it");
_Static_assert(sizeof(struct evtchn_fifo) <= PAGE_SIZE &&
	       sizeof(uint32_t[EVTCHN_FIFO_VCPUS][EVTCHN_FIFO_QUEUES]) == PAGE_SIZE,
	       "a frame each");

/* Budget units: two pages are cleared. */
#define ALLOC_UNITS	100

static struct evtchn_fifo *fifo_alloc(void)
{
	struct evtchn_fifo *f = page_alloc();

	(void)budget_left(ALLOC_UNITS);
	if (!f)
		return NULL;
	f->tail = page_alloc();
	if (!f->tail) {
		page_free(f);
		return NULL;
	}
	spin_init(&f->lock, RANK_FIFO);
	return f;
}

static void page_put(volatile void *p)
{
	if (p)
		event_frame_put(virt_to_mfn((void *)((uint64_t)p & ~(PAGE_SIZE - 1UL))));
}

void fifo_end(struct ports p)
{
	struct evtchn_fifo *f = p.d->evtchn.fifo;

	WRITE_ONCE(p.d->evtchn.fifo, NULL);
	for (unsigned i = 0; i < p.d->max_vcpus; i++)
		if (p.d->vcpu[i])
			p.d->vcpu[i]->evtchn.handing = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(f->control); i++)
		page_put(f->control[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(f->words); i++)
		page_put(f->words[i]);
	page_free(f->tail);
	page_free(f);
	(void)budget_left(FIFO_END_UNITS);
}

/* Budget units of raising one. */
static int raise_units(const struct domain *d)
{
	return READ_ONCE(d->sched.pollers) ? 128 : 8;
}

/* Whoever raises an event here holds the lock of the ports of this domain or of
 * the other end's. One that did so before the switch, and still writes to the
 * bitmaps, has finished when both could be had. */
static void carry_over(struct domain *d, evtchn_port_t n)
{
	struct ports p = ports_lock(d);
	struct port *port = port_find(p, n);
	uint64_t bit = 1UL << (n % 64);

	if (port->state == PORT_INTERDOMAIN) {
		struct domain *peer = port->peer;

		domain_hold(peer);
		ports_unlock(p);
		ports_unlock(ports_lock(peer));
		domain_put(peer);
		p = ports_lock(d);
	}
	if (d->evtchn.fifo && port_in_use(port) &&
	    __atomic_fetch_and(&d->shared->evtchn_pending[n / 64], ~bit, __ATOMIC_SEQ_CST) & bit)
		fifo_raise(d, n, port);
	ports_unlock(p);
}

/* A call that handed a frame over and ran out of budget goes on where it was. */
static bool goes_on(struct vcpu *v, uint64_t mfn)
{
	bool so = v->evtchn.handing && v->evtchn.handing == mfn + 1;

	v->evtchn.handing = 0;
	return so;
}

static int later(struct vcpu *v, uint64_t mfn, evtchn_port_t next)
{
	v->evtchn.handing = mfn + 1;
	v->evtchn.next = next;
	return -ERESTART;
}

static int carry_all_over(struct vcpu *v, uint64_t mfn)
{
	struct domain *d = v->domain;

	for (evtchn_port_t n = v->evtchn.next; n < d->evtchn.nr_near; n++) {
		carry_over(d, n);
		if (!budget_left(raise_units(d)))
			return later(v, mfn, n + 1);
	}
	return 0;
}

static int init_control(struct ports p, const struct vcpu *v, mfn_t mfn, uint32_t offset)
{
	struct evtchn_fifo *f = p.d->evtchn.fifo;

	if (f && f->control[v->id])
		return -EINVAL;
	if (!event_frame_get(p.d, mfn))
		return -EINVAL;
	if (!f)
		f = fifo_alloc();
	if (!f) {
		event_frame_put(mfn);
		return -ENOMEM;
	}
	WRITE_ONCE(f->control[v->id], (volatile struct evtchn_fifo_control_block *)
				      ((char *)mfn_to_virt(mfn) + offset));
	__atomic_store_n(&p.d->evtchn.fifo, f, __ATOMIC_SEQ_CST);
	return 0;
}

long fifo_init_control(struct vcpu *v, struct evtchn_init_control *req)
{
	struct domain *d = v->domain;
	struct vcpu *to;
	struct ports p;
	bool carries;
	int rc = 0;

	if (d->evtchn.max_port < EVTCHN_NR_PORTS)
		return -ENOSYS;
	to = domain_vcpu(d, req->vcpu);
	if (!to)
		return -ENOENT;
	if (req->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) ||
	    req->offset % 8)
		return -EINVAL;

	p = ports_lock(d);
	carries = goes_on(v, req->control_gfn);
	if (!carries) {
		carries = !d->evtchn.fifo;
		v->evtchn.next = 1;
		rc = init_control(p, to, mfn_make(req->control_gfn), req->offset);
	}
	ports_unlock(p);
	if (!rc && carries)
		rc = carry_all_over(v, req->control_gfn);
	req->link_bits = EVTCHN_FIFO_LINK_BITS;
	return rc;
}

static int expand_array(struct ports p, mfn_t mfn)
{
	struct evtchn_fifo *f = p.d->evtchn.fifo;
	evtchn_port_t n;

	if (!f)
		return -EOPNOTSUPP;
	n = f->nr_words;
	if (n == EVTCHN_FIFO_PORTS)
		return -ENOSPC;
	if (!event_frame_get(p.d, mfn))
		return -EINVAL;
	/* whoever raises one of them finds its word, or leaves `pending` to us */
	spin_lock(&f->lock);
	f->words[n / EVTCHN_WORDS_PER_FRAME] = mfn_to_virt(mfn);
	__atomic_store_n(&f->nr_words, n + EVTCHN_WORDS_PER_FRAME, __ATOMIC_RELEASE);
	spin_unlock(&f->lock);
	return 0;
}

/* Raises what is pending of the ports whose words have come. */
static int raise_pending(struct ports p, struct vcpu *v, uint64_t mfn)
{
	struct domain *d = p.d;
	evtchn_port_t n = v->evtchn.next;

	for (; d->evtchn.fifo && n < MIN(d->evtchn.fifo->nr_words, d->evtchn.nr_ports); n++) {
		struct port *port = port_find(p, n);

		if (!port->pending)
			continue;
		fifo_raise(d, n, port);
		if (!budget_left(raise_units(d)))
			return later(v, mfn, n + 1);
	}
	return 0;
}

long fifo_expand_array(struct vcpu *v, struct evtchn_expand_array *req)
{
	struct ports p = ports_lock(v->domain);
	int rc = 0;

	if (!goes_on(v, req->array_gfn)) {
		v->evtchn.next = p.d->evtchn.fifo ? p.d->evtchn.fifo->nr_words : 0;
		rc = expand_array(p, mfn_make(req->array_gfn));
	}
	if (!rc)
		rc = raise_pending(p, v, req->array_gfn);
	ports_unlock(p);
	return rc;
}

static int set_priority(struct evtchn_fifo *f, struct port *port, uint32_t priority)
{
	if (!port)
		return -EINVAL;
	if (!f)
		return -ENOSYS;
	if (!port_in_use(port))
		return -EACCES;
	if (priority > EVTCHN_FIFO_PRIORITY_MIN)
		return -EINVAL;
	spin_lock(&f->lock);
	port->priority = (uint16_t)priority & 0xf;
	spin_unlock(&f->lock);
	return 0;
}

long fifo_set_priority(struct vcpu *v, struct evtchn_set_priority *req)
{
	struct ports p = ports_lock(v->domain);
	int rc = set_priority(p.d->evtchn.fifo, port_find(p, req->port), req->priority);

	ports_unlock(p);
	return rc;
}
