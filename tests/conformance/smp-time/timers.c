/* SPDX-License-Identifier: MIT */
/* timers.c - timers of several vCPUs at once: each its own. */
#include "smp-time.h"

static evtchn_port_t ports[VCPUS_MOST];

static void binding(void)
{
	rule("timers: one port a vCPU, bound by any, to no other");
	for (unsigned int id = 1; id < crew; id++) {
		struct evtchn_bind_virq v = { VIRQ_TIMER, id, 0 };
		struct evtchn_bind_vcpu b = { 0, 0 };

		want(event(bind_virq, &v), 0);
		ports[id] = b.port = v.port;
		port_home[v.port] = (uint8_t)id;
		want(event(bind_virq, &v), -XEN_EEXIST);
		want(event(bind_vcpu, &b), -XEN_EINVAL);
		port_clear(ports[id]);
	}
}

/* What each vCPU's own timers do. */
static struct {
	long rc;
	unsigned int early, strange;
	long other_set, other_stop;
} found[VCPUS_MOST];

static void singleshots(void *arg)
{
	unsigned int id = whoami();
	struct vcpu_set_singleshot_timer t = { 0, 0 };

	(void)arg;
	info_of(id)->evtchn_upcall_pending = 0;
	info_of(id)->evtchn_pending_sel = 0;
	for (unsigned int i = 0; i < 40; i++) {
		t.timeout_abs_ns = my_clock() + (i % 4 + id) * MS / 2;
		lib_vcpus[id].interrupted_by = 0;
		found[id].rc |= vcpu_op(set_singleshot_timer, id, &t);
		call(sched_op, SCHEDOP_block, 0);
		info_of(id)->evtchn_upcall_mask = 1;
		found[id].early += !not_before(my_clock(), t.timeout_abs_ns);
		found[id].strange += lib_vcpus[id].interrupted_by != ports[id];
	}
}

static void own_timers(void)
{
	rule("timers: all vCPUs' singleshots wake their own sleepers, none early");
	for (unsigned int id = 1; id < crew; id++)
		begin(id, singleshots, 0);
	for (unsigned int id = 1; id < crew; id++) {
		want_true(ended(id));
		want(found[id].rc, 0);
		want(found[id].early, 0);
		want(found[id].strange, 0);
	}
}

static struct vcpu_set_singleshot_timer past = { 1, VCPU_SSHOTTMR_future };

static void refusals(void *arg)
{
	unsigned int id = whoami(), other = id == 1 ? 2 : 1;

	(void)arg;
	found[id].rc = vcpu_op(set_singleshot_timer, id, &past);
	found[id].other_set = vcpu_op(set_singleshot_timer, other, &past);
	found[id].other_stop = vcpu_op(stop_singleshot_timer, other, 0);
	found[id].strange = comes(port_pending(ports[id]));
	port_clear(ports[id]);
}

static void refused(void)
{
	rule("timers: a moment past comes at once, though the future be asked for, on any");
	for (unsigned int id = 1; id < crew; id++)
		begin(id, refusals, 0);
	for (unsigned int id = 1; id < crew; id++) {
		want_true(ended(id));
		want(found[id].rc, 0);
		want(found[id].strange, 1);
	}
	rule("timers: another's singleshot is EINVAL to set and to stop");
	for (unsigned int id = 1; id < crew; id++) {
		want(found[id].other_set, -XEN_EINVAL);
		want(found[id].other_stop, -XEN_EINVAL);
	}
}

static volatile bool enough;
static volatile unsigned int ticks[VCPUS_MOST];

/* Works, and is interrupted by its tick. */
static void tick(void *arg)
{
	unsigned int id = whoami(), before = lib_vcpus[id].interrupted;

	(void)arg;
	info_of(id)->evtchn_upcall_mask = 0;
	while (!enough)
		ticks[id] = lib_vcpus[id].interrupted - before;
	info_of(id)->evtchn_upcall_mask = 1;
}

static void periodic(void)
{
	struct vcpu_set_periodic_timer p = { 5 * MS };

	rule("timers: a tick that another vCPU sets interrupts who works, again and again");
	enough = false;
	for (unsigned int id = 1; id < crew; id++) {
		begin(id, tick, 0);
		want(vcpu_op(set_periodic_timer, id, &p), 0);
	}
	for (unsigned int id = 1; id < crew; id++)
		want_true(comes(ticks[id] >= 10));
	rule("timers: each tick is its vCPU's own port");
	for (unsigned int id = 1; id < crew; id++)
		want(lib_vcpus[id].interrupted_by, ports[id]);
	rule("timers: stopped by another vCPU there are no more");
	for (unsigned int id = 1; id < crew; id++)
		want(vcpu_op(stop_periodic_timer, id, 0), 0);
	enough = true;
	for (unsigned int id = 1; id < crew; id++) {
		want_true(ended(id));
		port_clear(ports[id]);
	}
	rest(30 * MS);
	for (unsigned int id = 1; id < crew; id++)
		want(port_pending(ports[id]), 0);
}

/* A timer is set, and its vCPU taken down before it comes. */
static void set_and_toil(void *arg)
{
	unsigned int id = whoami();
	struct vcpu_set_singleshot_timer t = { my_clock() + 20 * MS, 0 };

	(void)arg;
	found[id].rc = vcpu_op(set_singleshot_timer, id, &t);
	ticks[id] = 1;
	while (!enough)
		asm volatile("pause");
}

static void while_down(void)
{
	rule("timers: one set before its vCPU went down comes, there or when it is up");
	enough = false;
	ticks[1] = 0;
	port_clear(ports[1]);
	begin(1, set_and_toil, 0);
	want_true(comes(ticks[1]));
	want(vcpu_op(down, 1, 0), 0);
	rest(50 * MS);
	want(vcpu_op(up, 1, 0), 0);
	want(found[1].rc, 0);
	want_true(comes(port_pending(ports[1])));
	enough = true;
	want_true(ended(1));
}

void timers(void)
{
	binding();
	own_timers();
	refused();
	periodic();
	while_down();
}
