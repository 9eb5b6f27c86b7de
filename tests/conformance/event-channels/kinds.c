/* SPDX-License-Identifier: MIT */
/* kinds.c - ports that the hypervisor raises (VIRQs), that vCPUs raise for
 * each other (IPIs), that devices raise, and which vCPU a port interrupts.
 */
#include "event-channels.h"

#define NO_VCPU	1000

long bind_virq(uint32_t virq, uint32_t vcpu, evtchn_port_t *port)
{
	struct evtchn_bind_virq v = { virq, vcpu, 0 };
	long rc = event(bind_virq, &v);

	*port = v.port;
	return rc;
}

long move(evtchn_port_t port, uint32_t vcpu)
{
	struct evtchn_bind_vcpu b = { port, vcpu };

	return event(bind_vcpu, &b);
}

/* A vCPU's own, or the domain's as a whole? */
static const struct virq {
	const char *rule;
	uint32_t number;
	bool own;
} virqs[] = {
	{ "VIRQ_TIMER is each vCPU's own", VIRQ_TIMER, true },
	{ "VIRQ_DEBUG is each vCPU's own", VIRQ_DEBUG, true },
	{ "VIRQ_CONSOLE is one a domain", VIRQ_CONSOLE, false },
	{ "VIRQ_DOM_EXC is one a domain", VIRQ_DOM_EXC, false },
	{ "VIRQ_TBUF is one a domain", VIRQ_TBUF, false },
	{ "VIRQ_DEBUGGER is one a domain", VIRQ_DEBUGGER, false },
	{ "VIRQ_XENOPROF is each vCPU's own", VIRQ_XENOPROF, true },
	{ "VIRQ_CON_RING is one a domain", VIRQ_CON_RING, false },
	{ "VIRQ_PCPU_STATE is one a domain", VIRQ_PCPU_STATE, false },
	{ "VIRQ_MEM_EVENT is one a domain", VIRQ_MEM_EVENT, false },
	{ "VIRQ_ARGO is one a domain", VIRQ_ARGO, false },
	{ "VIRQ_ENOMEM is one a domain", VIRQ_ENOMEM, false },
	{ "VIRQ_XENPMU is each vCPU's own", VIRQ_XENPMU, true },
	{ "a VIRQ of the architecture is one a domain", VIRQ_ARCH_0, false },
	{ "the last VIRQ of the architecture is one a domain", NR_VIRQS - 1, false },
};

static void each_virq(void)
{
	bool two = call(vcpu_op, 3, 1, 0) >= 0;		/* is_up: is there? */
	evtchn_port_t port, second;

	for (size_t i = 0; i < LENGTH(virqs); i++) {
		const struct virq *v = &virqs[i];

		rule(v->rule);
		want(bind_virq(v->number, 0, &port), 0);
		want(port_status(port), EVTCHNSTAT_virq);
		want(describe(port).u.virq, v->number);
		if (two && v->own) {
			want(bind_virq(v->number, 1, &second), 0);
			want(describe(second).vcpu, 1);
			want(close_port(second), 0);
		} else if (two) {
			want(bind_virq(v->number, 1, &second), -XEN_EINVAL);
		}
		want(move(port, 0), v->own ? -XEN_EINVAL : 0);
		want(close_port(port), 0);
	}
}

static void virq_rules(void)
{
	evtchn_port_t port, again, free;

	rule("a VIRQ is bound once");
	want(bind_virq(VIRQ_DEBUG, 0, &port), 0);
	want(bind_virq(VIRQ_DEBUG, 0, &again), -XEN_EEXIST);
	rule("a VIRQ's port cannot be sent on");
	want(send(port), -XEN_EINVAL);
	want(port_pending(port), 0);
	rule("a VIRQ whose port was closed can be bound again");
	want(close_port(port), 0);
	want(bind_virq(VIRQ_DEBUG, 0, &port), 0);
	want(close_port(port), 0);
	rule("a VIRQ that is none is EINVAL, before the vCPU is looked at");
	want(bind_virq(NR_VIRQS, 0, &port), -XEN_EINVAL);
	want(bind_virq(~0u, 0, &port), -XEN_EINVAL);
	want(bind_virq(NR_VIRQS, NO_VCPU, &port), -XEN_EINVAL);
	rule("a VIRQ of a vCPU that is not there is ENOENT");
	want(bind_virq(VIRQ_TIMER, NO_VCPU, &port), -XEN_ENOENT);
	want(bind_virq(VIRQ_DEBUG, ~0u, &port), -XEN_ENOENT);
	rule("a domain's VIRQ is for vCPU 0, before the vCPU is looked for");
	want(bind_virq(VIRQ_ARGO, NO_VCPU, &port), -XEN_EINVAL);
	rule("what could not be bound takes no port");
	free = unbound_port();
	want(close_port(free), 0);
	want(bind_virq(VIRQ_TIMER, NO_VCPU, &port), -XEN_ENOENT);
	want(unbound_port(), free);
	want(close_port(free), 0);
}

static void ipis(void)
{
	struct evtchn_bind_ipi i = { NO_VCPU, 0 };
	evtchn_port_t port = ipi_port(0), other;

	rule("an IPI's port raises itself");
	want(port_status(port), EVTCHNSTAT_ipi);
	want(send(port), 0);
	want(port_pending(port), 1);
	rule("a vCPU may have many IPI ports");
	other = ipi_port(0);
	want_true(other != port);
	want(close_port(other), 0);
	rule("an IPI's port cannot be moved to another vCPU, not even to its own");
	want(move(port, 0), -XEN_EINVAL);
	rule("an IPI for a vCPU that is not there is ENOENT");
	want(event(bind_ipi, &i), -XEN_ENOENT);
	i.vcpu = ~0u;
	want(event(bind_ipi, &i), -XEN_ENOENT);
	want(close_port(port), 0);
	forget_events();
}

static void moving(void)
{
	evtchn_port_t a, b;

	rule("a port can be moved before it is joined, and after");
	a = unbound_port();
	want(move(a, 0), 0);
	want(close_port(a), 0);
	port_pair(&a, &b);
	want(move(a, 0), 0);
	want(move(b, 0), 0);
	rule("moving to a vCPU that is not there is ENOENT, before the port is looked at");
	want(move(a, NO_VCPU), -XEN_ENOENT);
	want(move(NO_PORT, NO_VCPU), -XEN_ENOENT);
	want(move(a, ~0u), -XEN_ENOENT);
	rule("the status tells where a port was moved, and one end alone moves");
	if (call(vcpu_op, 3, 1, 0) < 0) {
		skip("this domain has one vCPU");
	} else {
		want(move(a, 1), 0);
		want(describe(a).vcpu, 1);
		want(describe(b).vcpu, 0);
	}
	want(close_port(a), 0);
	want(close_port(b), 0);
}

static void devices(void)
{
	struct evtchn_bind_pirq p = { .pirq = 100000 };

	rule("a device's interrupt that is none is EINVAL");
	want(event(bind_pirq, &p), -XEN_EINVAL);
	p.pirq = ~0u;
	want(event(bind_pirq, &p), -XEN_EINVAL);
	p.pirq = 0x80000000;
	want(event(bind_pirq, &p), -XEN_EINVAL);
	rule("a device's interrupt is not a plain guest's: EPERM");
	if (is_first_domain()) {
		skip("we might get it");
	} else {
		for (p.pirq = 1; p.pirq < 8; p.pirq++)
			want(event(bind_pirq, &p), -XEN_EPERM);
	}
}

void kinds(void)
{
	each_virq();
	virq_rules();
	ipis();
	moving();
	devices();
}
