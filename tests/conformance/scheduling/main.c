/* SPDX-License-Identifier: MIT */
/* scheduling - sched_op: giving the CPU back, for a while, and all but for
 * ever. What ends us for good is for tests that outlive a guest.
 */
#include "scheduling.h"

const char suite_name[] = "scheduling";

static void commands(void)
{
	static const int unknown[] = { 8, 9, 63, 64, 255, 0x7fffffff, -1 };
	static const int not_old[] = { SCHEDOP_poll, SCHEDOP_remote_shutdown,
		SCHEDOP_shutdown_code, SCHEDOP_watchdog, SCHEDOP_pin_override,
		8, -1 };

	rule("sched_op: an unknown command is ENOSYS");
	for (int i = 0; i < 7; i++)
		want(call(sched_op, unknown[i], 0), -XEN_ENOSYS);
	rule("sched_op: a command is 32 bits of its argument");
	want(call(sched_op, 1ul << 32 | SCHEDOP_yield, 0), 0);
	rule("sched_op: the old number yields, blocks and shuts down, no more");
	for (int i = 0; i < 7; i++)
		want(call(sched_op_compat, not_old[i], BAD_POINTER),
		     -XEN_ENOSYS);
}

static void yielding(void)
{
	unsigned int before = upcalls;

	rule("yield: comes back with 0, whatever its argument");
	want(sched(yield, 0), 0);
	want(sched(yield, BAD_POINTER), 0);
	want(call(sched_op_compat, SCHEDOP_yield, BAD_POINTER), 0);
	rule("yield: does not touch the event mask");
	want(shared->vcpu_info[0].evtchn_upcall_mask, 1);
	shared->vcpu_info[0].evtchn_upcall_mask = 0;
	want(sched(yield, 0), 0);
	want(shared->vcpu_info[0].evtchn_upcall_mask, 0);
	events_mask();
	want(upcalls, before);
	rule("yield: waits for no timer");
	timer_clear();
	want(call(set_timer_op, now() + 100000000 * MS), 0);
	want(sched(yield, 0), 0);
	want(call(set_timer_op, 0), 0);
}

static void blocking(void)
{
	evtchn_port_t ipi = ipi_port(0);
	unsigned int before = upcalls;
	uint64_t start;

	rule("block: unmasks events and sleeps until one comes");
	timer_clear();
	start = now();
	want(call(set_timer_op, start + 20 * MS), 0);
	want(sched(block, 0), 0);
	want_true(not_before(now(), start + 20 * MS));
	want(upcalls, before + 1);
	want(last_port, timer_port);
	rule("block: events are unmasked after it");
	want(shared->vcpu_info[0].evtchn_upcall_mask, 0);
	rule("block: its argument does not matter");
	events_mask();
	want(call(set_timer_op, now() + 5 * MS), 0);
	want(sched(block, BAD_POINTER), 0);
	want(upcalls, before + 2);
	rule("block: an event that is pending already ends it at once");
	events_mask();
	forget_events();
	want(send(ipi), 0);
	want(sched(block, 0), 0);
	want(upcalls, before + 3);
	want(last_port, ipi);
	rule("block: an event that was delivered already does not end it");
	want(send(ipi), 0);			/* delivered by its return */
	want(upcalls, before + 4);
	events_mask();
	want(call(set_timer_op, now() + 5 * MS), 0);
	want(sched(block, 0), 0);
	want(upcalls, before + 5);
	want(last_port, timer_port);
	rule("block: a port pending without announcement does not end it");
	events_mask();
	timer_clear();
	shared->evtchn_pending[ipi / 64] |= 1ul << ipi % 64;
	start = now();
	want(call(set_timer_op, start + 20 * MS), 0);
	want(sched(block, 0), 0);
	want_true(not_before(now(), start + 20 * MS));
	rule("block: a masked port that is pending does not end it");
	events_mask();
	forget_events();
	port_mask(ipi, true);
	want(send(ipi), 0);
	want(port_pending(ipi), 1);
	start = now();
	want(call(set_timer_op, start + 20 * MS), 0);
	want(sched(block, 0), 0);
	want_true(not_before(now(), start + 20 * MS));
	port_mask(ipi, false);
	rule("block: an announcement alone, with no port, ends it");
	events_mask();
	forget_events();
	before = upcalls;
	shared->vcpu_info[0].evtchn_upcall_pending = 1;
	want(sched(block, 0), 0);
	want(upcalls, before + 1);
	rule("block: the old number blocks too");
	events_mask();
	timer_clear();
	before = upcalls;
	start = now();
	want(call(set_timer_op, start + 10 * MS), 0);
	want(call(sched_op_compat, SCHEDOP_block, 0), 0);
	want_true(not_before(now(), start + 10 * MS));
	want(upcalls, before + 1);
	events_mask();
	want(close_port(ipi), 0);
}

static void ending(void)
{
	struct sched_remote_shutdown other = { NO_DOMAIN, 0 };
	static const domid_t nobody[] = { NO_DOMAIN, DOMID_SELF, DOMID_IO,
					  DOMID_XEN, DOMID_INVALID, 0xffff };

	rule("shutdown: without a reason that can be read it is EFAULT");
	want(sched(shutdown, BAD_POINTER), -XEN_EFAULT);
	want(sched(shutdown, HYPERVISOR_POINTER), -XEN_EFAULT);
	want(sched(shutdown, 0x1000), -XEN_EFAULT);
	rule("remote_shutdown: a bad block is EFAULT");
	want(sched(remote_shutdown, BAD_POINTER), -XEN_EFAULT);
	rule("remote_shutdown: nobody is ESRCH");
	for (int i = 0; i < 6; i++) {
		other.domain_id = nobody[i];
		want(sched(remote_shutdown, &other), -XEN_ESRCH);
	}
	rule("remote_shutdown: a plain guest cannot end the first domain");
	if (is_first_domain()) {
		skip("it can, and would");
		return;
	}
	other.domain_id = 0;
	want(sched(remote_shutdown, &other), -XEN_EPERM);
}

static void watchdogs(void)
{
	struct sched_watchdog w = { 0, 0 };

	rule("watchdog: a bad block is EFAULT");
	want(sched(watchdog, BAD_POINTER), -XEN_EFAULT);
	rule("watchdog: one that was not made is EINVAL, with a time or without");
	for (w.id = 1; w.id <= 2; w.id++) {
		w.timeout = 0;
		want(sched(watchdog, &w), -XEN_EINVAL);
		w.timeout = 1000;
		want(sched(watchdog, &w), -XEN_EINVAL);
	}
	rule("watchdog: there are two, numbered 1 and 2");
	w = (struct sched_watchdog){ 0, 1000 };
	want(sched(watchdog, &w), 1);
	want(sched(watchdog, &w), 2);
	rule("watchdog: a third is ENOSPC, in 32 bits");
	want((int)sched(watchdog, &w), -XEN_ENOSPC);
	rule("watchdog: set anew by its id");
	w.id = 2;
	want(sched(watchdog, &w), 0);
	rule("watchdog: any number of seconds is granted");
	w.timeout = ~0u;
	want(sched(watchdog, &w), 0);
	rule("watchdog: taken away by its id, and then it is none");
	w.timeout = 0;
	want(sched(watchdog, &w), 0);
	want(sched(watchdog, &w), -XEN_EINVAL);
	rule("watchdog: the lowest free number is the next one's");
	w = (struct sched_watchdog){ 1, 0 };
	want(sched(watchdog, &w), 0);
	w = (struct sched_watchdog){ 0, 1000 };
	want(sched(watchdog, &w), 1);
	want(sched(watchdog, &w), 2);
	rule("watchdog: ids above 2 are EINVAL");
	w.id = 3;
	want(sched(watchdog, &w), -XEN_EINVAL);
	w.id = 0x80000001;
	want(sched(watchdog, &w), -XEN_EINVAL);
	w.id = ~0u;
	want(sched(watchdog, &w), -XEN_EINVAL);
	for (w = (struct sched_watchdog){ 1, 0 }; w.id <= 2; w.id++)
		want(sched(watchdog, &w), 0);
}

static void pinning(void)
{
	struct sched_pin_override pin = { 0 };
	bool first = is_first_domain();

	rule("pin_override: EPERM to a plain guest, before its block is read");
	want(sched(pin_override, BAD_POINTER), first ? -XEN_EFAULT : -XEN_EPERM);
	rule("pin_override: to CPU 0");
	want(sched(pin_override, &pin), first ? 0 : -XEN_EPERM);
	rule("pin_override: one that is pinned is EBUSY");
	want(sched(pin_override, &pin), first ? -XEN_EBUSY : -XEN_EPERM);
	rule("pin_override: a negative number undoes it");
	pin.pcpu = -1;
	want(sched(pin_override, &pin), first ? 0 : -XEN_EPERM);
	rule("pin_override: there must be something to undo");
	want(sched(pin_override, &pin), first ? -XEN_EINVAL : -XEN_EPERM);
	pin.pcpu = -0x7fffffff;
	want(sched(pin_override, &pin), first ? -XEN_EINVAL : -XEN_EPERM);
	rule("pin_override: to each CPU that is there");
	for (pin.pcpu = 0; pin.pcpu < (int)cpus(); pin.pcpu++) {
		struct sched_pin_override back = { -1 };

		want(sched(pin_override, &pin), first ? 0 : -XEN_EPERM);
		want(sched(pin_override, &back), first ? 0 : -XEN_EPERM);
	}
	rule("pin_override: a CPU that is not there is EINVAL");
	pin.pcpu = (int)cpus();
	want(sched(pin_override, &pin), first ? -XEN_EINVAL : -XEN_EPERM);
	pin.pcpu = 100000;
	want(sched(pin_override, &pin), first ? -XEN_EINVAL : -XEN_EPERM);
}

/* Last: what is noted stays noted, and is what the suite ends by anyway. */
static void noting(void)
{
	struct sched_shutdown s = { SHUTDOWN_poweroff };

	rule("shutdown_code: a bad block is EFAULT");
	want(sched(shutdown_code, BAD_POINTER), -XEN_EFAULT);
	rule("shutdown_code: noted, and we go on");
	want(sched(shutdown_code, &s), 0);
	rule("shutdown_code: noted again is no error");
	want(sched(shutdown_code, &s), 0);
}

void suite_main(void)
{
	rule("the timer's interrupt can be bound");
	want(timer_open(), 0);
	commands();
	yielding();
	blocking();
	polling();
	ending();
	watchdogs();
	pinning();
	noting();
}
