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

static struct evtchn_fifo *fifo_alloc(void)
{
	struct evtchn_fifo *f = page_alloc();

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

static void fifo_free(struct evtchn_fifo *f)
{
	page_free(f->tail);
	page_free(f);
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
	for (unsigned i = 0; i < ARRAY_SIZE(f->control); i++)
		page_put(f->control[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(f->words); i++)
		page_put(f->words[i]);
	fifo_free(f);
}

/* Whoever raises an event here holds the lock of some domain's ports. One that
 * did so before the switch, and still writes to the bitmaps, has finished when
 * its lock could be had. Then what is in them is all there is. */
static void carry_over(struct domain *d)
{
	struct domain *other;
	struct ports p;

	for_each_domain(other)
		ports_unlock(ports_lock(other));

	p = ports_lock(d);
	for (unsigned w = 0; d->evtchn.fifo && w < EVTCHN_NR_PORTS / 64; w++) {
		uint64_t left = __atomic_exchange_n(&d->shared->evtchn_pending[w], 0,
						    __ATOMIC_SEQ_CST);

		for (; left; left &= left - 1) {
			evtchn_port_t n = w * 64 + (evtchn_port_t)__builtin_ctzl(left);
			struct port *port = port_find(p, n);

			if (port && port_in_use(port))
				fifo_raise(d, n, port);
		}
	}
	ports_unlock(p);
}

static int init_control(struct ports p, const struct vcpu *v, mfn_t mfn, uint32_t offset)
{
	struct evtchn_fifo *f = p.d->evtchn.fifo;

	if (f && f->control[v->id])
		return -EINVAL;
	if (!f)
		f = fifo_alloc();
	if (!f)
		return -ENOMEM;
	if (!event_frame_get(p.d, mfn)) {
		if (f != p.d->evtchn.fifo)
			fifo_free(f);
		return -EINVAL;
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
	bool switches;
	int rc;

	if (d->evtchn.max_port < EVTCHN_NR_PORTS)
		return -ENOSYS;
	to = domain_vcpu(d, req->vcpu);
	if (!to)
		return -ENOENT;
	if (req->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) ||
	    req->offset % 8)
		return -EINVAL;

	p = ports_lock(d);
	switches = !d->evtchn.fifo;
	rc = init_control(p, to, mfn_make(req->control_gfn), req->offset);
	ports_unlock(p);
	if (!rc && switches)
		carry_over(d);
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
	/* who raises one of them finds its word, or we find that he did not */
	spin_lock(&f->lock);
	f->words[n / EVTCHN_WORDS_PER_FRAME] = mfn_to_virt(mfn);
	__atomic_store_n(&f->nr_words, n + EVTCHN_WORDS_PER_FRAME, __ATOMIC_RELEASE);
	spin_unlock(&f->lock);
	for (; n < MIN(f->nr_words, p.d->evtchn.nr_ports); n++) {
		struct port *port = port_find(p, n);

		if (port->pending)
			fifo_raise(p.d, n, port);
	}
	return 0;
}

long fifo_expand_array(struct vcpu *v, struct evtchn_expand_array *req)
{
	struct ports p = ports_lock(v->domain);
	int rc = expand_array(p, mfn_make(req->array_gfn));

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
