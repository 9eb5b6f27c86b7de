/* SPDX-License-Identifier: MIT */
/* event-channels - ports: making, joining, sending, masking, closing. Here:
 * what every command refuses, and ports between domains.
 */
#include "event-channels.h"

const char suite_name[] = "event-channels";

struct evtchn_status describe(evtchn_port_t port)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };

	want(event(status, &s), 0);
	return s;
}

static void arguments(void)
{
	static const int unknown[] = { 15, 16, 63, 64, 99, 0x7fffffff, -1 };
	static const int commands[] = { EVTCHNOP_bind_interdomain,
		EVTCHNOP_bind_virq, EVTCHNOP_bind_pirq, EVTCHNOP_close,
		EVTCHNOP_send, EVTCHNOP_status, EVTCHNOP_alloc_unbound,
		EVTCHNOP_bind_ipi, EVTCHNOP_bind_vcpu, EVTCHNOP_unmask,
		EVTCHNOP_reset };
	static const evtchn_port_t none[] = { NO_PORT, 4096, 0x80000000, ~0u };

	rule("an unknown command is ENOSYS");
	for (size_t i = 0; i < LENGTH(unknown); i++)
		want(call(event_channel_op, unknown[i], 0), -XEN_ENOSYS);
	rule("an argument that cannot be read is EFAULT, whatever the command");
	for (size_t i = 0; i < LENGTH(commands); i++) {
		want(call(event_channel_op, commands[i], BAD_POINTER),
		     -XEN_EFAULT);
		want(call(event_channel_op, commands[i], HYPERVISOR_POINTER),
		     -XEN_EFAULT);
		want(call(event_channel_op, commands[i], 0x1000), -XEN_EFAULT);
	}
	rule("port 0 is nobody's: closed, and neither sent on, moved nor joined");
	want(port_status(0), EVTCHNSTAT_closed);
	want(close_port(0), -XEN_EINVAL);
	want(send(0), -XEN_EINVAL);
	want(move(0, 0), -XEN_EINVAL);
	rule("a port that is not there is EINVAL, whatever the command");
	for (size_t i = 0; i < LENGTH(none); i++) {
		struct evtchn_unmask u = { none[i] };

		want(close_port(none[i]), -XEN_EINVAL);
		want(send(none[i]), -XEN_EINVAL);
		want(port_status(none[i]), -XEN_EINVAL);
		want(move(none[i], 0), -XEN_EINVAL);
		want(event(unmask, &u), -XEN_EINVAL);
	}
}

static void allocation(void)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };
	evtchn_port_t port, next;

	rule("a fresh port is not 0, and unbound");
	port = unbound_port();
	want_true(port != 0);
	want(port_status(port), EVTCHNSTAT_unbound);
	rule("an unbound port remembers for whom it is, by number");
	want_true(describe(port).u.unbound.dom < DOMID_FIRST_RESERVED);
	want(describe(port).u.unbound.dom == 0, is_first_domain());
	rule("a port belongs to vCPU 0 at first");
	want(describe(port).vcpu, 0);
	rule("ports are given in order");
	next = unbound_port();
	want_true(next > port);
	want(close_port(next), 0);
	rule("closed, it is closed, and closing again is EINVAL");
	want(close_port(port), 0);
	want(port_status(port), EVTCHNSTAT_closed);
	want(close_port(port), -XEN_EINVAL);
	rule("a closed port can neither be sent on nor moved");
	want(send(port), -XEN_EINVAL);
	want(move(port, 0), -XEN_EINVAL);
	rule("the lowest free port is taken");
	want(unbound_port(), port);
	want(close_port(port), 0);
	rule("a port in a domain that is not there is ESRCH");
	a.dom = NO_DOMAIN;
	want(event(alloc_unbound, &a), -XEN_ESRCH);
	rule("a port for a domain that is not there may be made");
	a.dom = DOMID_SELF;
	a.remote_dom = NO_DOMAIN;
	want(event(alloc_unbound, &a), 0);
	want(describe(a.port).u.unbound.dom, NO_DOMAIN);
	want(close_port(a.port), 0);
	rule("sending on an unbound port goes nowhere, without an error");
	port = unbound_port();
	want(send(port), 0);
	want(port_pending(port), 0);
	want(close_port(port), 0);
}

static long join(domid_t domain, evtchn_port_t remote, evtchn_port_t *local)
{
	struct evtchn_bind_interdomain i = { domain, remote, 0 };
	long rc = event(bind_interdomain, &i);

	*local = i.local_port;
	return rc;
}

/* Ports that are not there for us to join. */
static void not_to_be_joined(void)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, NO_DOMAIN, 0 };
	evtchn_port_t virq, ipi = ipi_port(0), closed, local, free;

	want(bind_virq(VIRQ_DEBUG, 0, &virq), 0);
	want(event(alloc_unbound, &a), 0);
	closed = unbound_port();
	want(close_port(closed), 0);
	free = closed;
	rule("joining port 0 or none is EINVAL");
	want(join(DOMID_SELF, 0, &local), -XEN_EINVAL);
	want(join(DOMID_SELF, NO_PORT, &local), -XEN_EINVAL);
	want(join(DOMID_SELF, ~0u, &local), -XEN_EINVAL);
	rule("joining a domain that is not there is ESRCH");
	want(join(NO_DOMAIN, 1, &local), -XEN_ESRCH);
	want(join(DOMID_INVALID, 1, &local), -XEN_ESRCH);
	rule("joining a closed port is EINVAL");
	want(join(DOMID_SELF, closed, &local), -XEN_EINVAL);
	rule("joining a VIRQ's port or an IPI's is EINVAL");
	want(join(DOMID_SELF, virq, &local), -XEN_EINVAL);
	want(join(DOMID_SELF, ipi, &local), -XEN_EINVAL);
	rule("joining a port that was made for another domain is EINVAL");
	want(join(DOMID_SELF, a.port, &local), -XEN_EINVAL);
	rule("what could not be joined takes no port");
	want(unbound_port(), free);
	want(close_port(free), 0);
	want(close_port(a.port), 0);
	want(close_port(ipi), 0);
	want(close_port(virq), 0);
}

static void interdomain(void)
{
	evtchn_port_t a, b, c;

	a = unbound_port();
	rule("joining makes a second port, and it starts pending");
	want(join(DOMID_SELF, a, &b), 0);
	want_true(b != a);
	want(port_pending(b), 1);
	want(port_pending(a), 0);
	rule("both ends tell each other's port and domain");
	want(port_status(a), EVTCHNSTAT_interdomain);
	want(port_status(b), EVTCHNSTAT_interdomain);
	want(describe(a).u.interdomain.port, b);
	want(describe(b).u.interdomain.port, a);
	want(describe(a).u.interdomain.dom, describe(b).u.interdomain.dom);
	rule("a port that is joined cannot be joined again");
	want(join(DOMID_SELF, a, &c), -XEN_EINVAL);
	want(join(DOMID_SELF, b, &c), -XEN_EINVAL);
	rule("closing one end leaves the other unbound, for the same domain");
	want(close_port(b), 0);
	want(port_status(b), EVTCHNSTAT_closed);
	want(port_status(a), EVTCHNSTAT_unbound);
	want(describe(a).u.unbound.dom == 0, is_first_domain());
	rule("sending on the end that is left goes nowhere");
	want(send(a), 0);
	rule("the end that is left can be joined again");
	want(join(DOMID_SELF, a, &b), 0);
	forget_events();
	rule("a send raises the other end only");
	want(send(a), 0);
	want(port_pending(a), 0);
	want(port_pending(b), 1);
	rule("a send on the other end raises the first");
	want(send(b), 0);
	want(port_pending(a), 1);
	rule("closing a port takes back what was pending there");
	want(close_port(b), 0);
	want(port_pending(b), 0);
	want(port_pending(a), 1);
	want(close_port(a), 0);
	want(port_pending(a), 0);
	forget_events();
}

static void old_number(void)
{
	struct evtchn_op o = { .cmd = EVTCHNOP_send };
	evtchn_port_t ipi = ipi_port(0);

	rule("the old number sends too");
	o.u.send.port = ipi;
	want(call(event_channel_op_compat, &o), 0);
	want(port_pending(ipi), 1);
	rule("the old number hands its answer back in its block");
	o.cmd = EVTCHNOP_status;
	o.u.status.dom = DOMID_SELF;
	o.u.status.port = ipi;
	want(call(event_channel_op_compat, &o), 0);
	want(o.u.status.status, EVTCHNSTAT_ipi);
	want(close_port(ipi), 0);
	forget_events();
}

void suite_main(void)
{
	arguments();
	allocation();
	not_to_be_joined();
	interdomain();
	old_number();
	kinds();
	delivery();
}
