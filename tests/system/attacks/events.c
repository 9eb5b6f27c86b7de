/* SPDX-License-Identifier: MIT */
/* events.c - ports: used up, closed and reset while another vCPU sends on
 * them, named beyond all bounds; and FIFO ports where they are off (fifo.c).
 */
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "attack.h"

#define op(cmd, arg)	call(event_channel_op, EVTCHNOP_##cmd, arg)
#define PORTS		4096u

static evtchn_port_t unbound(void)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };

	return op(alloc_unbound, &a) ? 0 : a.port;
}

static void close(evtchn_port_t port)
{
	op(close, &(struct evtchn_close){ port });
}

static long to_vcpu(evtchn_port_t port, unsigned int vcpu)
{
	struct evtchn_bind_vcpu b = { port, vcpu };

	return op(bind_vcpu, &b);
}

static void exhausted(void)
{
	struct evtchn_bind_virq virq = { .virq = VIRQ_DEBUG };
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };
	evtchn_port_t port, last = 0, first = 0;
	unsigned int n = 0;

	rule("ports end at a number, and whoever wants more hears so");
	while ((port = unbound())) {
		first = first ? first : port;
		last = port;
		n++;
		if (n > PORTS)
			break;
	}
	want_true(n > 100 && n < PORTS && last < PORTS);
	for (unsigned int i = 0; i < 3; i++) {
		want(op(bind_virq, &virq), -XEN_ENOSPC);
		want(op(bind_ipi, &ipi), -XEN_ENOSPC);
		want(unbound(), 0);
	}
	for (port = first; port <= last; port++)
		close(port);
	want(op(bind_virq, &virq), 0);
	close(virq.port);
}

static void bounds(void)
{
	static const uint32_t bad[] = {
		0, 4095, 4096, 4097, 0xffff, 0x10000, 1u << 17, (1u << 17) - 1, 1u << 31, ~0u,
	};

	rule("no port beyond those there are is closed, sent to, moved or asked about");
	for (unsigned int i = 0; i < COUNT(bad); i++) {
		struct evtchn_status s = { .dom = DOMID_SELF, .port = bad[i] };
		struct evtchn_bind_interdomain b = {
			.remote_dom = DOMID_SELF, .remote_port = bad[i],
		};

		want_true(op(close, &(struct evtchn_close){ bad[i] }) < 0);
		want_true(op(send, &(struct evtchn_send){ bad[i] }) < 0);
		want_true(op(unmask, &(struct evtchn_unmask){ bad[i] }) < 0 || !bad[i] ||
			  bad[i] < PORTS);
		want_true(to_vcpu(bad[i], 0) < 0);
		op(status, &s);
		want_true(op(bind_interdomain, &b) < 0);
	}
	rule("no vCPU or interrupt beyond those there are is bound");
	for (unsigned int bit = 5; bit < 32; bit++) {
		struct evtchn_bind_virq v = { .virq = 1u << bit };
		struct evtchn_bind_virq w = { .virq = VIRQ_TIMER, .vcpu = 1u << bit };
		struct evtchn_bind_ipi ipi = { .vcpu = 1u << bit };
		struct evtchn_bind_pirq p = { .pirq = 1u << bit };

		want_true(op(bind_virq, &v) < 0);
		want_true(op(bind_virq, &w) < 0);
		want_true(op(bind_ipi, &ipi) < 0);
		want_true(op(bind_pirq, &p) < 0);
	}
}

static volatile evtchn_port_t shared_ports[2];

static void send_and_close(void)
{
	evtchn_port_t p = shared_ports[random_number() & 1];

	op(send, &(struct evtchn_send){ p });
	if (!(random_number() & 7))
		close(p);
	op(unmask, &(struct evtchn_unmask){ p });
	to_vcpu(p, random_number() & 1);
}

static void raced(void)
{
	struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };

	rule("ports that are closed and bound while another vCPU sends stay in their states");
	beside(send_and_close);
	for (unsigned int round = 0; round < 20000; round++) {
		b.remote_port = unbound();
		if (!b.remote_port)
			break;
		shared_ports[0] = b.remote_port;
		if (!op(bind_interdomain, &b))
			shared_ports[1] = b.local_port;
		op(send, &(struct evtchn_send){ b.local_port });
		close(b.local_port);
		close(b.remote_port);
	}
	beside_stop();
	for (unsigned int p = 3; p < PORTS; p++)
		close(p);
}

static void fifo(void)
{
	struct evtchn_init_control c = { .control_gfn = ~0ul };
	struct evtchn_expand_array e = { .array_gfn = ~0ul };
	struct evtchn_set_priority p = { .port = 1, .priority = ~0u };

	rule("where FIFO ports are off there are none to get wrong");
	want(op(init_control, &c), -XEN_ENOSYS);
	want_true(op(expand_array, &e) < 0);
	want_true(op(set_priority, &p) <= 0);
	c.control_gfn = virt_to_mfn(page);
	want(op(init_control, &c), -XEN_ENOSYS);
	want_true(op(expand_array, &e) < 0);
}

void attack_events(void)
{
	exhausted();
	bounds();
	fifo();
	raced();
}

static void send_at_random(void)
{
	op(send, &(struct evtchn_send){ (evtchn_port_t)random_number() & 15 });
	op(unmask, &(struct evtchn_unmask){ (evtchn_port_t)random_number() & 15 });
}

/* All ports go at once, the console's too: nothing is said afterwards. */
void attack_reset(void)
{
	struct evtchn_reset all = { .dom = DOMID_SELF };
	struct sched_shutdown off = { SHUTDOWN_poweroff };

	beside(send_at_random);
	for (unsigned int round = 0; round < 5000; round++) {
		struct evtchn_bind_interdomain b = {
			.remote_dom = DOMID_SELF, .remote_port = unbound(),
		};

		op(bind_interdomain, &b);
		op(reset, &all);
	}
	call(sched_op, SCHEDOP_shutdown, &off);
}
