/* SPDX-License-Identifier: MIT */
/* port.c - a domain's ports and what each is bound to.
 *
 * Guards: an event reaches only who was meant to get it; a domain uses no
 * more ports than it was created with.
 * Invariant: INTERDOMAIN ports come in pairs that name each other, made and
 * broken only while both tables are locked; so one table's lock keeps the
 * other end from changing hands. A port below first_free is never free.
 * Not here: the bits a guest sees (deliver.c), arguments (ops.c).
 */
#include "evtchn/port.h"

#include "base/errno.h"
#include "base/refusal.h"
#include "mm/mm.h"

/* Ports come into being in steps of so many: a guest can tell a port that is
 * closed from one that does not exist, and this is Xen's step. */
#define PORTS_STEP	64

/* Lower id first. The two locks have one rank, so the order checker is told
 * of one of them while both are held. */
struct ports_pair ports_lock_pair(struct domain *own, struct domain *peer)
{
	struct domain *first = own->id < peer->id ? own : peer;
	struct domain *second = first == own ? peer : own;

	spin_lock(&first->evtchn.lock);
	if (first != second) {
		lock_rank_pop(&first->evtchn.lock);
		spin_lock(&second->evtchn.lock);
	}
	return (struct ports_pair){ { own }, { peer } };
}

void ports_unlock_pair(struct ports_pair p)
{
	if (p.own.d != p.peer.d) {
		spin_unlock(&p.peer.d->evtchn.lock);
		lock_rank_push(&p.own.d->evtchn.lock);
	}
	spin_unlock(&p.own.d->evtchn.lock);
}

/* One step more ports; the number is published after their memory is there. */
static int ports_grow(struct ports p)
{
	struct evtchn_domain *e = &p.d->evtchn;
	struct port **frame = e->frame;
	uint32_t i = e->nr_ports / EVTCHN_PORTS_PER_FRAME;

	if (i >= ARRAY_SIZE(e->frame)) {
		if (!e->far)
			e->far = page_alloc();
		if (!e->far)
			return -ENOMEM;
		frame = e->far;
		i -= ARRAY_SIZE(e->frame);
	}
	if (!frame[i])
		frame[i] = page_alloc();
	if (!frame[i])
		return -ENOMEM;
	__atomic_store_n(&e->nr_ports, e->nr_ports + PORTS_STEP, __ATOMIC_RELEASE);
	e->nr_near = MIN(e->nr_ports, (uint32_t)EVTCHN_NR_PORTS);
	return 0;
}

__attribute__((noinline)) struct port *port_find_far(struct evtchn_domain *e, evtchn_port_t n)
{
	if (n >= e->nr_ports)
		return NULL;
	n = (evtchn_port_t)array_index_nospec(n - EVTCHN_NR_PORTS,
					      e->nr_ports - EVTCHN_NR_PORTS);
	return &e->far[n / EVTCHN_PORTS_PER_FRAME][n % EVTCHN_PORTS_PER_FRAME];
}

/* Ports in use that were passed by are not looked at again: the search may go on
 * where it was. */
#define SCAN		256
#define SCAN_UNITS	300

int port_find_free(struct ports p, evtchn_port_t *n)
{
	struct evtchn_domain *e = &p.d->evtchn;
	uint32_t last = e->fifo ? e->max_port : MIN(e->max_port, EVTCHN_NR_PORTS - 1u);

	if (p.d->life != DOMAIN_ALIVE)
		return REFUSE(-EINVAL, DYING);
	while (e->first_free < e->nr_ports && port_find(p, e->first_free)->state != PORT_FREE)
		if (++e->first_free % SCAN == 0 && !budget_left(SCAN_UNITS))
			return -ERESTART;
	*n = e->first_free;
	if (unlikely(e->fifo))
		*n = fifo_find_free(p, *n);
	if (*n > last)
		return REFUSE(-ENOSPC, NO_PORT);
	return *n < e->nr_ports ? 0 : ports_grow(p);
}

static struct port *port_take(struct ports p, evtchn_port_t n, enum port_state state,
			      unsigned vcpu)
{
	struct port *port = port_find(p, n);

	ASSERT(port && port->state == PORT_FREE);
	port->state = state;
	port->vcpu = (uint8_t)vcpu;
	port->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	p.d->evtchn.in_use++;
	return port;
}

void port_make_unbound(struct ports p, evtchn_port_t n, domid_t remote)
{
	port_take(p, n, PORT_UNBOUND, 0)->remote = remote;
}

void port_make_virq(struct ports p, evtchn_port_t n, struct vcpu *v, unsigned virq)
{
	port_take(p, n, PORT_VIRQ, v->id)->virq = virq;
	v->evtchn.virq_port[virq] = n;
}

void port_make_ipi(struct ports p, evtchn_port_t n, struct vcpu *v)
{
	port_take(p, n, PORT_IPI, v->id);
}

void port_connect(struct ports_pair p, evtchn_port_t n, evtchn_port_t m)
{
	struct port *a = port_take(p.own, n, PORT_INTERDOMAIN, 0);
	struct port *b = port_find(p.peer, m);

	ASSERT(b && b->state == PORT_UNBOUND);
	a->peer = p.peer.d;
	a->peer_port = m;
	b->peer = p.own.d;
	b->peer_port = n;
	b->state = PORT_INTERDOMAIN;
	/* What was sent before there was somebody to send to is not lost. */
	port_raise(p.own, n, a);
}

void port_free(struct ports p, evtchn_port_t n)
{
	struct port *port = port_find(p, n);

	/* It may still be linked, even as the last of its queue: whoever links it
	 * elsewhere has to know which queue that was. */
	*port = (struct port){ .state = PORT_FREE, .queue = port->queue };
	p.d->evtchn.in_use--;
	port_clear_pending(p, n);
	if (n < p.d->evtchn.first_free)
		p.d->evtchn.first_free = n;
}

/* A virtual interrupt has one port; it stays bound to the vCPU it was bound
 * by, wherever its events go (bind_vcpu). */
static void virq_unbind(struct ports p, evtchn_port_t n, unsigned virq)
{
	for (uint32_t i = 0; i < p.d->max_vcpus; i++) {
		struct vcpu *v = p.d->vcpu[i];

		if (v && v->evtchn.virq_port[virq] == n)
			v->evtchn.virq_port[virq] = 0;
	}
}

/* Closes what is not interdomain; true with *peer set if it is. */
static bool close_alone(struct ports p, evtchn_port_t n, struct domain **peer, int *rc)
{
	struct port *port = port_find(p, n);

	*rc = 0;
	switch (port ? port->state : PORT_FREE) {
	case PORT_FREE:
	case PORT_RESERVED:
		*rc = REFUSE(-EINVAL, PORT_CLOSED);
		return false;
	case PORT_INTERDOMAIN:
		*peer = port->peer;
		domain_hold(*peer);
		return true;
	case PORT_VIRQ:
		virq_unbind(p, n, port->virq);
		break;
	}
	port_free(p, n);
	return false;
}

int port_close(struct domain *d, evtchn_port_t n)
{
	struct domain *peer;
	int rc;

	for (;;) {
		struct ports p = ports_lock(d);
		bool paired = close_alone(p, n, &peer, &rc);
		struct ports_pair pair;
		struct port *port;

		ports_unlock(p);
		if (!paired)
			return rc;

		/* Both locks have an order: the port may have changed since. */
		pair = ports_lock_pair(d, peer);
		port = port_find(pair.own, n);
		paired = port && port->state == PORT_INTERDOMAIN && port->peer == peer;
		if (paired) {
			evtchn_port_t m = port->peer_port;
			struct port *other = port_find(pair.peer, m);

			port_free(pair.own, n);
			other->state = PORT_UNBOUND;
			other->remote = d->id;
		}
		ports_unlock_pair(pair);
		domain_put(peer);
		if (paired)
			return 0;
	}
}

/* Budget units of closing one. */
#define CLOSE_UNITS	10

/* Ports from *next on, as far as the budget goes. */
static int close_from(struct domain *d, uint32_t *next)
{
	while (*next < READ_ONCE(d->evtchn.nr_ports)) {
		int rc = port_close(d, (*next)++);

		(void)rc;		/* closed already: the same to us */
		if (!budget_left(CLOSE_UNITS))
			return -ERESTART;
	}
	return 0;
}

int ports_reset(struct domain *d, bool resuming)
{
	struct ports p = ports_lock(d);
	uint32_t next = d->evtchn.reset_next;
	int rc = 0;

	if (!resuming == !!next)
		rc = -EBUSY;
	else if (!resuming)
		d->evtchn.reset_next = next = 1;
	ports_unlock(p);
	if (rc)
		return rc;

	rc = close_from(d, &next);
	if (!rc && d->evtchn.fifo && !budget_has(FIFO_END_UNITS))
		rc = -ERESTART;
	p = ports_lock(d);
	/* A guest that makes the continuation's call on two vCPUs may have ended
	 * it on the other one: then it is not begun again. */
	if (d->evtchn.reset_next)
		d->evtchn.reset_next = rc ? next : 0;
	if (!rc && d->evtchn.in_use)	/* bound meanwhile by another vCPU */
		rc = -EAGAIN;
	else if (!rc && d->evtchn.fifo)
		fifo_end(p);
	ports_unlock(p);
	return rc;
}

int evtchn_domain_init(struct domain *d, uint32_t max_port)
{
	struct evtchn_domain *e = &d->evtchn;
	struct ports p;
	int rc;

	spin_init(&e->lock, RANK_EVENT);
	e->max_port = MIN(max_port, EVTCHN_FIFO_PORTS - 1);
	p = ports_lock(d);
	rc = ports_grow(p);
	if (!rc)
		port_find(p, 0)->state = PORT_RESERVED;
	ports_unlock(p);
	return rc;
}

/* The last of them. */
static void ports_shrink(struct evtchn_domain *e)
{
	uint32_t i = (e->nr_ports - 1) / EVTCHN_PORTS_PER_FRAME;
	struct port **frame = i < ARRAY_SIZE(e->frame) ? &e->frame[i] :
			      &e->far[i - ARRAY_SIZE(e->frame)];

	e->nr_ports = i * EVTCHN_PORTS_PER_FRAME;
	e->nr_near = MIN(e->nr_ports, (uint32_t)EVTCHN_NR_PORTS);
	page_free(*frame);
	*frame = NULL;
}

/* Budget units of freeing a frame. */
#define FREE_UNITS	4

int evtchn_domain_destroy(struct domain *d)
{
	struct evtchn_domain *e = &d->evtchn;
	struct ports p;
	int rc;

	if (!e->destroy_next)
		e->destroy_next = 1;
	rc = close_from(d, &e->destroy_next);
	if (rc)
		return rc;

	if (e->fifo && !budget_has(FIFO_END_UNITS))
		return -ERESTART;
	p = ports_lock(d);
	if (e->fifo)
		fifo_end(p);
	while (e->nr_ports && !rc) {
		ports_shrink(e);
		if (e->nr_ports && !budget_left(FREE_UNITS))
			rc = -ERESTART;
	}
	if (!rc && e->far) {
		page_free(e->far);
		e->far = NULL;
	}
	ports_unlock(p);
	if (!rc)
		vcpu_infos_release(d);
	return rc;
}

long evtchn_alloc_unbound(struct domain *d, domid_t remote)
{
	struct ports p = ports_lock(d);
	evtchn_port_t n;
	long rc = port_find_free(p, &n);

	if (!rc) {
		port_make_unbound(p, n, remote);
		rc = n;
	}
	ports_unlock(p);
	return rc;
}

static __attribute__((noinline)) int poll_fifo(struct ports p, evtchn_port_t n)
{
	struct port *port = port_find(p, n);
	int rc = -EINVAL;

	if (port && port_in_use(port))
		rc = fifo_is_pending(p.d, n);
	ports_unlock(p);
	return rc;
}

int evtchn_port_poll(struct domain *d, evtchn_port_t n)
{
	struct ports p = ports_lock(d);
	int rc = -EINVAL;

	if (unlikely(d->evtchn.fifo))
		return poll_fifo(p, n);
	/* with two levels no other port is in use */
	if (n < d->evtchn.nr_near && port_in_use(port_near(&d->evtchn, n)))
		rc = port_is_pending(p, n);
	ports_unlock(p);
	return rc;
}
