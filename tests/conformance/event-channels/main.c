/* SPDX-License-Identifier: MIT */
/* event-channels - ports: making, joining, sending, masking, closing. */
#include <xen/event_channel.h>
#include <xen/sched.h>

#include "lib.h"

const char suite_name[] = "event-channels";

#define op(cmd, arg) call(event_channel_op, EVTCHNOP_##cmd, arg)
#define NO_PORT	0xfffffu		/* above every table */

static evtchn_port_t unbound(void)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };

	want(op(alloc_unbound, &a), 0);
	return a.port;
}

static long close_port(evtchn_port_t port)
{
	struct evtchn_close c = { port };

	return op(close, &c);
}

static long send(evtchn_port_t port)
{
	struct evtchn_send s = { port };

	return op(send, &s);
}

static uint32_t status(evtchn_port_t port, struct evtchn_status *s)
{
	*s = (struct evtchn_status){ .dom = DOMID_SELF, .port = port };
	want(op(status, s), 0);
	return s->status;
}

/* Two ports of this domain, joined. */
static void pair(evtchn_port_t *a, evtchn_port_t *b)
{
	struct evtchn_bind_interdomain i = { DOMID_SELF, 0, 0 };

	*a = i.remote_port = unbound();
	want(op(bind_interdomain, &i), 0);
	*b = i.local_port;
	port_clear(*a);
	port_clear(*b);
}

static void arguments(void)
{
	rule("an unknown sub-call is ENOSYS");
	want(call(event_channel_op, 99, 0), -XEN_ENOSYS);
	rule("a bad pointer is EFAULT");
	want(op(alloc_unbound, BAD_POINTER), -XEN_EFAULT);
	want(op(bind_interdomain, BAD_POINTER), -XEN_EFAULT);
	want(op(bind_virq, BAD_POINTER), -XEN_EFAULT);
	want(op(bind_ipi, BAD_POINTER), -XEN_EFAULT);
	want(op(close, BAD_POINTER), -XEN_EFAULT);
	want(op(send, BAD_POINTER), -XEN_EFAULT);
	want(op(status, BAD_POINTER), -XEN_EFAULT);
	want(op(bind_vcpu, BAD_POINTER), -XEN_EFAULT);
	want(op(unmask, BAD_POINTER), -XEN_EFAULT);
	rule("port 0 cannot be closed, sent on or moved");
	want(close_port(0), -XEN_EINVAL);
	want(send(0), -XEN_EINVAL);
	rule("a port that is not there cannot be closed or sent on");
	want(close_port(NO_PORT), -XEN_EINVAL);
	want(send(NO_PORT), -XEN_EINVAL);
	want(op(unmask, (&(struct evtchn_unmask){ NO_PORT })), -XEN_EINVAL);
}

static void allocation(void)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };
	struct evtchn_status s;
	evtchn_port_t port;

	rule("a fresh port is not 0, unbound, and remembers for whom");
	port = unbound();
	want_true(port != 0);
	want(status(port, &s), EVTCHNSTAT_unbound);
	rule("closed, it is closed, and closing again is EINVAL");
	want(close_port(port), 0);
	want(status(port, &s), EVTCHNSTAT_closed);
	want(close_port(port), -XEN_EINVAL);
	rule("the lowest free port is taken");
	want(unbound(), port);
	close_port(port);
	rule("a port in a domain that is not there is ESRCH");
	a.dom = 0x7000;
	want(op(alloc_unbound, &a), -XEN_ESRCH);
	rule("a port for a domain that is not there may be made");
	a.dom = DOMID_SELF;
	a.remote_dom = 0x7000;
	want(op(alloc_unbound, &a), 0);
	close_port(a.port);
	rule("sending on an unbound port goes nowhere, without an error");
	port = unbound();
	want(send(port), 0);
	want(port_pending(port), 0);
	close_port(port);
}

static void interdomain(void)
{
	struct evtchn_bind_interdomain i = { DOMID_SELF, 0, 0 };
	struct evtchn_status s;
	evtchn_port_t a, b;

	rule("binding joins two ports, and the local end starts pending");
	i.remote_port = unbound();
	want(op(bind_interdomain, &i), 0);
	want(status(i.local_port, &s), EVTCHNSTAT_interdomain);
	want(s.u.interdomain.port, i.remote_port);
	want(port_pending(i.local_port), 1);
	rule("a port that is joined cannot be joined again");
	want(op(bind_interdomain, &i), -XEN_EINVAL);
	want(close_port(i.local_port), 0);
	rule("closing one end leaves the other unbound");
	want(status(i.remote_port, &s), EVTCHNSTAT_unbound);
	close_port(i.remote_port);
	rule("joining port 0 or none is EINVAL, no domain is ESRCH");
	i.remote_port = 0;
	want(op(bind_interdomain, &i), -XEN_EINVAL);
	i.remote_port = NO_PORT;
	want(op(bind_interdomain, &i), -XEN_EINVAL);
	i.remote_dom = 0x7000;
	want(op(bind_interdomain, &i), -XEN_ESRCH);
	rule("a send raises the other end only");
	pair(&a, &b);
	want(send(a), 0);
	want(port_pending(a), 0);
	want(port_pending(b), 1);
	close_port(a);
	close_port(b);
}

static void virqs(void)
{
	struct evtchn_bind_virq v = { VIRQ_TIMER, 0, 0 };
	struct evtchn_status s;

	rule("a VIRQ is bound once per vCPU");
	want(op(bind_virq, &v), 0);
	want(status(v.port, &s), EVTCHNSTAT_virq);
	want(s.u.virq, VIRQ_TIMER);
	want(op(bind_virq, &v), -XEN_EEXIST);
	rule("a per-vCPU VIRQ cannot be moved to a vCPU");
	want(op(bind_vcpu, (&(struct evtchn_bind_vcpu){ v.port, 0 })),
	     -XEN_EINVAL);
	close_port(v.port);
	rule("an unknown VIRQ is EINVAL");
	v.virq = NR_VIRQS;
	want(op(bind_virq, &v), -XEN_EINVAL);
	rule("a vCPU that is not there is ENOENT");
	v.virq = VIRQ_TIMER;
	v.vcpu = 100;
	want(op(bind_virq, &v), -XEN_ENOENT);
	rule("a per-domain VIRQ is for vCPU 0");
	v.virq = VIRQ_ARGO;
	v.vcpu = 1;
	want(op(bind_virq, &v), -XEN_EINVAL);
}

static void ipis(void)
{
	struct evtchn_bind_ipi i = { 0, 0 };
	struct evtchn_status s;

	rule("an IPI port raises itself");
	want(op(bind_ipi, &i), 0);
	want(status(i.port, &s), EVTCHNSTAT_ipi);
	want(send(i.port), 0);
	want(port_pending(i.port), 1);
	port_clear(i.port);
	rule("an IPI port cannot be moved");
	want(op(bind_vcpu, (&(struct evtchn_bind_vcpu){ i.port, 0 })),
	     -XEN_EINVAL);
	close_port(i.port);
	rule("an IPI to a vCPU that is not there is ENOENT");
	i.vcpu = 100;
	want(op(bind_ipi, &i), -XEN_ENOENT);
}

static void delivery(void)
{
	evtchn_port_t a, b;
	unsigned int before;

	pair(&a, &b);
	rule("events masked: a send sets the bits and does not interrupt");
	shared->vcpu_info[0].evtchn_upcall_pending = 0;
	shared->vcpu_info[0].evtchn_pending_sel = 0;
	before = upcalls;
	want(send(a), 0);
	want(upcalls, before);
	want(shared->vcpu_info[0].evtchn_upcall_pending, 1);
	want(shared->vcpu_info[0].evtchn_pending_sel >> b / 64 & 1, 1);
	rule("unmasked, the next call is interrupted");
	events_unmask();
	want(upcalls, before + 1);
	want(last_port, b);
	rule("events unmasked: a send interrupts at once");
	want(send(a), 0);
	want(upcalls, before + 2);
	rule("after the upcall events are unmasked again");
	want(shared->vcpu_info[0].evtchn_upcall_mask, 0);
	rule("a masked port becomes pending and does not interrupt");
	port_mask(b, true);
	want(send(a), 0);
	want(port_pending(b), 1);
	want(upcalls, before + 2);
	rule("unmask delivers what is pending");
	want(op(unmask, (&(struct evtchn_unmask){ b })), 0);
	want(upcalls, before + 3);
	events_mask();
	close_port(a);
	close_port(b);
}

static void polling(void)
{
	struct sched_poll p;
	evtchn_port_t a, b;

	pair(&a, &b);
	rule("poll returns at once when a port is pending");
	set_xen_guest_handle(p.ports, &b);
	p.nr_ports = 1;
	p.timeout = 0;
	send(a);
	want(call(sched_op, SCHEDOP_poll, &p), 0);
	port_clear(b);
	rule("poll returns when its time has come");
	p.timeout = 1;
	want(call(sched_op, SCHEDOP_poll, &p), 0);
	rule("poll takes at most 128 ports");
	p.nr_ports = 129;
	want(call(sched_op, SCHEDOP_poll, &p), -XEN_EINVAL);
	close_port(a);
	close_port(b);
}

void suite_main(void)
{
	arguments();
	allocation();
	interdomain();
	virqs();
	ipis();
	delivery();
	polling();
}
