/* SPDX-License-Identifier: MIT */
/* port.h - a domain's table of ports, between the files of this room.
 *
 * Whoever holds a `struct ports` holds that domain's EVENT lock: there is no
 * other way to get one, so a function that takes it cannot be called
 * without. Checks (decode) come first and may fail; what changes a port
 * (perform) cannot.
 */
#ifndef PARAVANE_EVTCHN_PORT_H
#define PARAVANE_EVTCHN_PORT_H

#include "evtchn/evtchn.h"

/* The values are those of EVTCHNOP_status, but for PORT_RESERVED. */
enum port_state {
	PORT_FREE		= EVTCHNSTAT_closed,
	PORT_UNBOUND		= EVTCHNSTAT_unbound,
	PORT_INTERDOMAIN	= EVTCHNSTAT_interdomain,
	PORT_VIRQ		= EVTCHNSTAT_virq,
	PORT_IPI		= EVTCHNSTAT_ipi,
	PORT_RESERVED		= 6,	/* port 0: never anybody's */
};

struct port {
	union {
		domid_t remote;		/* UNBOUND: who may bind to it */
		struct domain *peer;	/* INTERDOMAIN; it closes us before it goes */
		uint32_t virq;		/* VIRQ */
	};
	evtchn_port_t peer_port;	/* INTERDOMAIN */
	uint8_t vcpu;			/* who is interrupted */
	uint8_t state;			/* enum port_state */
	/* FIFO delivery; FIFO lock, if others may find the port */
	uint16_t priority : 4;
	uint16_t pending : 1;		/* raised while its word was not there */
	uint16_t queue : 10;		/* where it was linked last: vCPU, priority */
};
_Static_assert(sizeof(struct port) * EVTCHN_PORTS_PER_FRAME == PAGE_SIZE,
	       "a frame of ports is a frame");

/* Neither the first state nor the last: one comparison. */
static inline bool port_in_use(const struct port *port)
{
	return (uint8_t)(port->state - (PORT_FREE + 1)) < PORT_RESERVED - (PORT_FREE + 1);
}

/* Exists only while d's EVENT lock is held. */
struct ports { struct domain *d; };
struct ports_pair { struct ports own, peer; };	/* may be the same domain */

static inline struct ports ports_lock(struct domain *d)
{
	spin_lock(&d->evtchn.lock);
	return (struct ports){ d };
}

static inline void ports_unlock(struct ports p)
{
	spin_unlock(&p.d->evtchn.lock);
}

struct ports_pair ports_lock_pair(struct domain *own, struct domain *peer);
void ports_unlock_pair(struct ports_pair p);

/* --- decode: may fail, changes nothing a guest sees --------------------------- */
/* One of the first nr_near. */
static inline struct port *port_near(struct evtchn_domain *e, evtchn_port_t n)
{
	n = (evtchn_port_t)array_index_nospec(n, e->nr_near);
	return &e->frame[n / EVTCHN_PORTS_PER_FRAME][n % EVTCHN_PORTS_PER_FRAME];
}

/* One of the others, which only FIFO has: seldom. NULL: no such number yet. */
struct port *port_find_far(struct evtchn_domain *e, evtchn_port_t n);

/* The port, free or not; NULL if there is no such number yet. */
static inline struct port *port_find(struct ports p, evtchn_port_t n)
{
	struct evtchn_domain *e = &p.d->evtchn;

	return likely(n < e->nr_near) ? port_near(e, n) : port_find_far(e, n);
}

/* A free port's number: 0, -EINVAL (dying), -ENOSPC, -ENOMEM, or -ERESTART. */
MUST_CHECK int port_find_free(struct ports p, evtchn_port_t *n);

/* --- perform: cannot fail -------------------------------------------------------- */
void port_make_unbound(struct ports p, evtchn_port_t n, domid_t remote);
void port_make_virq(struct ports p, evtchn_port_t n, struct vcpu *v, unsigned virq);
void port_make_ipi(struct ports p, evtchn_port_t n, struct vcpu *v);
/* own.n, which is free, and peer.m, which is unbound, become two ends. */
void port_connect(struct ports_pair p, evtchn_port_t n, evtchn_port_t m);
/* A port of one domain, not interdomain, becomes free. */
void port_free(struct ports p, evtchn_port_t n);

/* Any port in use: 0, or -EINVAL if it is not. Takes the locks itself. */
MUST_CHECK int port_close(struct domain *d, evtchn_port_t n);
/* EVTCHNOP_reset and its continuation: 0, -EBUSY, -ERESTART. */
MUST_CHECK int ports_reset(struct domain *d, bool resuming);

bool virq_is_per_vcpu(unsigned virq);

/* --- deliver.c -------------------------------------------------------------------- */
/* Pending from now on; its vCPU or who polls for it is told. */
void port_raise(struct ports p, evtchn_port_t n, struct port *port);
/* The same for the other end of an interdomain port, whose table is not
 * locked: our lock keeps the pair together. */
void port_raise_peer(const struct port *port);
void port_unmask(struct ports p, evtchn_port_t n, struct port *port);
void port_clear_pending(struct ports p, evtchn_port_t n);
/* With two levels. */
static inline bool port_is_pending(struct ports p, evtchn_port_t n)
{
	return READ_ONCE(p.d->shared->evtchn_pending[n / 64]) >> (n % 64) & 1;
}

/* v has to look at its events. */
void vcpu_upcall(struct vcpu *v);

/* --- fifo.c: the same for a domain that switched to it ------------------------------ */
/* Some lock keeps the port from being closed meanwhile, as in port_raise_peer. */
void fifo_raise(struct domain *d, evtchn_port_t n, struct port *port);
void fifo_unmask(struct domain *d, evtchn_port_t n, struct port *port);
void fifo_clear_pending(struct domain *d, evtchn_port_t n);
bool fifo_is_pending(struct domain *d, evtchn_port_t n);
/* From n on, the first port that is free and in no queue; one that is not there
 * yet, if none is found. */
evtchn_port_t fifo_find_free(struct ports p, evtchn_port_t n);

/* --- fifo_switch.c: the calls, arguments copied in ------------------------------------ */
long fifo_init_control(struct vcpu *v, struct evtchn_init_control *req);
long fifo_expand_array(struct vcpu *v, struct evtchn_expand_array *req);
long fifo_set_priority(struct vcpu *v, struct evtchn_set_priority *req);
/* Back to two levels: no port is in use, so nobody is about to raise one. As long
 * as an entry may take, with 192 frames to give back. */
#define FIFO_END_UNITS	700
void fifo_end(struct ports p);

/* --- vcpu_info.c ------------------------------------------------------------------- */
/* A reference on d's frame and on its use as a page the guest writes. */
MUST_CHECK bool event_frame_get(struct domain *d, mfn_t mfn);
void event_frame_put(mfn_t mfn);
/* Registered frames are given back; v->info points into shared info again. */
void vcpu_infos_release(struct domain *d);

#endif
