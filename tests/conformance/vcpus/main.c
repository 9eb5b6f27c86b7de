/* SPDX-License-Identifier: MIT */
/* vcpus - vcpu_op: who is there and up, contexts, areas, NMIs. Its timers and
 * clocks are in the suite clocks.
 */
#include <xen/callback.h>
#include <xen/nmi.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "crew.h"
#include "events.h"
#include "time.h"

const char suite_name[] = "vcpus";

#define vcpu_op(cmd, vcpu, arg)	call(vcpu_op, VCPUOP_##cmd, vcpu, arg)
#define LENGTH(array)		(sizeof(array) / sizeof((array)[0]))

static volatile struct vcpu_info *info;

/* Commands, and whether they take an argument to be read or written. */
static const struct command {
	int number;
	bool pointer;
} commands[] = {
	{ VCPUOP_initialise, true },
	{ VCPUOP_up, false },
	{ VCPUOP_is_up, false },
	{ VCPUOP_get_runstate_info, true },
	{ VCPUOP_register_runstate_memory_area, true },
	{ VCPUOP_set_periodic_timer, true },
	{ VCPUOP_stop_periodic_timer, false },
	{ VCPUOP_set_singleshot_timer, true },
	{ VCPUOP_stop_singleshot_timer, false },
	{ VCPUOP_register_vcpu_info, true },
	{ VCPUOP_send_nmi, false },
	{ VCPUOP_get_physid, false },	/* asks first who is pinned */
	{ VCPUOP_register_vcpu_time_memory_area, true },
};

static void arguments(void)
{
	static const unsigned int nobody[] = { 1000, 8192, 0x7fffffff,
					       0x80000000, ~0u };
	static const int unknown[] = { 14, 15, 63, 64, 99, 0x7fffffff, -1 };
	void *const bad[] = { BAD_POINTER, HYPERVISOR_POINTER, (void *)0x1000,
			      NULL };

	rule("an unknown command is ENOSYS");
	for (size_t i = 0; i < LENGTH(unknown); i++)
		want(call(vcpu_op, unknown[i], 0, 0), -XEN_ENOSYS);
	rule("a vCPU that is not there is ENOENT, whatever the command");
	for (size_t i = 0; i < LENGTH(nobody); i++)
		for (int cmd = 0; cmd < 20; cmd++)
			want(call(vcpu_op, cmd, nobody[i], BAD_POINTER),
			     -XEN_ENOENT);
	rule("a vCPU's number is 32 bits of its argument");
	want(vcpu_op(is_up, 1ul << 32, 0), 1);
	rule("an argument that cannot be read or written is EFAULT");
	for (size_t i = 0; i < LENGTH(commands); i++)
		for (size_t k = 0; k < LENGTH(bad); k++)
			if (commands[i].pointer)
				want(call(vcpu_op, commands[i].number, 0,
					  bad[k]), -XEN_EFAULT);
	rule("where no argument is taken none is looked at");
	want(vcpu_op(is_up, 0, BAD_POINTER), 1);
	want(vcpu_op(up, 0, BAD_POINTER), 0);
	want(vcpu_op(stop_periodic_timer, 0, BAD_POINTER), 0);
	want(vcpu_op(stop_singleshot_timer, 0, BAD_POINTER), 0);
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
	rule("one that nobody pinned may not know where it is, if there are CPUs to choose from");
	if (is_first_domain() && cpus() == 1) {
		skip("the first domain's only CPU counts as its pin");
	} else {
		want(vcpu_op(get_physid, 0, BAD_POINTER), -XEN_EINVAL);
		want(vcpu_op(get_physid, 0, &id), -XEN_EINVAL);
		want_true(id.phys_id == ~0ul);
	}
	rule("where there is one CPU the first domain learns its ids");
	if (!is_first_domain() || cpus() > 1) {
		skip("it is for the first domain, on one CPU");
		return;
	}
	want(vcpu_op(get_physid, 0, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(get_physid, 0, &id), 0);
	want(xen_vcpu_physid_to_x86_apicid(id.phys_id), 0);
	want(xen_vcpu_physid_to_x86_acpiid(id.phys_id), 0);
}

static void raise_nmi(void *result)
{
	*(long *)result = vcpu_op(send_nmi, 0, 0);
}

static void nmis(void)
{
	struct xennmi_callback c = { .handler_address = 1ul << 47 };
	long rc = 1;

	rule("send_nmi: takes no argument");
	want(vcpu_op(send_nmi, 0, 8), -XEN_EINVAL);
	want(vcpu_op(send_nmi, 0, BAD_POINTER), -XEN_EINVAL);
	rule("send_nmi: to oneself it comes with the call's return");
	want_true(traps(raise_nmi, &rc));
	want(trapped.vector, 2);
	rule("send_nmi: what was interrupted had the call's answer");
	want(trapped.rax, 0);
	want(rc, 1);				/* not stored yet */
	rule("nmi_op: a bad block is EFAULT");
	want(call(nmi_op, XENNMI_register_callback, BAD_POINTER), -XEN_EFAULT);
	rule("nmi_op: an address that is not canonical is EINVAL");
	want(call(nmi_op, XENNMI_register_callback, &c), -XEN_EINVAL);
	rule("nmi_op: an unknown command is ENOSYS");
	want(call(nmi_op, 2, &c), -XEN_ENOSYS);
	want(call(nmi_op, -1, &c), -XEN_ENOSYS);
	rule("nmi_op: an address can be registered and taken back");
	c.handler_address = (unsigned long)entry_stub(2);
	want(call(nmi_op, XENNMI_register_callback, &c), 0);
	want(call(nmi_op, XENNMI_unregister_callback, BAD_POINTER), 0);
	want(call(nmi_op, XENNMI_unregister_callback, 0), 0);
}

/* Places for a vcpu_info that are refused. */
static void bad_places(unsigned long mfn)
{
	static const uint32_t offsets[] = { 4096 - 63, 4096 - 56, 4, 1, 4096,
		1u << 31, ~7u, ~0u };
	const unsigned long frames[] = { ~0ul, 0, 1ul << 40, 0xb8,
		virt_to_mfn((void *)start_info->pt_base) };
	struct vcpu_register_vcpu_info r = { .mfn = mfn };

	rule("vcpu_info: an offset that does not fit is ENXIO");
	for (size_t i = 0; i < LENGTH(offsets); i++) {
		r.offset = offsets[i];
		want(vcpu_op(register_vcpu_info, 0, &r), -XEN_ENXIO);
	}
	rule("vcpu_info: the offset is looked at before the frame");
	r.mfn = ~0ul;
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_ENXIO);
	rule("vcpu_info: a frame that is not ours, or a page table, is EINVAL");
	r.offset = 128;
	for (size_t i = 0; i < LENGTH(frames); i++) {
		r.mfn = frames[i];
		want(vcpu_op(register_vcpu_info, 0, &r), -XEN_EINVAL);
	}
	rule("vcpu_info: what was refused left it where it was");
	forget_events();
	want(call(set_timer_op, 1), 0);
	want_true(timer_comes());
	want_true(comes(info->evtchn_upcall_pending));
}

static void a_vcpu_that_is_down(void)
{
	static PAGE uint8_t page[4096];
	struct vcpu_register_vcpu_info r = { .mfn = virt_to_mfn(page),
					     .offset = 4096 - 64 };
	volatile struct vcpu_info *new = (void *)(page + 4096 - 64);
	struct vcpu_runstate_info state;

	rule("down: one that was never up is not up");
	want(vcpu_op(is_up, 1, 0), 0);
	rule("down: it cannot go up before it has a state");
	want(vcpu_op(up, 1, 0), -XEN_EINVAL);
	rule("down: down again is no error");
	want(vcpu_op(down, 1, 0), 0);
	rule("down: its run state is offline");
	want(vcpu_op(get_runstate_info, 1, &state), 0);
	want(state.state, RUNSTATE_offline);
	want(state.time[RUNSTATE_running], 0);
	rule("down: its singleshot timer is its own");
	want(vcpu_op(set_singleshot_timer, 1, BAD_POINTER), -XEN_EINVAL);
	want(vcpu_op(stop_singleshot_timer, 1, 0), -XEN_EINVAL);
	rule("down: its vcpu_info may be moved by another, to the page's end");
	want(vcpu_op(register_vcpu_info, 1, &r), 0);
	want(new->evtchn_upcall_pending, 1);
	want_true(new->evtchn_pending_sel == ~0ul);
	rule("down: its vcpu_info may be moved only once");
	r.offset = 0;
	want(vcpu_op(register_vcpu_info, 1, &r), -XEN_EINVAL);
	rule("down: events for it are noted in the new place");
	new->evtchn_pending_sel = 0;
	new->evtchn_upcall_pending = 0;
	want(send(ipi_port(1)), 0);
	want(new->evtchn_upcall_pending, 1);
	want_true(new->evtchn_pending_sel != 0);
	rule("down: an NMI for it is no error");
	want(vcpu_op(send_nmi, 1, 0), 0);
}

/* Last: vcpu_info moves for good. */
static void vcpu_info_moves(void)
{
	static PAGE uint8_t page[4096];
	struct vcpu_register_vcpu_info r = { .mfn = virt_to_mfn(page),
					     .offset = 128 };
	volatile struct vcpu_info *new = (void *)(page + 128);
	uint64_t before;

	bad_places(r.mfn);
	rule("vcpu_info: it moves with its content, all marked pending");
	events_mask();
	timer_clear();
	want(vcpu_op(register_vcpu_info, 0, &r), 0);
	want(new->evtchn_upcall_mask, 1);
	want(new->evtchn_upcall_pending, 1);
	want_true(new->evtchn_pending_sel == ~0ul);
	want(new->time.tsc_to_system_mul, info->time.tsc_to_system_mul);
	rule("vcpu_info: nothing else of the page is touched");
	for (int i = 0; i < 4096; i++)
		if (i < 128 || i >= 128 + 64)
			want(page[i], 0);
	rule("vcpu_info: its new place tells the clock");
	before = clock_of(&new->time);
	want_true(before != 0);
	want_true(not_before(clock_of(&new->time), before));
	rule("vcpu_info: it can be moved only once");
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_EINVAL);
	r.offset = 256;
	want(vcpu_op(register_vcpu_info, 0, &r), -XEN_EINVAL);
	rule("vcpu_info: events go to the new place, not the old one");
	info->evtchn_pending_sel = 0;
	info->evtchn_upcall_pending = 0;
	new->evtchn_pending_sel = 0;
	new->evtchn_upcall_pending = 0;
	port_clear(timer_port);
	want(call(set_timer_op, 1), 0);
	while (!port_pending(timer_port))
		call(sched_op, SCHEDOP_yield, 0);
	want_true(comes(new->evtchn_upcall_pending));
	want(new->evtchn_pending_sel, 1ul << timer_port / 64);
	want(info->evtchn_upcall_pending, 0);
	rule("vcpu_info: the new place's mask is the one that counts");
	info->evtchn_upcall_mask = 0;
	before = upcalls;
	call(xen_version, 0, 0);
	want(upcalls, before);
}

void suite_main(void)
{
	info = &shared->vcpu_info[0];
	rule("the timer's interrupt can be bound");
	want(timer_open(), 0);
	arguments();
	up_and_down();
	nmis();
	if (vcpu_op(is_up, 1, 0) == -XEN_ENOENT) {
		rule("down: there is a second vCPU");
		skip("this domain has one");
	} else {
		a_vcpu_that_is_down();
	}
	vcpu_info_moves();
}
