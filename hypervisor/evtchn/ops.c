/* SPDX-License-Identifier: MIT */
/* ops.c - the front of event channels: event_channel_op, new number and old.
 *
 * Guards: nothing a guest wrote is believed before it is checked here, under
 * the lock under which it is used. Each call reads alike: copy in (its row),
 * lock, decode, perform, unlock, copy out (its row). A failed copy out is
 * reported and not undone, as Xen has it.
 */
#include "evtchn/port.h"

#include "base/errno.h"
#include "base/refusal.h"
#include "cpu/cpus.h"
#include "guest/rows.h"
#include "hypercall/hypercall.h"

/* The continuation of a reset: a command of its own, never made by guests. */
#define RESET_CONT	14

static bool has_power_over(struct vcpu *v, const struct domain *d)
{
	return v->domain == d || v->domain->control;
}

static long alloc_unbound(struct vcpu *v, struct evtchn_alloc_unbound *req)
{
	struct domain *d;
	long rc;

	rc = domain_get_target(v, req->dom, &d);
	if (rc)
		return rc;
	if (req->remote_dom == DOMID_SELF)
		req->remote_dom = v->domain->id;
	rc = evtchn_alloc_unbound(d, req->remote_dom);
	domain_put(d);
	if (rc < 0)
		return rc;
	req->port = (evtchn_port_t)rc;
	return 0;
}

/* A free port here, and one there that waits for us. */
static int bind_interdomain_decode(struct ports_pair p, evtchn_port_t remote_port,
				   evtchn_port_t *local)
{
	int rc = port_find_free(p.own, local);
	struct port *there;

	if (rc)
		return rc;
	there = port_find(p.peer, remote_port);
	if (!there || there->state != PORT_UNBOUND || there->remote != p.own.d->id)
		return REFUSE(-EINVAL, PORT_NOT_OFFERED);
	return 0;
}

static long bind_interdomain(struct vcpu *v, struct evtchn_bind_interdomain *req)
{
	struct ports_pair p;
	struct domain *peer;
	long rc;

	peer = domain_get_named(v, req->remote_dom);
	if (!peer)
		return -ESRCH;
	p = ports_lock_pair(v->domain, peer);
	rc = bind_interdomain_decode(p, req->remote_port, &req->local_port);
	if (!rc)
		port_connect(p, req->local_port, req->remote_port);
	ports_unlock_pair(p);
	domain_put(peer);
	return rc;
}

static int bind_virq_decode(struct ports p, const struct vcpu *to, unsigned virq,
			    evtchn_port_t *n)
{
	return to->evtchn.virq_port[virq] ? REFUSE(-EEXIST, VIRQ_BOUND) :
					    port_find_free(p, n);
}

static long bind_virq(struct vcpu *v, struct evtchn_bind_virq *req)
{
	struct vcpu *to;
	struct ports p;
	unsigned virq;
	long rc;

	if (req->virq >= EVTCHN_NR_VIRQS || (req->vcpu && !virq_is_per_vcpu(req->virq)))
		return -EINVAL;
	virq = (unsigned)array_index_nospec(req->virq, EVTCHN_NR_VIRQS);
	to = domain_vcpu(v->domain, req->vcpu);
	if (!to)
		return -ENOENT;
	p = ports_lock(v->domain);
	rc = bind_virq_decode(p, to, virq, &req->port);
	if (!rc)
		port_make_virq(p, req->port, to, virq);
	ports_unlock(p);
	return rc;
}

static long bind_ipi(struct vcpu *v, struct evtchn_bind_ipi *req)
{
	struct vcpu *to;
	struct ports p;
	long rc;

	to = domain_vcpu(v->domain, req->vcpu);
	if (!to)
		return -ENOENT;
	p = ports_lock(v->domain);
	rc = port_find_free(p, &req->port);
	if (!rc)
		port_make_ipi(p, req->port, to);
	ports_unlock(p);
	return rc;
}

/* Pins of the I/O APIC, and vectors a CPU has for devices. */
#define NR_GSIS		24U
#define NR_VECTORS	208U
/* Beyond the pins, upstream's default for a domain without devices. */
#define NR_EXTRA	32U

/* None can be bound, but their number decides what a guest is told (-EINVAL or
 * -EPERM), and is what upstream makes of the machine: a CPU's vectors for each
 * bit of the number of CPUs, or for each vCPU if those are fewer. */
uint32_t evtchn_nr_pirqs(const struct domain *d)
{
	uint32_t cpus = (uint32_t)__builtin_popcountl(cpus_online);
	uint32_t spread = MIN(32U - (uint32_t)__builtin_clz(cpus), d->max_vcpus);

	if (!d->control)
		return NR_GSIS + NR_EXTRA;
	return MIN(NR_GSIS + spread * NR_VECTORS, cpus * NR_VECTORS);
}

static long bind_pirq(struct vcpu *v, struct evtchn_bind_pirq *req)
{
	return req->pirq >= evtchn_nr_pirqs(v->domain) ? -EINVAL : -EPERM;
}

static long close(struct vcpu *v, struct evtchn_close *req)
{
	return port_close(v->domain, req->port);
}

static __attribute__((noinline)) long send(struct vcpu *v, uint64_t arg)
{
	evtchn_port_t n;
	struct port *port;
	struct ports p;
	long rc = 0;

	if (guest_read_u32(&n, arg))
		return -EFAULT;
	p = ports_lock(v->domain);
	port = port_find(p, n);
	switch (port ? port->state : PORT_FREE) {
	case PORT_INTERDOMAIN:
		port_raise_peer(port);
		break;
	case PORT_IPI:
		port_raise(p, n, port);
		break;
	case PORT_UNBOUND:		/* nobody there yet: told when it binds */
		break;
	default:
		rc = REFUSE(-EINVAL, PORT_UNBOUND);
	}
	ports_unlock(p);
	return rc;
}

static void status_of(const struct port *port, struct evtchn_status *req)
{
	req->status = port->state == PORT_RESERVED ? EVTCHNSTAT_closed : port->state;
	req->vcpu = port->vcpu;
	switch (port->state) {
	case PORT_UNBOUND:
		req->u.unbound.dom = port->remote;
		break;
	case PORT_INTERDOMAIN:
		req->u.interdomain.dom = port->peer->id;
		req->u.interdomain.port = port->peer_port;
		break;
	case PORT_VIRQ:
		req->u.virq = port->virq;
		break;
	}
}

static long status(struct vcpu *v, struct evtchn_status *req)
{
	struct domain *d;
	struct port *port;
	struct ports p;
	long rc = 0;

	d = domain_get_named(v, req->dom);
	if (!d)
		return -ESRCH;
	p = ports_lock(d);
	port = port_find(p, req->port);
	if (!port)
		rc = -EINVAL;
	else if (!has_power_over(v, d))
		rc = -EPERM;
	else
		status_of(port, req);
	ports_unlock(p);
	domain_put(d);
	return rc;
}

/* May the port's events go to another vCPU than the one it was bound for? */
static int bind_vcpu_decode(const struct port *port)
{
	switch (port ? port->state : PORT_FREE) {
	case PORT_UNBOUND:
	case PORT_INTERDOMAIN:
		return 0;
	case PORT_VIRQ:
		return virq_is_per_vcpu(port->virq) ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

static long bind_vcpu(struct vcpu *v, struct evtchn_bind_vcpu *req)
{
	struct port *port;
	struct vcpu *to;
	struct ports p;
	long rc;

	to = domain_vcpu(v->domain, req->vcpu);
	if (!to)
		return -ENOENT;
	p = ports_lock(v->domain);
	port = port_find(p, req->port);
	rc = bind_vcpu_decode(port);
	if (!rc)
		WRITE_ONCE(port->vcpu, (uint8_t)to->id);
	ports_unlock(p);
	return rc;
}

static long unmask(struct vcpu *v, struct evtchn_unmask *req)
{
	struct port *port;
	struct ports p;
	long rc = 0;

	p = ports_lock(v->domain);
	port = port_find(p, req->port);
	if (!port)
		rc = -EINVAL;
	else if (port_in_use(port))
		port_unmask(p, req->port, port);
	ports_unlock(p);
	return rc;
}

static long reset(struct vcpu *v, struct hcall *c, bool resuming)
{
	struct evtchn_reset req;
	struct domain *d;
	long rc;

	if (copy_from_guest(&req, c->arg[1], sizeof(req)))
		return -EFAULT;
	rc = domain_get_target(v, req.dom, &d);
	if (rc)
		return rc;
	/* A domain that runs would bind new ports behind our back. */
	if (d != v->domain && !d->pause_count)
		rc = -EINVAL;
	else
		rc = ports_reset(d, resuming);
	domain_put(d);
	if (rc == -ERESTART)
		c->arg[0] = RESET_CONT;
	return rc;
}

static __attribute__((noinline)) long other_op(struct vcpu *v, struct hcall *c, uint64_t arg)
{
	switch ((uint32_t)c->arg[0]) {
	case EVTCHNOP_reset:
		return reset(v, c, false);
	case RESET_CONT:
		return reset(v, c, true);
	ARG(EVTCHNOP_unmask, unmask, struct evtchn_unmask)
	ARG_BACK(EVTCHNOP_alloc_unbound, alloc_unbound, struct evtchn_alloc_unbound)
	ARG_BACK(EVTCHNOP_bind_interdomain, bind_interdomain, struct evtchn_bind_interdomain)
	ARG_BACK(EVTCHNOP_bind_virq, bind_virq, struct evtchn_bind_virq)
	ARG_BACK(EVTCHNOP_bind_ipi, bind_ipi, struct evtchn_bind_ipi)
	ARG(EVTCHNOP_bind_pirq, bind_pirq, struct evtchn_bind_pirq)
	ARG(EVTCHNOP_close, close, struct evtchn_close)
	ARG_BACK(EVTCHNOP_status, status, struct evtchn_status)
	ARG(EVTCHNOP_bind_vcpu, bind_vcpu, struct evtchn_bind_vcpu)
	ARG_BACK(EVTCHNOP_init_control, fifo_init_control, struct evtchn_init_control)
	ARG(EVTCHNOP_expand_array, fifo_expand_array, struct evtchn_expand_array)
	ARG(EVTCHNOP_set_priority, fifo_set_priority, struct evtchn_set_priority)
	}
	return -ENOSYS;
}

/* tour 14: guests wake each other through ports. */
long hc_event_channel_op(struct vcpu *v, struct hcall *c)
{
	if (likely((uint32_t)c->arg[0] == EVTCHNOP_send))
		return send(v, c->arg[1]);
	return other_op(v, c, c->arg[1]);
}

/* The superseded number: command and argument lie in one block. */
long hc_event_channel_op_compat(struct vcpu *v, struct hcall *c)
{
	struct evtchn_op op;
	struct hcall call;

	if (copy_from_guest(&op, c->arg[0], sizeof(op)))
		return -EFAULT;
	entry_command(op.cmd);
	if (op.cmd > EVTCHNOP_unmask)
		return -ENOSYS;
	call.arg[0] = op.cmd;
	call.arg[1] = c->arg[0] + offsetof(struct evtchn_op, u);
	return hc_event_channel_op(v, &call);
}
