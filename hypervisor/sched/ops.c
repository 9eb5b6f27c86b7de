/* SPDX-License-Identifier: MIT */
/* ops.c - the front of the scheduler: sched_op, new number and old.
 *
 * Guards: what a guest may do about who runs: give its own vCPU up, stop its
 * own domain; stop another if it is the control domain.
 */
#include "sched/sched.h"

#include <public/sched.h>

#include "base/errno.h"
#include "evtchn/evtchn.h"
#include "guest/rows.h"
#include "hypercall/hypercall.h"
#include "time/time.h"

#define POLL_MAX_PORTS	128
#define PORT_UNITS	8	/* of the budget, to look at one twice */

/* Above 0 if one of them is pending; *port is the last that was looked at. */
static long poll_ports(struct vcpu *v, const struct sched_poll *req, evtchn_port_t *port)
{
	for (unsigned i = 0; i < req->nr_ports; i++) {
		long rc;

		if (guest_read_u32(port, (uint64_t)(req->ports.p + i)))
			return -EFAULT;
		rc = evtchn_port_poll(v->domain, *port);
		if (rc)
			return rc;
	}
	return 0;
}

/* Asleep first, looking once more: no event falls in between. The guest may have
 * changed its list meanwhile: each look checks and uses what it read itself. */
static __attribute__((noinline)) long poll_asleep(struct vcpu *v, const struct sched_poll *req)
{
	evtchn_port_t port = 0;
	long rc;

	sched_poll_begin(v);
	rc = poll_ports(v, req, &port);
	if (rc)
		sched_poll_cancel(v);
	else	/* Negative times are long past. */
		sched_poll_sleep(v, req->nr_ports == 1 ? port : POLL_ANY,
				 (int64_t)req->timeout < 0 ? 1 : req->timeout);
	return rc;
}

static __attribute__((noinline)) long poll(struct vcpu *v, uint64_t arg)
{
	struct sched_poll req;
	evtchn_port_t port;
	long rc;

	if (copy_from_guest(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.nr_ports > POLL_MAX_PORTS)
		return -EINVAL;
	/* Even a list of no ports lies somewhere. */
	if (!guest_range_ok((uint64_t)req.ports.p, 1))
		return -EFAULT;
	(void)budget_left((int)req.nr_ports * PORT_UNITS);
	rc = poll_ports(v, &req, &port);
	if (!rc)
		rc = poll_asleep(v, &req);
	return rc > 0 ? 0 : rc;
}

static long shutdown(struct vcpu *v, struct sched_shutdown *req)
{
	domain_shutdown(v->domain, (uint8_t)req->reason);
	return 0;
}

static long remote_shutdown(struct vcpu *v, struct sched_remote_shutdown *req)
{
	struct domain *d;
	long rc = 0;

	d = domain_get_by_id(req->domain_id);
	if (!d)
		return -ESRCH;
	if (v->domain->control)
		domain_shutdown(d, (uint8_t)req->reason);
	else
		rc = -EPERM;
	domain_put(d);
	return rc;
}

/* The reason a later shutdown will carry, whatever it says itself. */
static long shutdown_code(struct vcpu *v, struct sched_shutdown *req)
{
	struct domain *d = v->domain;

	spin_lock(&d->lock);
	if (d->shutdown_code == SHUTDOWN_CODE_NONE)
		d->shutdown_code = (uint8_t)req->reason;
	spin_unlock(&d->lock);
	return 0;
}

struct domain *sched_watchdog_owner(struct timer *t)
{
	return container_of(t - t->index, struct domain, time.watchdog[0]);
}

/* d's lock is held. Id 0 asks for a fresh one; ids count from 1. */
static long watchdog_set(struct domain *d, uint32_t id, uint32_t seconds)
{
	struct time_domain *t = &d->time;
	uint64_t deadline = time_now() + seconds * NS_PER_SECOND;

	if (id > TIME_NR_WATCHDOGS)
		return -EINVAL;
	if (!id) {
		while (id < TIME_NR_WATCHDOGS && (t->watchdogs_used & (1u << id)))
			id++;
		if (id == TIME_NR_WATCHDOGS)
			return -ENOSPC;
		t->watchdogs_used |= (uint8_t)(1u << id);
		timer_set(&t->watchdog[id], deadline);
		return id + 1;
	}
	id = (uint32_t)array_index_nospec(id - 1, TIME_NR_WATCHDOGS);
	if (!(t->watchdogs_used & (1u << id)))
		return -EINVAL;
	if (seconds) {
		timer_set(&t->watchdog[id], deadline);
	} else {
		timer_stop(&t->watchdog[id]);
		t->watchdogs_used &= (uint8_t)~(1u << id);
	}
	return 0;
}

static long watchdog(struct vcpu *v, struct sched_watchdog *req)
{
	struct domain *d = v->domain;
	long rc;

	spin_lock(&d->lock);
	rc = watchdog_set(d, req->id, req->timeout);
	spin_unlock(&d->lock);
	return rc;
}

static long pin_override(struct vcpu *v, uint64_t arg)
{
	struct sched_pin_override req;

	if (!v->domain->control)
		return -EPERM;
	if (copy_from_guest(&req, arg, sizeof(req)))
		return -EFAULT;
	return sched_pin_override(v, req.pcpu);
}

static __attribute__((noinline)) long other_op(struct vcpu *v, uint32_t op, uint64_t arg)
{
	switch (op) {
	case SCHEDOP_yield:
		sched_yield(v);
		return 0;
	ARG(SCHEDOP_shutdown, shutdown, struct sched_shutdown)
	ARG(SCHEDOP_remote_shutdown, remote_shutdown, struct sched_remote_shutdown)
	ARG(SCHEDOP_shutdown_code, shutdown_code, struct sched_shutdown)
	ARG(SCHEDOP_watchdog, watchdog, struct sched_watchdog)
	case SCHEDOP_pin_override:
		return pin_override(v, arg);
	}
	return -ENOSYS;
}

long hc_sched_op(struct vcpu *v, struct hcall *c)
{
	uint32_t op = (uint32_t)c->arg[0];

	if (likely(op == SCHEDOP_block)) {
		sched_block(v);
		return 0;
	}
	if (likely(op == SCHEDOP_poll))
		return poll(v, c->arg[1]);
	return other_op(v, op, c->arg[1]);
}

/* The superseded number: the reason is the argument itself. */
long hc_sched_op_compat(struct vcpu *v, struct hcall *c)
{
	switch ((uint32_t)c->arg[0]) {
	case SCHEDOP_yield:
	case SCHEDOP_block:
		return hc_sched_op(v, c);
	case SCHEDOP_shutdown:
		domain_shutdown(v->domain, (uint8_t)c->arg[1]);
		return 0;
	}
	return -ENOSYS;
}
