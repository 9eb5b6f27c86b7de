/* SPDX-License-Identifier: MIT */
/* tools.c - the control domain's vCPUs make, change and end the same domains at
 * once, and have each other's registers read. As first domain only.
 *
 * Which of the calls succeed is a matter of luck; that each comes back, that
 * nothing is left of any domain, and that the books are right is not.
 */
#include <public/domctl.h>
#include <public/errno.h>
#include <public/sysctl.h>

#include "race.h"

#define DOMAINS		5
#define PAGES		16

/* What each vCPU asks with, and is answered in. */
static struct {
	struct xen_domctl op;
	struct vcpu_guest_context context;
	struct vcpu_time_info clock;
	struct vcpu_runstate_info state;
	struct xen_domctl_getdomaininfo list[DOMAINS + 1];
	unsigned long frames[PAGES];
	uint64_t map;
} desks[CPUS] PAGE;

static long ask(struct cpu *c, uint32_t cmd, unsigned int id)
{
	struct xen_domctl *op = &desks[c->id].op;
	long rc;

	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = (domid_t)id;
	rc = call2(domctl, op, 0);
	if (!rc)
		add(hits);
	return rc;
}

static void make(struct cpu *c, unsigned int id)
{
	struct xen_domctl *op = &desks[c->id].op;
	unsigned int n = one_in(c, 4) ? 64 : 1 + (unsigned int)(chance(c) % 4);

	op->u.createdomain = (struct xen_domctl_createdomain){
		.max_vcpus = n, .max_evtchn_port = 1023, .max_grant_frames = 4,
		.max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	ask(c, XEN_DOMCTL_createdomain, id);
	op->u.max_vcpus.max = n;
	ask(c, XEN_DOMCTL_max_vcpus, id);
	op->u.max_mem.max_memkb = 4 * PAGES * 4;
	ask(c, XEN_DOMCTL_max_mem, id);
}

static void fill(struct cpu *c, unsigned int id)
{
	struct xen_memory_reservation r = { .nr_extents = PAGES, .domid = (domid_t)id };

	for (unsigned int i = 0; i < PAGES; i++)
		desks[c->id].frames[i] = i;
	HANDLE(r.extent_start, desks[c->id].frames);
	call2(memory_op, XENMEM_populate_physmap, &r);
}

static void send_to(struct cpu *c, unsigned int id)
{
	struct evtchn_alloc_unbound a = { .dom = (domid_t)id, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain b = { .remote_dom = (domid_t)id };
	struct evtchn_reset reset = { .dom = (domid_t)id };

	if (one_in(c, 8))
		call2(event_channel_op, EVTCHNOP_reset, &reset);
	if (call2(event_channel_op, EVTCHNOP_alloc_unbound, &a))
		return;
	b.remote_port = a.port;
	if (call2(event_channel_op, EVTCHNOP_bind_interdomain, &b))
		return;
	send(b.local_port);
	if (!one_in(c, 4))
		close_port(b.local_port);
}

/* Another vCPU of ours: it runs. */
static void look_at_another(struct cpu *c)
{
	unsigned int id = (c->id + 1 + (unsigned int)(chance(c) % (vcpus - 1))) % vcpus;
	struct xen_domctl *op = &desks[c->id].op;
	struct vcpu_set_periodic_timer often = { MS + chance(c) % (5 * MS) };
	struct vcpu_register_time_memory_area clock = { .addr.p = (uint64_t)&desks[id].clock };
	struct vcpu_register_runstate_memory_area state = { .addr.p = (uint64_t)&desks[id].state };

	switch (chance(c) % 6) {
	case 0:
		op->u.vcpucontext.vcpu = id;
		HANDLE(op->u.vcpucontext.ctxt, &desks[c->id].context);
		if (ask(c, XEN_DOMCTL_getvcpucontext, 0))
			wrong(c, "a vCPU's registers cannot be read", id);
		break;
	case 1:
		desks[c->id].map = 1 + chance(c) % 15;
		op->u.vcpuaffinity = (struct xen_domctl_vcpuaffinity){
			.vcpu = id, .flags = XEN_VCPUAFFINITY_HARD,
		};
		HANDLE(op->u.vcpuaffinity.cpumap_hard.bitmap, (uint8_t *)&desks[c->id].map);
		op->u.vcpuaffinity.cpumap_hard.nr_bits = 64;
		ask(c, XEN_DOMCTL_setvcpuaffinity, 0);
		break;
	case 2:
		call3(vcpu_op, VCPUOP_set_periodic_timer, id, &often);
		break;
	case 3:
		call3(vcpu_op, VCPUOP_stop_periodic_timer, id, 0);
		break;
	case 4:
		call3(vcpu_op, VCPUOP_register_vcpu_time_memory_area, id, &clock);
		break;
	default:
		call3(vcpu_op, VCPUOP_register_runstate_memory_area, id, &state);
	}
}

static void look_at_all(struct cpu *c)
{
	struct xen_sysctl s = {
		.cmd = XEN_SYSCTL_getdomaininfolist,
		.interface_version = XEN_SYSCTL_INTERFACE_VERSION,
	};

	s.u.getdomaininfolist.max_domains = COUNT(desks[c->id].list);
	HANDLE(s.u.getdomaininfolist.buffer, desks[c->id].list);
	if (call2(sysctl, &s, 0))
		wrong(c, "the domains cannot be listed", 0);
}

static void step(struct cpu *c)
{
	unsigned int id = 1 + (unsigned int)(chance(c) % DOMAINS);
	struct sched_remote_shutdown stop = { (domid_t)id, SHUTDOWN_poweroff };
	struct xen_domctl *op = &desks[c->id].op;

	add(rounds);
	switch (chance(c) % 12) {
	case 0:
	case 1:
		make(c, id);
		break;
	case 2:
		ask(c, XEN_DOMCTL_destroydomain, id);
		break;
	case 3:
		ask(c, one_in(c, 2) ? XEN_DOMCTL_pausedomain : XEN_DOMCTL_unpausedomain, id);
		break;
	case 4:
		fill(c, id);
		break;
	case 5:
		send_to(c, id);
		break;
	case 6:
		op->u.vcpucontext.vcpu = (uint32_t)(chance(c) % 3);
		HANDLE(op->u.vcpucontext.ctxt, &desks[c->id].context);
		ask(c, one_in(c, 2) ? XEN_DOMCTL_getvcpucontext : XEN_DOMCTL_setvcpucontext, id);
		break;
	case 7:
		call2(sched_op, SCHEDOP_remote_shutdown, &stop);
		ask(c, XEN_DOMCTL_resumedomain, id);
		break;
	case 8:
		op->u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_NMI;
		op->u.sendtrigger.vcpu = 0;
		ask(c, XEN_DOMCTL_sendtrigger, id);
		break;
	case 9:
		look_at_all(c);
		break;
	default:
		look_at_another(c);
	}
}

/* All go, and none comes back. */
static void end_all(void)
{
	for (unsigned int id = 1; id <= DOMAINS; id++) {
		ask(&cpus[0], XEN_DOMCTL_destroydomain, id);
		while (ask(&cpus[0], XEN_DOMCTL_unpausedomain, id) != -XEN_ESRCH)
			yield();
	}
}

const struct storm tools = { "tools", .step = step, .close = end_all };
