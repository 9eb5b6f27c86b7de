/* SPDX-License-Identifier: MIT */
/* vcpus - blocking, timers, run states, areas, and what is refused. */
#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "lib.h"

const char suite_name[] = "vcpus";

#define vcpu_op(cmd, vcpu, arg)	call(vcpu_op, VCPUOP_##cmd, vcpu, arg)
#define sched(cmd, arg)		call(sched_op, SCHEDOP_##cmd, arg)
#define event(cmd, arg)		call(event_channel_op, EVTCHNOP_##cmd, arg)
#define MS			1000000ul
#define NO_VCPU			1000

static volatile struct vcpu_info *info;
static evtchn_port_t timer_port;

/* Nanoseconds since boot, as the ABI says. */
static uint64_t system_time(void)
{
	volatile struct vcpu_time_info *t = &info->time;
	uint32_t version, low, high;
	uint64_t delta, ns;

	do {
		version = t->version;
		asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
		delta = ((uint64_t)high << 32 | low) - t->tsc_timestamp;
		delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
		ns = t->system_time + (uint64_t)((unsigned __int128)delta *
						 t->tsc_to_system_mul >> 32);
	} while ((version & 1) || version != t->version);
	return ns;
}

static void timer_clear(void)
{
	port_clear(timer_port);
	info->evtchn_pending_sel = 0;
	info->evtchn_upcall_pending = 0;
}

/* Waits for the timer's port without sleeping; false after so long. */
static bool timer_within(uint64_t ns)
{
	uint64_t until = system_time() + ns;

	while (!port_pending(timer_port))
		if (system_time() > until)
			return false;
	return true;
}

static void arguments(void)
{
	rule("an unknown sub-call is ENOSYS");
	want(call(vcpu_op, 99, 0, 0), -XEN_ENOSYS);
	want(call(sched_op, 99, 0), -XEN_ENOSYS);
	want(call(sched_op_compat, 99, 0), -XEN_ENOSYS);
	want(call(sched_op_compat, SCHEDOP_poll, 0), -XEN_ENOSYS);
	rule("a vCPU that is not there is ENOENT, before all else");
	want(call(vcpu_op, 99, NO_VCPU, 0), -XEN_ENOENT);
	want(vcpu_op(is_up, NO_VCPU, 0), -XEN_ENOENT);
	want(vcpu_op(is_up, 0x80000000, 0), -XEN_ENOENT);
	want(vcpu_op(initialise, NO_VCPU, BAD_POINTER), -XEN_ENOENT);
	want(vcpu_op(set_singleshot_timer, NO_VCPU, BAD_POINTER), -XEN_ENOENT);
	rule("a bad pointer is EFAULT");
	want(vcpu_op(initialise, 0, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(get_runstate_info, 0, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(register_runstate_memory_area, 0, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(set_periodic_timer, 0, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(set_singleshot_timer, 0, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(register_vcpu_info, 0, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(register_vcpu_time_memory_area, 0, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(get_runstate_info, 0, HYPERVISOR_POINTER), -XEN_EFAULT);
	want(sched(shutdown, BAD_POINTER), -XEN_EFAULT);
	want(sched(poll, BAD_POINTER), -XEN_EFAULT);
	want(sched(remote_shutdown, BAD_POINTER), -XEN_EFAULT);
	want(sched(shutdown_code, BAD_POINTER), -XEN_EFAULT);
	want(sched(watchdog, BAD_POINTER), -XEN_EFAULT);
	rule("send_nmi takes no argument");
	want(vcpu_op(send_nmi, 0, 8), -XEN_EINVAL);
	rule("a remote shutdown of nobody is ESRCH");
	want(sched(remote_shutdown, (&(struct sched_remote_shutdown){ 0x7000, 0 })),
	     -XEN_ESRCH);
	want(sched(remote_shutdown, (&(struct sched_remote_shutdown){ DOMID_SELF, 0 })),
	     -XEN_ESRCH);
}

static void up_and_down(void)
{
	static struct vcpu_guest_context context;
	struct vcpu_get_physid id = { ~0ul };

	rule("the first vCPU is up, and up already is no error");
	want(vcpu_op(is_up, 0, 0), 1);
	want(vcpu_op(up, 0, 0), 0);
	rule("a vCPU that runs cannot be initialised");
	want(vcpu_op(initialise, 0, &context), -XEN_EEXIST);
	rule("where there is one CPU the first domain learns its ids");
	want(vcpu_op(get_physid, 0, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(get_physid, 0, &id), 0);
	want(xen_vcpu_physid_to_x86_apicid(id.phys_id), 0);
	want(xen_vcpu_physid_to_x86_acpiid(id.phys_id), 0);
}

static void singleshot(void)
{
	struct vcpu_set_singleshot_timer t = { 0, 0 };
	uint64_t start;

	rule("a singleshot timer of the past is due at once");
	timer_clear();
	want(vcpu_op(set_singleshot_timer, 0, &t), 0);
	want_true(timer_within(5 * MS));
	rule("whether it must lie in the future does not matter");
	timer_clear();
	t.flags = VCPU_SSHOTTMR_future;
	want(vcpu_op(set_singleshot_timer, 0, &t), 0);
	want_true(timer_within(5 * MS));
	rule("a negative time is past");
	t.timeout_abs_ns = 1ul << 63;
	t.flags = 0;
	timer_clear();
	want(vcpu_op(set_singleshot_timer, 0, &t), 0);
	want_true(timer_within(5 * MS));
	rule("it comes once, not before its time");
	timer_clear();
	start = system_time();
	t.timeout_abs_ns = start + 10 * MS;
	want(vcpu_op(set_singleshot_timer, 0, &t), 0);
	want_true(timer_within(200 * MS));
	want_true(system_time() >= start + 10 * MS);
	timer_clear();
	want_true(!timer_within(20 * MS));
	rule("stopped, it does not come");
	t.timeout_abs_ns = system_time() + 10 * MS;
	t.flags = 0;
	want(vcpu_op(set_singleshot_timer, 0, &t), 0);
	want(vcpu_op(stop_singleshot_timer, 0, 0), 0);
	want_true(!timer_within(20 * MS));
	rule("set_timer_op sets the same timer; 0 stops it");
	want(call(set_timer_op, system_time() + 5 * MS), 0);
	want_true(timer_within(200 * MS));
	timer_clear();
	want(call(set_timer_op, system_time() + 5 * MS), 0);
	want(call(set_timer_op, 0), 0);
	want_true(!timer_within(20 * MS));
	rule("set_timer_op far ahead means a tenth of a second");
	start = system_time();
	want(call(set_timer_op, start + (1ul << 50) + 1000 * MS), 0);
	want_true(timer_within(1000 * MS));
	want_true(system_time() >= start + 90 * MS);
	timer_clear();
	want(call(set_timer_op, -1l), 0);
	want_true(timer_within(1000 * MS));
	timer_clear();
}

static void periodic(void)
{
	struct vcpu_set_periodic_timer p = { MS - 1 };
	uint64_t start;
	int i;

	rule("a period below 1 ms or above 2^62 is EINVAL");
	want(vcpu_op(set_periodic_timer, 0, &p), -XEN_EINVAL);
	p.period_ns = (1ul << 62) + 1;
	want(vcpu_op(set_periodic_timer, 0, &p), -XEN_EINVAL);
	rule("a periodic timer ticks on");
	p.period_ns = 5 * MS;
	timer_clear();
	start = system_time();
	want(vcpu_op(set_periodic_timer, 0, &p), 0);
	for (i = 0; i < 3; i++) {
		want_true(timer_within(200 * MS));
		timer_clear();
	}
	want_true(system_time() >= start + 10 * MS);
	rule("until it is stopped");
	want(vcpu_op(stop_periodic_timer, 0, 0), 0);
	timer_clear();
	want_true(!timer_within(20 * MS));
}

static void blocking(void)
{
	unsigned int before;
	uint64_t start;

	rule("block unmasks events and sleeps until one comes");
	timer_clear();
	before = upcalls;
	start = system_time();
	want(call(set_timer_op, start + 20 * MS), 0);
	want(sched(block, 0), 0);
	want_true(system_time() >= start + 20 * MS);
	want(upcalls, before + 1);
	want(info->evtchn_upcall_mask, 0);
	rule("block with an event pending returns at once");
	events_mask();
	timer_clear();
	want(call(set_timer_op, 1), 0);
	want_true(timer_within(5 * MS));
	want(sched(block, 0), 0);
	want(upcalls, before + 2);
	events_mask();
	rule("the old number blocks too");
	timer_clear();
	want(call(set_timer_op, system_time() + 5 * MS), 0);
	want(call(sched_op_compat, SCHEDOP_block, 0), 0);
	want(upcalls, before + 3);
	events_mask();
	rule("yield comes back");
	want(sched(yield, 0), 0);
	want(call(sched_op_compat, SCHEDOP_yield, 0), 0);
}

static void polling(void)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, DOMID_SELF, 0 };
	struct sched_poll p;
	evtchn_port_t ports[2] = { timer_port, 0xfffff };
	uint64_t start;

	rule("poll waits for its port, masked or not, until its time");
	port_mask(timer_port, true);
	timer_clear();
	start = system_time();
	want(call(set_timer_op, start + 10 * MS), 0);
	set_xen_guest_handle(p.ports, ports);
	p.nr_ports = 1;
	p.timeout = start + 500 * MS;
	want(sched(poll, &p), 0);
	want_true(system_time() >= start + 10 * MS);
	want_true(system_time() < start + 400 * MS);
	want(port_pending(timer_port), 1);
	port_mask(timer_port, false);
	timer_clear();
	start = system_time();
	p.timeout = start + 10 * MS;
	want(sched(poll, &p), 0);
	want_true(system_time() >= start + 10 * MS);
	rule("poll: a pending port comes before a bad one, not after it");
	p.nr_ports = 2;
	p.timeout = 0;
	want(sched(poll, &p), -XEN_EINVAL);
	want(call(set_timer_op, 1), 0);
	want_true(timer_within(5 * MS));
	want(sched(poll, &p), 0);
	ports[0] = 0xfffff;
	ports[1] = timer_port;
	want(sched(poll, &p), -XEN_EINVAL);
	timer_clear();
	rule("poll: no ports and a time is a sleep");
	start = system_time();
	p.nr_ports = 0;
	p.timeout = start + 10 * MS;
	want(sched(poll, &p), 0);
	want_true(system_time() >= start + 10 * MS);
	rule("poll: a bad list is EFAULT");
	set_xen_guest_handle(p.ports, (evtchn_port_t *)BAD_POINTER);
	p.nr_ports = 1;
	want(sched(poll, &p), -XEN_EFAULT);
	set_xen_guest_handle(p.ports, (evtchn_port_t *)0x1000);
	want(sched(poll, &p), -XEN_EFAULT);
	rule("poll: a closed port is EINVAL");
	set_xen_guest_handle(p.ports, &a.port);
	want(event(alloc_unbound, &a), 0);
	want(event(close, (&(struct evtchn_close){ a.port })), 0);
	want(sched(poll, &p), -XEN_EINVAL);
}

static void watchdogs(void)
{
	struct sched_watchdog w = { 0, 1000 };

	rule("two watchdogs, and no third");
	want(sched(watchdog, &w), 1);
	want(sched(watchdog, &w), 2);
	want((int)sched(watchdog, &w), -XEN_ENOSPC);
	rule("a watchdog is set anew and taken away by its id");
	w.id = 2;
	want(sched(watchdog, &w), 0);
	w.timeout = 0;
	want(sched(watchdog, &w), 0);
	want(sched(watchdog, &w), -XEN_EINVAL);
	w.id = 1;
	want(sched(watchdog, &w), 0);
	rule("ids above 2 are EINVAL");
	w.id = 3;
	want(sched(watchdog, &w), -XEN_EINVAL);
	w.id = ~0u;
	want(sched(watchdog, &w), -XEN_EINVAL);
}

static void runstates(void)
{
	static struct vcpu_runstate_info area, now;
	struct vcpu_register_runstate_memory_area r = { .addr.v = &area };
	uint64_t before, after, sum;
	int i;

	rule("run state: the times add up to a clock that runs");
	want(vcpu_op(get_runstate_info, 0, &now), 0);
	want(now.state, RUNSTATE_running);
	before = now.time[0] + now.time[1] + now.time[2] + now.time[3];
	want(call(set_timer_op, system_time() + 20 * MS), 0);
	want(sched(block, 0), 0);
	events_mask();
	want(vcpu_op(get_runstate_info, 0, &now), 0);
	after = now.time[0] + now.time[1] + now.time[2] + now.time[3];
	want_true(after - before >= 20 * MS);
	want_true(now.time[RUNSTATE_blocked] >= 10 * MS);
	rule("run state: an area is written when registered and after each sleep");
	want(vcpu_op(register_runstate_memory_area, 0, &r), 0);
	want(area.state, RUNSTATE_running);
	before = area.time[RUNSTATE_blocked];
	want(call(set_timer_op, system_time() + 20 * MS), 0);
	want(sched(block, 0), 0);
	events_mask();
	want(area.state, RUNSTATE_running);
	want_true(area.time[RUNSTATE_blocked] >= before + 10 * MS);
	want_true(area.state_entry_time <= system_time());
	for (i = 0, sum = 0; i < 4; i++)
		sum += area.time[i];
	want_true(sum <= system_time());
	rule("run state: with the assist the update flag is gone afterwards");
	want(call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
	want(call(set_timer_op, system_time() + 5 * MS), 0);
	want(sched(block, 0), 0);
	events_mask();
	want(area.state_entry_time >> 63, 0);
	want(area.state, RUNSTATE_running);
	rule("run state: an area that is not mapped does no harm");
	r.addr.p = 0x1000;
	want(vcpu_op(register_runstate_memory_area, 0, &r), 0);
	want(call(set_timer_op, system_time() + 5 * MS), 0);
	want(sched(block, 0), 0);
	events_mask();
	rule("run state: one of the hypervisor's is EFAULT");
	r.addr.v = HYPERVISOR_POINTER;
	want(vcpu_op(register_runstate_memory_area, 0, &r), -XEN_EFAULT);
	r.addr.v = NULL;
	want(vcpu_op(register_runstate_memory_area, 0, &r), 0);
}

static void time_area(void)
{
	static struct vcpu_time_info area;
	struct vcpu_register_time_memory_area r = { .addr.v = &area };

	rule("a time area carries the same clock");
	want(vcpu_op(register_vcpu_time_memory_area, 0, &r), 0);
	want(area.version & 1, 0);
	want(area.tsc_to_system_mul, info->time.tsc_to_system_mul);
	want(area.tsc_shift, info->time.tsc_shift);
	want_true(area.tsc_timestamp != 0);
	r.addr.v = HYPERVISOR_POINTER;
	want(vcpu_op(register_vcpu_time_memory_area, 0, &r), -XEN_EFAULT);
	r.addr.v = NULL;
	want(vcpu_op(register_vcpu_time_memory_area, 0, &r), 0);
}

/* Last: vcpu_info moves for good. */
static void vcpu_info_moves(void)
{
	static PAGE uint8_t page[4096];
	struct vcpu_register_vcpu_info r = { .mfn = virt_to_mfn(page) };
	volatile struct vcpu_info *new = (void *)(page + 128);

	rule("vcpu_info: an offset that does not fit is ENXIO");
	r.offset = 4096 - 63;
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_ENXIO);
	r.offset = 4;
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_ENXIO);
	r.offset = ~7u;
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_ENXIO);
	rule("vcpu_info: a frame that is not ours or a page table is EINVAL");
	r.offset = 128;
	r.mfn = ~0ul;
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_EINVAL);
	r.mfn = 0;
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_EINVAL);
	r.mfn = virt_to_mfn((void *)start_info->pt_base);
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_EINVAL);
	rule("vcpu_info: it moves with its content, all marked pending");
	events_mask();
	timer_clear();
	r.mfn = virt_to_mfn(page);
	want(vcpu_op(register_vcpu_info, 0, &r), 0);
	want(new->evtchn_upcall_mask, 1);
	want(new->evtchn_upcall_pending, 1);
	want_true(new->evtchn_pending_sel == ~0ul);
	want(new->time.tsc_to_system_mul, info->time.tsc_to_system_mul);
	rule("vcpu_info: once and for all");
	r.offset = 256;
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_EINVAL);
	rule("vcpu_info: events go to the new place");
	new->evtchn_pending_sel = 0;
	new->evtchn_upcall_pending = 0;
	port_clear(timer_port);
	want(call(set_timer_op, 1), 0);
	info = new;
	want_true(timer_within(5 * MS));
	want(new->evtchn_upcall_pending, 1);
	want(new->evtchn_pending_sel, 1ul << timer_port / 64);
}

void suite_main(void)
{
	struct evtchn_bind_virq v = { VIRQ_TIMER, 0, 0 };

	info = &shared->vcpu_info[0];
	rule("the timer's interrupt can be bound");
	want(vcpu_op(stop_periodic_timer, 0, 0), 0);
	want(event(bind_virq, &v), 0);
	timer_port = v.port;
	arguments();
	up_and_down();
	singleshot();
	periodic();
	blocking();
	polling();
	watchdogs();
	runstates();
	time_area();
	vcpu_info_moves();
}
