/* SPDX-License-Identifier: MIT */
/* two-vcpus - a second vCPU: starting it, interrupting it, stopping it.
 *
 * The second vCPU keeps its events masked and sleeps in poll; what it is to
 * do next it reads from `task`. Skipped where the domain has one vCPU only
 * (dom0_max_vcpus=2 on the hypervisor's command line gives it two).
 */
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "crew.h"
#include "events.h"
#include "time.h"

const char suite_name[] = "two-vcpus";

#define vcpu_op(cmd, vcpu, arg)	call(vcpu_op, VCPUOP_##cmd, vcpu, arg)
#define sched(cmd, arg)		call(sched_op, SCHEDOP_##cmd, arg)

enum { SLEEP, SPIN, GO_DOWN, SET_TIMER };
static volatile int task;
static volatile uint64_t rounds, timer_rc;
static evtchn_port_t to_second, to_first, second_timer;
static uint8_t stack[16384] __attribute__((aligned(16)));
static struct vcpu_guest_context context;

static void poll_port(evtchn_port_t port, uint64_t timeout)
{
	struct sched_poll p;

	set_xen_guest_handle(p.ports, &port);
	p.nr_ports = 1;
	p.timeout = timeout;
	sched(poll, &p);
}

/* The second vCPU begins here. */
static void second(void)
{
	struct vcpu_set_singleshot_timer t = { 0, 0 };

	for (;;) {
		rounds++;
		switch (task) {
		case SLEEP:
			poll_port(to_second, 0);
			port_clear(to_second);
			send(to_first);
			break;
		case SPIN:
			asm volatile("pause");
			break;
		case GO_DOWN:
			task = SLEEP;
			vcpu_op(down, 1, 0);
			break;
		case SET_TIMER:
			task = SLEEP;
			timer_rc = (uint64_t)vcpu_op(set_singleshot_timer, 1, &t);
			break;
		}
	}
}

/* Sleeps for so long, or until the second vCPU sends. */
static void doze(uint64_t ns)
{
	port_clear(to_first);
	poll_port(to_first, now() + ns);
}

static bool soon(volatile uint64_t *counter, uint64_t above)
{
	uint64_t until = now() + PATIENCE;

	while (*counter <= above)
		if (now() > until)
			return false;
	return true;
}

static bool answered(void)
{
	uint64_t until = now() + PATIENCE;

	while (!port_pending(to_first)) {
		if (now() > until)
			return false;
		sched(yield, 0);
	}
	port_clear(to_first);
	return true;
}

/* The second vCPU has run on the scale that the first one has still: upstream
 * Xen finds it anew each second. */
static bool ran_on(uint32_t scale)
{
	return soon(&rounds, rounds + 10) &&
	       shared->vcpu_info[0].time.tsc_to_system_mul == scale;
}

static void starting(void)
{
	uint64_t before, middle;

	rule("a second vCPU is down, and cannot go up before it has a state");
	want(vcpu_op(is_up, 1, 0), 0);
	want(vcpu_op(up, 1, 0), -XEN_EINVAL);
	rule("a state that is none is EINVAL");
	context.flags = VGCF_in_kernel;
	context.user_regs.rip = (unsigned long)second;
	context.user_regs.rsp = (unsigned long)(stack + sizeof(stack) - 8);
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.user_regs.rflags = 0x200;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.kernel_sp = context.user_regs.rsp;
	context.ctrlreg[3] = xen_pfn_to_cr3(~0ul >> 12);
	want(vcpu_op(initialise, 1, &context), -XEN_EINVAL);
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn(stack));
	want(vcpu_op(initialise, 1, &context), -XEN_EINVAL);
	want(vcpu_op(is_up, 1, 0), 0);
	rule("a second vCPU is initialised once, and not up by that");
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn((void *)start_info->pt_base));
	want(vcpu_op(initialise, 1, &context), 0);
	want(vcpu_op(initialise, 1, &context), -XEN_EEXIST);
	want(vcpu_op(is_up, 1, 0), 0);
	want(rounds, 0);
	rule("a second vCPU that is up runs, though nobody gives it the CPU");
	to_second = ipi_port(1);
	to_first = ipi_port(0);
	port_mask(to_first, true);
	shared->vcpu_info[1].evtchn_upcall_mask = 1;
	task = SPIN;
	want(vcpu_op(up, 1, 0), 0);
	want(vcpu_op(is_up, 1, 0), 1);
	want_true(soon(&rounds, 10));
	rule("both vCPUs have the same clock");
	if (!slack()) {
		want_true(comes(ran_on(shared->vcpu_info[0].time.tsc_to_system_mul)));
		want(shared->vcpu_info[1].time.tsc_to_system_mul,
		     shared->vcpu_info[0].time.tsc_to_system_mul);
	}
	before = now();
	middle = clock_of(&shared->vcpu_info[1].time);
	want_true(not_before(middle + MS, before));
	want_true(not_before(now() + MS, middle));
}

static void events(void)
{
	struct evtchn_bind_virq v = { VIRQ_TIMER, 1, 0 };
	struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };
	struct evtchn_bind_interdomain i = { DOMID_SELF, 0, 0 };
	volatile struct vcpu_info *info = &shared->vcpu_info[1];
	uint64_t before;

	rule("an IPI wakes the vCPU that polls for it");
	task = SLEEP;
	want_true(send(to_second) == 0 && answered());
	before = rounds;
	want_true(send(to_second) == 0 && answered());
	want_true(comes(rounds > before));
	rule("a second vCPU's timer is its own");
	want(event(bind_virq, &v), 0);
	second_timer = v.port;
	want(event(bind_virq, &v), -XEN_EEXIST);
	port_clear(second_timer);
	want(vcpu_op(set_singleshot_timer, 1, &i), -XEN_EINVAL);
	want(vcpu_op(stop_singleshot_timer, 1, 0), -XEN_EINVAL);
	want(vcpu_op(stop_periodic_timer, 1, 0), 0);
	port_clear(second_timer);
	task = SET_TIMER;
	want_true(send(to_second) == 0 && answered());
	sched(yield, 0);
	want_true(send(to_second) == 0 && answered());
	want(timer_rc, 0);
	want_true(comes(port_pending(second_timer)));
	rule("a port moved to it marks its vcpu_info, not the first one's");
	want(event(alloc_unbound, &a), 0);
	i.remote_port = a.port;
	want(event(bind_interdomain, &i), 0);
	port_clear(a.port);
	want(event(bind_vcpu, (&(struct evtchn_bind_vcpu){ a.port, 1 })), 0);
	want(event(bind_vcpu, (&(struct evtchn_bind_vcpu){ a.port, 9 })), -XEN_ENOENT);
	info->evtchn_pending_sel = shared->vcpu_info[0].evtchn_pending_sel = 0;
	info->evtchn_upcall_pending = shared->vcpu_info[0].evtchn_upcall_pending = 0;
	want(send(i.local_port), 0);
	want(port_pending(a.port), 1);
	want(info->evtchn_upcall_pending, 1);
	want(shared->vcpu_info[0].evtchn_upcall_pending, 0);
}

static int state(void)
{
	struct vcpu_runstate_info r = { .state = -1 };

	want(vcpu_op(get_runstate_info, 1, &r), 0);
	return r.state;
}

static void asking(void)
{
	static PAGE uint8_t page[4096];
	struct vcpu_runstate_info r;
	struct vcpu_register_vcpu_info v = { .mfn = virt_to_mfn(page) };
	uint64_t before;

	/* Whatever woke it: it sleeps again before long. */
	shared->vcpu_info[1].evtchn_upcall_pending = 0;
	rule("run state: one that sleeps is blocked");
	want_true(comes(state() == RUNSTATE_blocked));
	want(vcpu_op(get_runstate_info, 1, &r), 0);
	before = r.time[RUNSTATE_blocked];
	doze(10 * MS);
	want(vcpu_op(get_runstate_info, 1, &r), 0);
	want_true(not_before(r.time[RUNSTATE_blocked], before + 10 * MS));
	rule("run state: one that works is runnable on one CPU while we ask, else running");
	task = SPIN;
	want(send(to_second), 0);
	want_true(soon(&rounds, rounds + 10));
	if (cpus() == 1)
		want(state(), RUNSTATE_runnable);
	else
		want_true(comes(state() == RUNSTATE_running));
	rule("vcpu_info of another that is up does not move");
	want(vcpu_op(register_vcpu_info, 1, &v), -XEN_EINVAL);
}

static void stopping(void)
{
	uint64_t before;

	rule("a vCPU that another puts down stops, and goes on when it is up");
	want(vcpu_op(down, 1, 0), 0);
	want(vcpu_op(is_up, 1, 0), 0);
	want_true(comes(state() == RUNSTATE_offline));
	before = rounds;
	doze(20 * MS);
	want(rounds, before);
	want(vcpu_op(up, 1, 0), 0);
	want_true(soon(&rounds, before + 10));
	rule("a vCPU can put itself down");
	task = GO_DOWN;
	want_true(comes(vcpu_op(is_up, 1, 0) == 0));
	rule("a vCPU that is down can be sent events, which it finds when up");
	port_clear(to_first);
	want(send(to_second), 0);
	doze(20 * MS);
	want(port_pending(to_first), 0);
	want(vcpu_op(up, 1, 0), 0);
	want_true(answered());
	rule("two vCPUs that yield to each other both go on");
	task = SPIN;
	want(send(to_second), 0);
	before = rounds;
	want_true(comes(rounds > before));
}

void suite_main(void)
{
	if (vcpu_op(is_up, 1, 0) == -XEN_ENOENT) {
		rule("there is a second vCPU");
		skip("this domain has one");
		return;
	}
	starting();
	events();
	asking();
	stopping();
}
