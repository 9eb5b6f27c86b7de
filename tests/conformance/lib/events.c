/* SPDX-License-Identifier: MIT */
/* events.c - event channels of this domain's own. */
#include "events.h"

evtchn_port_t unbound_port(void)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };

	want(event(alloc_unbound, &a), 0);
	return a.port;
}

void port_pair(evtchn_port_t *a, evtchn_port_t *b)
{
	struct evtchn_bind_interdomain i = { DOMID_SELF, 0, 0 };

	*a = i.remote_port = unbound_port();
	want(event(bind_interdomain, &i), 0);
	*b = i.local_port;
	forget_events();
}

evtchn_port_t ipi_port(uint32_t vcpu)
{
	struct evtchn_bind_ipi i = { vcpu, 0 };

	want(event(bind_ipi, &i), 0);
	port_home[i.port] = (uint8_t)vcpu;
	return i.port;
}

long send(evtchn_port_t port)
{
	struct evtchn_send s = { port };

	return event(send, &s);
}

long close_port(evtchn_port_t port)
{
	struct evtchn_close c = { port };

	if (port < sizeof(port_home))
		port_home[port] = ANYBODY;
	return event(close, &c);
}

long port_status(evtchn_port_t port)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };
	long rc = event(status, &s);

	return rc ? rc : (long)s.status;
}

domid_t own_number(void)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = unbound_port() };

	want(event(status, &s), 0);
	want(close_port(s.port), 0);
	return s.u.unbound.dom;
}

void forget_events(void)
{
	volatile struct vcpu_info *vcpu = &shared->vcpu_info[0];

	vcpu->evtchn_upcall_pending = 0;
	vcpu->evtchn_pending_sel = 0;
	for (unsigned int w = 0; w < 64; w++)
		__sync_fetch_and_and(&shared->evtchn_pending[w],
				     shared->evtchn_mask[w]);
}
