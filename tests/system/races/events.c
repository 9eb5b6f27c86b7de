/* SPDX-License-Identifier: MIT */
/* events.c - ports bound, sent to and closed by all vCPUs; wake-ups and timers
 * that must not be lost.
 */
#include "race.h"

#define PORTS	16u

static volatile evtchn_port_t ports[PORTS];
static struct evtchn_status reader;

static void clear_port(evtchn_port_t p)
{
	__sync_fetch_and_and(&shared_info->evtchn_pending[p / 64], ~(1ul << p % 64));
}

static evtchn_port_t new_port(struct cpu *c)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain i = { .remote_dom = DOMID_SELF };
	struct evtchn_bind_virq v = { .virq = VIRQ_DEBUG, .vcpu = (uint32_t)(chance(c) % CPUS) };

	switch (chance(c) % 5) {
	case 0:
	case 1:
		return call2(event_channel_op, EVTCHNOP_alloc_unbound, &a) ? 0 : a.port;
	case 2:
		i.remote_port = ports[chance(c) % PORTS];
		return call2(event_channel_op, EVTCHNOP_bind_interdomain, &i) ? 0 : i.local_port;
	case 3:
		return call2(event_channel_op, EVTCHNOP_bind_virq, &v) ? 0 : v.port;
	}
	return ipi_port((unsigned int)(chance(c) % CPUS));
}

static void step_events(struct cpu *c)
{
	volatile evtchn_port_t *at = &ports[chance(c) % PORTS];
	struct evtchn_bind_vcpu b = { .port = *at, .vcpu = (uint32_t)(chance(c) % CPUS) };
	struct evtchn_status s = { .dom = DOMID_SELF, .port = *at };
	struct evtchn_unmask u = { *at };

	add(rounds);
	shared_info->vcpu_info[c->id].evtchn_upcall_mask = one_in(c, 3);
	clear_port(*at);
	switch (chance(c) % 10) {
	case 0:
	case 1:
		if (!*at)
			*at = new_port(c);
		break;
	case 2:
		if (*at && !close_port(*at))
			*at = 0;
		break;
	case 3:
		call2(event_channel_op, EVTCHNOP_bind_vcpu, &b);
		break;
	case 4:
		call2(event_channel_op, EVTCHNOP_unmask, &u);
		break;
	case 5:
		call2(event_channel_op, EVTCHNOP_status, &s);
		break;
	default:
		if (*at && !send(*at))
			add(hits);
	}
}

static void leave_events(struct cpu *c)
{
	shared_info->vcpu_info[c->id].evtchn_upcall_mask = 1;
}

/* A port that was overwritten is nowhere in the table. */
static void close_events(void)
{
	struct evtchn_status s = { .dom = DOMID_SELF };
	evtchn_port_t p;

	for (p = 1; p < 4096; p++) {
		if (!(start_info->flags & SIF_INITDOMAIN) &&
		    (p == start_info->console.domU.evtchn || p == start_info->store_evtchn))
			continue;
		close_port(p);
		s.port = p;
		if (!call2(event_channel_op, EVTCHNOP_status, &s) && s.status != EVTCHNSTAT_closed)
			wrong(&cpus[0], "a port cannot be closed", p);
	}
}

static void open_resets(void)
{
	if (start_info->flags & SIF_INITDOMAIN)
		return;
	reader.dom = DOMID_SELF;
	reader.port = start_info->console.domU.evtchn;
	/* Who reads the console learns of us when we run already. */
	while (!call2(event_channel_op, EVTCHNOP_status, &reader) &&
	       reader.status == EVTCHNSTAT_unbound)
		yield();
}

static void step_resets(struct cpu *c)
{
	struct evtchn_reset r = { DOMID_SELF };

	if (one_in(c, 100))
		call2(event_channel_op, EVTCHNOP_reset, &r);
	else
		step_events(c);
}

/* The reader of the console waits for us, as for a stranger. */
static void close_resets(void)
{
	struct evtchn_bind_interdomain i = {
		.remote_dom = reader.u.interdomain.dom, .remote_port = reader.u.interdomain.port,
	};
	struct evtchn_reset r = { DOMID_SELF };

	must(call2(event_channel_op, EVTCHNOP_reset, &r), "no reset");
	if (start_info->flags & SIF_INITDOMAIN)
		return;
	must(call2(event_channel_op, EVTCHNOP_bind_interdomain, &i), "the console is lost");
	open_console(i.local_port);
}

/* ---- wakes: a token goes round; each vCPU sleeps until it comes ---- */

static evtchn_port_t wake_ports[CPUS], timer_ports[CPUS];
static volatile unsigned int turn;
static volatile uint64_t sent_at[CPUS];

static bool mine(const struct cpu *c)
{
	return turn == c->id || stopping;
}

/* Returns when the port is pending, or it is late. */
static void sleep(struct cpu *c, unsigned int how)
{
	struct vcpu_info *v = &shared_info->vcpu_info[c->id];
	uint64_t until = system_time() + LOST_NS, upcalls = c->upcalls;
	struct sched_poll p = { .nr_ports = 1, .timeout = until };

	HANDLE(p.ports, &wake_ports[c->id]);
	switch (how) {
	case 0:
		call2(sched_op, SCHEDOP_poll, &p);
		break;
	case 1:
		hypercall(__HYPERVISOR_set_timer_op, until, 0, 0, 0, 0);
		call2(sched_op, SCHEDOP_block, 0);
		break;
	case 2:
		v->evtchn_upcall_mask = 0;
		barrier();
		while (c->upcalls == upcalls && !v->evtchn_upcall_pending && !mine(c))
			pause();
		break;
	}
	v->evtchn_upcall_mask = 1;
	barrier();
	no_upcall(c->id);
}

static void step_wakes(struct cpu *c)
{
	unsigned int how = (unsigned int)(chance(c) % 3), next;
	uint64_t late;

	while (!mine(c)) {
		clear_port(wake_ports[c->id]);
		clear_port(timer_ports[c->id]);
		if (mine(c))
			break;
		sleep(c, how);
	}
	if (stopping)
		return;
	late = system_time() - sent_at[c->id];
	if (sent_at[c->id] && (int64_t)late > (int64_t)(LOST_NS / 2))
		wrong(c, how == 2 ? "a vCPU that may run got no turn" :
		      "a wake-up was lost", late);
	add(rounds);
	if (how != 2)
		add(hits);
	next = (c->id + 1 + (unsigned int)(chance(c) % (vcpus - 1))) % vcpus;
	sent_at[next] = system_time();
	turn = next;
	must(send(wake_ports[next]), "no event is sent");
}

static void open_wakes(void)
{
	for (unsigned int i = 0; i < vcpus; i++) {
		struct evtchn_bind_virq v = { .virq = VIRQ_TIMER, .vcpu = i };

		wake_ports[i] = ipi_port(i);
		must(call2(event_channel_op, EVTCHNOP_bind_virq, &v), "no timer");
		timer_ports[i] = v.port;
	}
}

static void leave_wakes(struct cpu *c)
{
	for (unsigned int i = 0; i < vcpus; i++)
		send(wake_ports[i]);
}

/* ---- timers: every vCPU sleeps with nothing but a timer to wake it ---- */

static void step_timers(struct cpu *c)
{
	uint64_t begin = system_time(), until = begin + chance(c) % (2 * MS);
	unsigned int other = (unsigned int)(chance(c) % vcpus);
	struct vcpu_set_singleshot_timer once = { until, 0 };
	struct vcpu_set_periodic_timer often = { MS + chance(c) % (10 * MS) };
	struct sched_poll p = { .timeout = until };

	add(rounds);
	clear_port(timer_ports[c->id]);
	switch (chance(c) % 7) {
	case 0:
		hypercall(__HYPERVISOR_set_timer_op, until, 0, 0, 0, 0);
		break;
	case 1:
		must(call3(vcpu_op, VCPUOP_set_singleshot_timer, c->id, &once), "no singleshot timer");
		break;
	case 2:
		call3(vcpu_op, VCPUOP_set_periodic_timer, other, &often);
		return;
	case 3:
		call3(vcpu_op, VCPUOP_stop_periodic_timer, other, 0);
		return;
	case 4:
		call3(vcpu_op, VCPUOP_stop_singleshot_timer, c->id, 0);
		return;
	default:
		HANDLE(p.ports, &wake_ports[c->id]);
		p.nr_ports = one_in(c, 2);
		call2(sched_op, SCHEDOP_poll, &p);
		goto woken;
	}
	call2(sched_op, SCHEDOP_block, 0);
	shared_info->vcpu_info[c->id].evtchn_upcall_mask = 1;
woken:
	add(hits);
	if ((int64_t)(system_time() - begin) > (int64_t)LOST_NS)
		wrong(c, "a timer was lost or late", system_time() - begin);
}

static void leave_timers(struct cpu *c)
{
	call3(vcpu_op, VCPUOP_stop_periodic_timer, c->id, 0);
}

const struct storm events = { "events", NULL, step_events, leave_events, close_events };
const struct storm resets = { "resets", open_resets, step_resets, leave_events, close_resets };
const struct storm wakes = { "wakes", open_wakes, step_wakes, leave_wakes, NULL };
const struct storm timers = { "timers", open_wakes, step_timers, leave_timers, NULL };
