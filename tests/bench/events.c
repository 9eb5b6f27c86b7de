/* SPDX-License-Identifier: MIT */
/* events.c - events to oneself, waiting, and timers. */
#include <xen/callback.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "bench.h"

#define FAR	1000000000ul		/* a second, in ns */
#define NEAR	1000000ul

extern volatile void *shared_at;	/* entry.S */
static evtchn_port_t port, other_end, timer;

static uint64_t now(void)
{
	volatile struct vcpu_time_info *t = &shared->vcpu_info[0].time;
	uint32_t version;
	uint64_t ns;

	do {
		uint64_t ticks;

		version = t->version;
		ticks = rdtsc() - t->tsc_timestamp;
		ticks = t->tsc_shift < 0 ? ticks >> -t->tsc_shift :
					   ticks << t->tsc_shift;
		ns = (uint64_t)((unsigned __int128)ticks * t->tsc_to_system_mul >> 32);
		ns += t->system_time;
	} while (version & 1 || version != t->version);
	return ns;
}

/* One port of ours leads to another of ours. */
static void connect(void)
{
	struct callback_register entry = {
		CALLBACKTYPE_event, 0, (xen_callback_t)handle_event,
	};
	struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };
	struct evtchn_bind_interdomain b = { 0 };
	struct evtchn_bind_virq v = { VIRQ_TIMER, 0, 0 };

	if (port)
		return;
	shared_at = shared;
	want(call(callback_op, CALLBACKOP_register, &entry), 0);
	want(call(event_channel_op, EVTCHNOP_alloc_unbound, &a), 0);
	b.remote_port = a.port;
	want(call(event_channel_op, EVTCHNOP_bind_interdomain, &b), 0);
	want(call(event_channel_op, EVTCHNOP_bind_virq, &v), 0);
	timer = v.port;
	port = b.local_port;
	other_end = a.port;
	want(call(vcpu_op, VCPUOP_stop_periodic_timer, 0), 0);
	sure(port < 64 && other_end < 64 && timer < 64);
}

static long send(void)
{
	return call(event_channel_op, EVTCHNOP_send, &(struct evtchn_send){ port });
}

static void masked_ready(void)
{
	connect();
	shared->vcpu_info[0].evtchn_upcall_pending = 0;
	shared->evtchn_mask[0] = ~0ul;
}

static unsigned long send_masked(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		shared->evtchn_pending[0] = 0;
		send();
		good += shared->evtchn_pending[0] == 1ul << other_end;
	}
	return shared->vcpu_info[0].evtchn_upcall_pending ? 0 : good;
}

static unsigned long send_pending(unsigned long n)
{
	unsigned long good = 0;

	shared->evtchn_pending[0] = ~0ul;
	for (unsigned long i = 0; i < n; i++)
		good += !send();
	return good;
}

static void upcall_ready(void)
{
	connect();
	shared->evtchn_pending[0] = 0;
	shared->evtchn_mask[0] = 0;
	shared->vcpu_info[0].evtchn_pending_sel = 0;
	shared->vcpu_info[0].evtchn_upcall_pending = 0;
	shared->vcpu_info[0].evtchn_upcall_mask = 0;
}

static void quiet(void)
{
	shared->vcpu_info[0].evtchn_upcall_mask = 1;
	shared->evtchn_mask[0] = ~0ul;
}

static unsigned long send_upcall(unsigned long n)
{
	handled = 0;
	for (unsigned long i = 0; i < n; i++)
		send();
	return handled;
}

static void poll_ready(void)
{
	masked_ready();
	shared->evtchn_pending[0] = ~0ul;
}

static unsigned long poll(unsigned long n)
{
	struct sched_poll p = { .nr_ports = 1 };
	unsigned long good = 0;

	set_xen_guest_handle(p.ports, &port);
	for (unsigned long i = 0; i < n; i++)
		good += !call(sched_op, SCHEDOP_poll, &p);
	return good;
}

static unsigned long yield(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++)
		good += !call(sched_op, SCHEDOP_yield, 0);
	return good;
}

/* With an event there already it only takes the event. */
static unsigned long block_pending(unsigned long n)
{
	handled = 0;
	for (unsigned long i = 0; i < n; i++) {
		shared->vcpu_info[0].evtchn_upcall_mask = 1;
		shared->evtchn_pending[0] = 1ul << port;
		shared->vcpu_info[0].evtchn_pending_sel = 1;
		shared->vcpu_info[0].evtchn_upcall_pending = 1;
		call(sched_op, SCHEDOP_block, 0);
	}
	return handled;
}

/* Counted from the moment asked for to the first instruction after it. */
static unsigned long block_timer(unsigned long n)
{
	handled = 0;
	for (unsigned long i = 0; i < n; i++) {
		uint64_t when = now() + NEAR, then;

		call(set_timer_op, when);
		call(sched_op, SCHEDOP_block, 0);
		then = now();
		if (then < when)
			return 0;
		own_count += then - when;
	}
	return handled;
}

/* The timer's event came, and not too early. */
static bool arrived(uint64_t when)
{
	shared->evtchn_pending[0] = 0;
	while (!(shared->evtchn_pending[0] >> timer & 1))
		if (now() > when + NEAR)
			return false;
	return now() >= when;
}

/* Sets it n times with one of the calls; the last time to a near moment, and
 * not counted. */
static unsigned long set_by(long (*set)(uint64_t when), unsigned long n)
{
	uint64_t when = now() + FAR, start = rdtsc();
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++)
		good += !set(when);
	own_count = rdtsc() - start;
	when = now() + NEAR;
	set(when);
	return arrived(when) ? good : 0;
}

static long by_timer_op(uint64_t when)
{
	return call(set_timer_op, when);
}

static long by_vcpu_op(uint64_t when)
{
	struct vcpu_set_singleshot_timer t = { when, 0 };

	return call(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t);
}

static unsigned long set_timer(unsigned long n)
{
	return set_by(by_timer_op, n);
}

static unsigned long singleshot(unsigned long n)
{
	return set_by(by_vcpu_op, n);
}

const struct op event_ops[] = {
	{ "event sent, masked", ROUNDS, masked_ready, send_masked, NULL },
	{ "event sent, pending already", ROUNDS, masked_ready, send_pending,
	  NULL },
	{ "event sent to self, and its upcall", ROUNDS, upcall_ready,
	  send_upcall, quiet },
	{ "poll, a port pending", ROUNDS, poll_ready, poll, NULL },
	{ "yield", ROUNDS, NULL, yield, NULL },
	{ "block, an event pending", ROUNDS, upcall_ready, block_pending, quiet },
	{ "block until a timer: late by", 20, upcall_ready, block_timer, quiet },
	{ "set_timer_op", ROUNDS, masked_ready, set_timer, NULL },
	{ "set_singleshot_timer", ROUNDS, masked_ready, singleshot, NULL },
	{ 0 },
};
