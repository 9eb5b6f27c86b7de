/* SPDX-License-Identifier: MIT */
/* poll.c - sleeping until one of some ports is pending. */
#include "scheduling.h"

static evtchn_port_t a, b;		/* joined: a send on one raises the other */

static long poll(const evtchn_port_t *ports, unsigned int n, uint64_t until)
{
	struct sched_poll p = { .nr_ports = n, .timeout = until };

	set_xen_guest_handle(p.ports, (evtchn_port_t *)ports);
	return sched(poll, &p);
}

/* Lists that are refused, and what for. */
static void refusals(void)
{
	static PAGE evtchn_port_t list[2048];
	const evtchn_port_t no_port = NO_PORT, port_0 = 0, last = ~0u;
	evtchn_port_t closed = unbound_port();

	want(close_port(closed), 0);
	rule("poll: a bad block is EFAULT");
	want(sched(poll, BAD_POINTER), -XEN_EFAULT);
	want(sched(poll, HYPERVISOR_POINTER), -XEN_EFAULT);
	want(sched(poll, 0), -XEN_EFAULT);
	rule("poll: more than 128 ports are EINVAL, whatever they are");
	want(poll(BAD_POINTER, 129, 1), -XEN_EINVAL);
	want(poll(BAD_POINTER, 0x80000000, 1), -XEN_EINVAL);
	want(poll(BAD_POINTER, ~0u, 1), -XEN_EINVAL);
	rule("poll: a bad list is EFAULT");
	want(poll(BAD_POINTER, 1, 1), -XEN_EFAULT);
	want(poll(HYPERVISOR_POINTER, 1, 1), -XEN_EFAULT);
	want(poll((evtchn_port_t *)0x1000, 1, 1), -XEN_EFAULT);
	rule("poll: a list of no ports may lie where no list can be mapped");
	want(poll((evtchn_port_t *)0x1000, 0, 1), 0);
	rule("poll: a list of no ports at a bad address is EFAULT");
	want(poll(BAD_POINTER, 0, 1), -XEN_EFAULT);
	rule("poll: a port that was never there is EINVAL");
	want(poll(&no_port, 1, 1), -XEN_EINVAL);
	want(poll(&last, 1, 1), -XEN_EINVAL);
	rule("poll: port 0 is EINVAL");
	want(poll(&port_0, 1, 1), -XEN_EINVAL);
	rule("poll: a closed port is EINVAL");
	want(poll(&closed, 1, 1), -XEN_EINVAL);
	rule("poll: 128 ports are looked at, to the last");
	for (int i = 0; i < 128; i++)
		list[i] = a;
	want(poll(list, 128, 1), 0);
	list[127] = NO_PORT;
	want(poll(list, 128, 1), -XEN_EINVAL);
	rule("poll: a list that ends where nothing is mapped is EFAULT");
	want(map_frame(list + 1024, 0, 0), 0);
	list[1023] = a;
	want(poll(list + 1023, 2, 1), -XEN_EFAULT);
	rule("poll: a list that ends where nothing begins is no error");
	want(poll(list + 1023, 1, 1), 0);
	rule("poll: the old number does not poll");
	want(call(sched_op_compat, SCHEDOP_poll, BAD_POINTER), -XEN_ENOSYS);
}

static void times(void)
{
	uint64_t start;

	rule("poll: a time of the past is over");
	want(poll(&a, 1, 1), 0);
	want(poll(&a, 1, now()), 0);
	rule("poll: a negative time is past");
	want(poll(&a, 1, 1ul << 63), 0);
	want(poll(&a, 1, ~0ul), 0);
	rule("poll: it does not return before its time without a reason");
	forget_events();
	start = now();
	want(poll(&a, 1, start + 20 * MS), 0);
	want_true(not_before(now(), start + 20 * MS));
	rule("poll: no ports and a time is a sleep");
	start = now();
	want(poll(NULL, 0, start + 20 * MS), 0);
	want_true(not_before(now(), start + 20 * MS));
	rule("poll: the time does not raise any event");
	want(shared->vcpu_info[0].evtchn_upcall_pending, 0);
	want(port_pending(timer_port), 0);
	rule("poll: the time is not the timer's: that goes on");
	timer_clear();
	want(call(set_timer_op, now() + 60 * MS), 0);
	want(poll(&a, 1, now() + MS), 0);
	want_true(timer_comes());
	timer_clear();
}

/* An interrupt at the wrong moment spoils a try, but not ten. */
static bool in_one_of_ten(bool (*try)(void))
{
	for (int i = 0; i < 10; i++)
		if (try())
			return true;
	return false;
}

/* With an event announced and no port pending; false if the poll slept to its
 * end, as it must if an interrupt has the event delivered before. */
static bool ends_by_what_is_announced(void)
{
	unsigned int before = upcalls;
	uint64_t end = now() + 1000 * MS;

	want(send(a), 0);
	port_clear(b);
	shared->vcpu_info[0].evtchn_upcall_mask = 0;
	want(poll(&a, 1, end), 0);
	want(upcalls, before + 1);
	events_mask();
	return now() < end;
}

static void pending(void)
{
	evtchn_port_t list[3] = { a, b, NO_PORT };
	unsigned int before = upcalls;

	rule("poll: a pending port ends it at once, without a time to wait");
	want(send(a), 0);
	want(poll(&b, 1, 0), 0);
	rule("poll: it looks, and leaves the port pending");
	want(port_pending(b), 1);
	rule("poll: any port of the list does");
	want(poll(list, 2, 0), 0);
	rule("poll: a port behind the pending one is not looked at");
	want(poll(list, 3, 0), 0);
	rule("poll: a port before the pending one is looked at");
	list[0] = NO_PORT;
	want(poll(list, 2, 0), -XEN_EINVAL);
	rule("poll: a masked port that is pending ends it too");
	port_mask(b, true);
	want(poll(&b, 1, 0), 0);
	port_mask(b, false);
	rule("poll: a port pending with nothing announced ends it");
	forget_events();
	shared->evtchn_pending[b / 64] |= 1ul << b % 64;
	want(poll(&b, 1, 0), 0);
	forget_events();
	rule("poll: events stay masked, and nothing is delivered");
	want(shared->vcpu_info[0].evtchn_upcall_mask, 1);
	want(upcalls, before);
	rule("poll: with events unmasked and one pending it ends at once");
	events_unmask();
	events_mask();
	want_true(in_one_of_ten(ends_by_what_is_announced));
	rule("poll: it does not mask events that are not masked");
	shared->vcpu_info[0].evtchn_upcall_mask = 0;
	want(poll(&a, 1, now() + MS), 0);
	want(shared->vcpu_info[0].evtchn_upcall_mask, 0);
	events_mask();
	forget_events();
}

/* With events unmasked; false if it slept to its end, as it must if the timer
 * came before it. */
static bool woken_by_the_timer(void)
{
	unsigned int before = upcalls;
	uint64_t end = now() + 1000 * MS;

	timer_clear();
	shared->vcpu_info[0].evtchn_upcall_mask = 0;
	want(call(set_timer_op, now() + 20 * MS), 0);
	want(poll(&a, 1, end), 0);
	want_true(comes(upcalls != before));
	want(upcalls, before + 1);
	want(last_port, timer_port);
	events_mask();
	return now() < end;
}

/* What wakes a poll that sleeps: the timer's port is the one that comes. */
static void waking(void)
{
	evtchn_port_t list[2] = { a, timer_port };
	unsigned int before = upcalls;
	uint64_t start = now();

	rule("poll: a port that becomes pending wakes it");
	timer_clear();
	want(call(set_timer_op, start + 20 * MS), 0);
	want(poll(&timer_port, 1, 0), 0);
	want_true(not_before(now(), start + 20 * MS));
	want(port_pending(timer_port), 1);
	rule("poll: any of several does");
	timer_clear();
	want(call(set_timer_op, now() + 20 * MS), 0);
	want(poll(list, 2, 0), 0);
	want(port_pending(timer_port), 1);
	rule("poll: a masked port wakes it, and interrupts nobody");
	timer_clear();
	port_mask(timer_port, true);
	shared->vcpu_info[0].evtchn_upcall_mask = 0;
	want(call(set_timer_op, now() + 20 * MS), 0);
	want(poll(&timer_port, 1, 0), 0);
	want(port_pending(timer_port), 1);
	want(upcalls, before);
	events_mask();
	rule("poll: a masked port that it does not list does not wake it");
	timer_clear();
	start = now();
	want(call(set_timer_op, start + 5 * MS), 0);
	want(poll(&a, 1, start + 60 * MS), 0);
	want_true(not_before(now(), start + 60 * MS));
	port_mask(timer_port, false);
	rule("poll: an event with events unmasked wakes it, listed or not");
	want_true(in_one_of_ten(woken_by_the_timer));
	timer_clear();
}

void polling(void)
{
	rule("poll: two ports of our own can be joined");
	port_pair(&a, &b);
	refusals();
	times();
	pending();
	waking();
	want(close_port(a), 0);
	want(close_port(b), 0);
}
