/* SPDX-License-Identifier: MIT */
/* races.c - vCPUs that send, bind and close at the same time. */
#include "smp-events.h"

#define ROUNDS	1000
#define FEW	20
#define LONG	(3000 * MS)

static evtchn_port_t common;
static volatile long failures[CREW];
static uint64_t deadline;

/* So many rounds, or as many as there is time for on a host that runs fewer
 * threads than we have CPUs: there a lock changes hands slowly. */
static bool goes_on(unsigned int i, unsigned int rounds)
{
	return i < FEW || (i < rounds && my_clock() < deadline);
}

static void send_all(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; goes_on(i, ROUNDS); i++)
		failures[whoami()] += send(common) != 0;
}

static void same_port(void)
{
	rule("one port that all send on at once is pending once, and told");
	common = ipi_port(1);
	memset((void *)failures, 0, sizeof(failures));
	forget(1);
	deadline = now() + LONG;
	want_true(together(send_all, 0));
	for (unsigned int id = 0; id < CREW; id++)
		want(failures[id], 0);
	want(port_pending(common), 1);
	want(info_of(1)->evtchn_upcall_pending, 1);
	forget(1);
	port_clear(common);
	want(close_port(common), 0);
}

/* Each makes channels of its own: no port belongs to two at a time. */
static volatile unsigned char owner[4096];
static volatile unsigned int shared_ports;

static void take(evtchn_port_t port)
{
	if (port >= sizeof(owner) ||
	    !__sync_bool_compare_and_swap(&owner[port], 0, whoami() + 1))
		__sync_fetch_and_add(&shared_ports, 1);
}

static void give(evtchn_port_t port)
{
	owner[port] = 0;
}

static void make_channels(void *arg)
{
	unsigned int id = whoami();

	(void)arg;
	for (unsigned int i = 0; goes_on(i, ROUNDS / 4); i++) {
		struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };
		struct evtchn_bind_interdomain b = { DOMID_SELF, 0, 0 };
		struct evtchn_bind_ipi c = { id, 0 };

		failures[id] += event(alloc_unbound, &a) != 0;
		take(a.port);
		failures[id] += event(bind_ipi, &c) != 0;
		take(c.port);
		b.remote_port = a.port;
		failures[id] += event(bind_interdomain, &b) != 0;
		take(b.local_port);
		failures[id] += send(b.local_port) != 0;
		failures[id] += send(c.port) != 0;
		failures[id] += !port_pending(a.port) || !port_pending(c.port);
		port_clear(a.port);
		port_clear(c.port);
		give(c.port);
		failures[id] += close_port(c.port) != 0;
		/* Afterwards it may be another's. */
		port_clear(b.local_port);
		give(b.local_port);
		failures[id] += close_port(b.local_port) != 0;
		give(a.port);
		failures[id] += close_port(a.port) != 0;
	}
}

static void own_channels(void)
{
	rule("channels that all make and close at once: all succeed, no port is two's");
	memset((void *)failures, 0, sizeof(failures));
	deadline = now() + LONG;
	want_true(together(make_channels, 0));
	for (unsigned int id = 0; id < CREW; id++)
		want(failures[id], 0);
	want(shared_ports, 0);
}

/* Two ends of a channel: one vCPU sends on it while another closes it. */
static evtchn_port_t near;
static volatile bool stop;
static volatile long odd;

static void send_whatever(void *arg)
{
	(void)arg;
	while (!stop) {
		long rc = send(near);

		if (rc && rc != -XEN_EINVAL)
			odd = rc;
	}
}

static void closing(void)
{
	evtchn_port_t far;

	rule("send while the channel is made and closed: 0, or EINVAL");
	stop = false;
	near = NO_PORT;
	begin(1, send_whatever, 0);
	begin(2, send_whatever, 0);
	deadline = now() + LONG;
	for (unsigned int i = 0; goes_on(i, ROUNDS / 2); i++) {
		port_pair((evtchn_port_t *)&near, &far);
		want(close_port(i % 2 ? near : far), 0);
		want(close_port(i % 2 ? far : near), 0);
		port_clear(near);
		port_clear(far);
	}
	stop = true;
	want_true(ended(1) && ended(2));
	want(odd, 0);
}

static evtchn_port_t polled;

static void poll_a_while(void *arg)
{
	(void)arg;
	poll_for(polled, my_clock() + 30 * MS);
}

static void closed_in_poll(void)
{
	rule("a port closed while another vCPU polls for it: that ends in time");
	polled = unbound_port();
	begin(1, poll_a_while, 0);
	want_true(sleeps(1));
	want(close_port(polled), 0);
	want_true(ended(1));
}

void races(void)
{
	same_port();
	own_channels();
	closing();
	closed_in_poll();
}
