/* SPDX-License-Identifier: MIT */
/* ports - the whole table: how it grows, closing all at once, the older number,
 * and the calls of a delivery that was not switched on.
 */
#include <xen/event_channel.h>

#include "lib.h"

const char suite_name[] = "ports";

#define op(cmd, arg)	call(event_channel_op, EVTCHNOP_##cmd, arg)
#define RESET_CONT	14		/* Xen's own, for a reset in pieces */

static long status(evtchn_port_t port)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };
	long rc = op(status, &s);

	return rc ? rc : (long)s.status;
}

static long unbound(evtchn_port_t *port)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };
	long rc = op(alloc_unbound, &a);

	*port = a.port;
	return rc;
}

static long close_port(evtchn_port_t port)
{
	struct evtchn_close c = { port };

	return op(close, &c);
}

static void growing(void)
{
	evtchn_port_t first, port;

	rule("ports come into being 64 at a time");
	want(unbound(&first), 0);
	want_true(first < 60);
	want(status(63), EVTCHNSTAT_closed);
	want(status(64), -XEN_EINVAL);
	for (port = first; port < 64;)
		want(unbound(&port), 0);
	want(port, 64);
	want(status(127), EVTCHNSTAT_closed);
	want(status(128), -XEN_EINVAL);
	rule("ports that are closed still exist");
	want(close_port(64), 0);
	want(status(64), EVTCHNSTAT_closed);
	want(op(unmask, (&(struct evtchn_unmask){ 64 })), 0);
	want(op(unmask, (&(struct evtchn_unmask){ 128 })), -XEN_EINVAL);
}

/* Not to the end: filling 4095 takes upstream more than a minute here. The
 * end has its unit test. */
static void many(void)
{
	evtchn_port_t port = 0;

	rule("hundreds of ports are no matter, and beyond 4095 there is none");
	while (port < 700)
		if (unbound(&port))
			break;
	want(port, 700);
	want(status(4096), -XEN_EINVAL);
	want(status(~0u), -XEN_EINVAL);
}

static void resetting(void)
{
	struct evtchn_reset r = { DOMID_SELF };
	struct evtchn_bind_virq v = { VIRQ_DEBUG, 0, 0 };
	evtchn_port_t port;

	rule("a reset's continuation is no call of its own");
	want(call(event_channel_op, RESET_CONT, &r), -XEN_EBUSY);
	rule("a reset of nobody is ESRCH, a bad pointer EFAULT");
	r.dom = 0x7000;
	want(op(reset, &r), -XEN_ESRCH);
	want(op(reset, BAD_POINTER), -XEN_EFAULT);
	rule("a reset closes all");
	r.dom = DOMID_SELF;
	want(op(reset, &r), 0);
	want(status(1), EVTCHNSTAT_closed);
	want(status(700), EVTCHNSTAT_closed);
	want(unbound(&port), 0);
	want(port, 1);
	want(op(bind_virq, &v), 0);
	want(v.port, 2);
	want(op(reset, &r), 0);
	want(op(bind_virq, &v), 0);
	want(v.port, 1);
	want(op(reset, &r), 0);
	console_rejoin();
}

static void older_number(void)
{
	struct evtchn_op o = { .cmd = EVTCHNOP_alloc_unbound };
	evtchn_port_t port;

	rule("the older number takes command and argument in one block");
	o.u.alloc_unbound.dom = DOMID_SELF;
	o.u.alloc_unbound.remote_dom = DOMID_SELF;
	want(call(event_channel_op_compat, &o), 0);
	port = o.u.alloc_unbound.port;
	want_true(port != 0);
	o.cmd = EVTCHNOP_close;
	o.u.close.port = port;
	want(call(event_channel_op_compat, &o), 0);
	want(call(event_channel_op_compat, &o), -XEN_EINVAL);
	rule("the older number knows the commands up to unmask");
	o.cmd = EVTCHNOP_unmask;
	want(call(event_channel_op_compat, &o), 0);
	o.cmd = EVTCHNOP_reset;
	want(call(event_channel_op_compat, &o), -XEN_ENOSYS);
	o.cmd = ~0u;
	want(call(event_channel_op_compat, &o), -XEN_ENOSYS);
	want(call(event_channel_op_compat, BAD_POINTER), -XEN_EFAULT);
}

static void not_switched_on(void)
{
	struct evtchn_set_priority p = { 1, 0 };

	rule("without FIFO delivery there are no priorities and no array");
	want(op(set_priority, &p), -XEN_ENOSYS);
	p.port = 99999;
	want(op(set_priority, &p), -XEN_EINVAL);
	want(op(set_priority, BAD_POINTER), -XEN_EFAULT);
	want(op(expand_array, (&(struct evtchn_expand_array){ 1 })), -XEN_EOPNOTSUPP);
	want(op(expand_array, BAD_POINTER), -XEN_EFAULT);
}

static void of_others(void)
{
	struct evtchn_status s = { .dom = 0x7000, .port = 1 };
	struct evtchn_bind_pirq p = { .pirq = 100000 };

	rule("the status of a port of nobody is ESRCH");
	want(op(status, &s), -XEN_ESRCH);
	s.dom = DOMID_INVALID;
	want(op(status, &s), -XEN_ESRCH);
	rule("an interrupt that is none is EINVAL");
	want(op(bind_pirq, &p), -XEN_EINVAL);
	want(op(bind_pirq, BAD_POINTER), -XEN_EFAULT);
}

void suite_main(void)
{
	growing();
	not_switched_on();
	of_others();
	many();
	resetting();
	older_number();
}
