/* SPDX-License-Identifier: MIT */
/* crew.c - other vCPUs that do what the first one asks of them.
 *
 * Guards: a vCPU without work sleeps in poll on a port of its own, so that
 * those at work get all CPUs; what it is asked is read once, and done once.
 */
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "crew.h"
#include "events.h"
#include "time.h"

unsigned int crew = 1;

static struct {
	job *volatile fn;
	volatile bool begun;
	void *volatile arg;
	evtchn_port_t port;
} tasks[VCPUS_MOST];

uint64_t patience_ends(void)
{
	return now() + PATIENCE;
}

bool pause_until(uint64_t ns)
{
	call(sched_op, SCHEDOP_yield, 0);
	return now() < ns;
}

void poll_for(evtchn_port_t port, uint64_t until)
{
	struct sched_poll p = { .nr_ports = !!port, .timeout = until };

	set_xen_guest_handle(p.ports, &port);
	call(sched_op, SCHEDOP_poll, &p);
}

void rest(uint64_t ns)
{
	poll_for(0, now() + ns);
}

/* A vCPU of the crew begins here. */
static void serve(void)
{
	unsigned int id = whoami();

	for (;;) {
		while (!tasks[id].fn) {
			port_clear(tasks[id].port);
			if (!tasks[id].fn)
				poll_for(tasks[id].port, 0);
		}
		tasks[id].begun = true;
		tasks[id].fn(tasks[id].arg);
		info_of(id)->evtchn_upcall_mask = 1;
		__sync_synchronize();
		tasks[id].fn = NULL;
	}
}

/* No vCPU keeps the tick that it is made with: 64 of them are a load. */
bool crew_open(unsigned int n)
{
	call(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	for (unsigned int id = crew; id < n; id++) {
		if (id >= XEN_LEGACY_MAX_VCPUS && !info_of(id))
			want(info_open(id), 0);
		info_of(id)->evtchn_pending_sel = 0;
		info_of(id)->evtchn_upcall_pending = 0;
		call(vcpu_op, VCPUOP_stop_periodic_timer, id, 0);
		tasks[id].port = ipi_port(id);
		port_mask(tasks[id].port, true);
		if (vcpu_start(id, serve))
			return false;
		crew = id + 1;
	}
	return true;
}

void begin(unsigned int id, job *fn, void *arg)
{
	tasks[id].begun = false;
	tasks[id].arg = arg;
	__sync_synchronize();
	tasks[id].fn = fn;
	send(tasks[id].port);
}

static bool blocked(unsigned int id)
{
	struct vcpu_runstate_info r = { .state = -1 };

	return tasks[id].begun &&
	       !call(vcpu_op, VCPUOP_get_runstate_info, id, &r) &&
	       r.state == RUNSTATE_blocked;
}

bool sleeps(unsigned int id)
{
	return comes(blocked(id));
}

bool ended(unsigned int id)
{
	uint64_t until = patience_ends();

	while (tasks[id].fn && now() < until)
		rest(100000);
	want_at(!tasks[id].fn, id, -1, "a vCPU whose work does not end");
	return !tasks[id].fn;
}

bool together(job *fn, void *arg)
{
	bool all = true;

	for (unsigned int id = 1; id < crew; id++)
		begin(id, fn, arg);
	fn(arg);
	for (unsigned int id = 1; id < crew; id++)
		all &= ended(id);
	return all;
}

bool meet(struct meeting *m, unsigned int n)
{
	unsigned int round = m->round;

	if (__sync_add_and_fetch(&m->there, 1) == n) {
		m->there = 0;
		__sync_synchronize();
		m->round = round + 1;
		return true;
	}
	return comes(m->round != round);
}
