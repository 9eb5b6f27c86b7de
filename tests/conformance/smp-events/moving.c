/* SPDX-License-Identifier: MIT */
/* moving.c - ports moved from vCPU to vCPU, and channels between two. */
#include "smp-events.h"

static long bind(evtchn_port_t port, uint32_t vcpu)
{
	struct evtchn_bind_vcpu b = { port, vcpu };

	port_home[port] = (uint8_t)vcpu;
	return event(bind_vcpu, &b);
}

/* Who was told of an event: a bit for each vCPU. */
static unsigned int told(void)
{
	unsigned int who = 0;

	for (unsigned int id = 0; id < CREW; id++) {
		who |= (unsigned int)__sync_lock_test_and_set(
			&info_of(id)->evtchn_upcall_pending, 0) << id;
		__sync_lock_test_and_set(&info_of(id)->evtchn_pending_sel, 0);
	}
	return who;
}

static void of_one_port(void)
{
	evtchn_port_t a, b, ipi;

	rule("bind_vcpu: an event goes to the vCPU that the port was moved to");
	port_pair(&a, &b);
	told();
	for (unsigned int id = 0; id < CREW; id++) {
		want(bind(b, id), 0);
		want(send(a), 0);
		want(told(), 1 << id);
		port_clear(b);
	}
	rule("bind_vcpu: the other end stays where it is");
	want(send(b), 0);
	want(told(), 1);
	port_clear(a);
	rule("bind_vcpu: a port that is pending moves, and nobody is told anew");
	want(bind(b, 1), 0);
	want(send(a), 0);
	want(told(), 2);
	want(bind(b, 2), 0);
	want(told(), 0);
	want(port_pending(b), 1);
	rule("bind_vcpu: what is pending still, the next event tells nobody either");
	want(send(a), 0);
	want(told(), 0);
	port_clear(b);
	want(send(a), 0);
	want(told(), 4);
	port_clear(b);
	rule("unmask: a port that is pending is told to the vCPU that it moved to");
	port_mask(b, true);
	want(send(a), 0);
	want(told(), 0);
	want(bind(b, 3), 0);
	want(event(unmask, (&(struct evtchn_unmask){ b })), 0);
	want(told(), 8);
	port_clear(b);
	rule("bind_vcpu: an IPI's port cannot be moved, nor a vCPU's own VIRQ");
	ipi = ipi_port(1);
	want(bind(ipi, 2), -XEN_EINVAL);
	port_home[ipi] = 1;
	want(send(ipi), 0);
	want(told(), 2);
	port_clear(ipi);
	want(close_port(ipi), 0);
	rule("bind_vcpu: to a vCPU that is not there it is ENOENT, and stays");
	want(bind(b, CREW), -XEN_ENOENT);
	want(bind(b, ~0u), -XEN_ENOENT);
	want(send(a), 0);
	want(told(), 8);
	port_clear(b);
	rule("status: tells the vCPU that a port is for");
	for (unsigned int id = 0; id < CREW; id++) {
		struct evtchn_status s = { .dom = DOMID_SELF, .port = b };

		want(bind(b, id), 0);
		want(event(status, &s), 0);
		want(s.vcpu, id);
	}
	want(close_port(a), 0);
	want(close_port(b), 0);
}

#define FEW	20

/* A port goes round while another vCPU sends: each event tells one vCPU. */
static evtchn_port_t near, far;
static volatile bool stop;
static volatile unsigned int sent;

static void send_on(void *arg)
{
	(void)arg;
	while (!stop) {
		if (port_pending(far)) {
			call(sched_op, SCHEDOP_yield, 0);
			continue;
		}
		send(near);
		sent++;
	}
}

static void while_it_is_sent(void)
{
	unsigned int lost = 0, seen = 0;
	uint64_t end = now() + 3000 * MS;

	rule("bind_vcpu: while another sends, each event is told to one vCPU, old or new");
	port_pair(&near, &far);
	told();
	stop = false;
	begin(3, send_on, 0);
	for (unsigned int i = 0; i < 1000 && (i < FEW || now() < end); i++) {
		unsigned int who = 0;

		bind(far, i % 3);
		if (!comes(port_pending(far)))
			break;
		if (!comes(who |= told())) {
			lost++;
			break;
		}
		lost += !!(who & (who - 1)) || !!(who & 8);
		seen++;
		port_clear(far);
	}
	stop = true;
	want_true(ended(3));
	want_true(seen >= FEW);
	want(lost, 0);
	want_true(sent >= seen);
	want(close_port(near), 0);
	want(close_port(far), 0);
	port_clear(near);
	port_clear(far);
	told();
}

void moving(void)
{
	of_one_port();
	while_it_is_sent();
}
