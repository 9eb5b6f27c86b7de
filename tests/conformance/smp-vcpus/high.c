/* SPDX-License-Identifier: MIT */
/* high.c - vCPUs above 31: the shared page has no room for their vcpu_info.
 */
#include "smp-vcpus.h"

static evtchn_port_t early;

static void without_a_place(void)
{
	static volatile struct vcpu_runstate_info area;
	struct vcpu_register_runstate_memory_area a = {
		.addr.p = (unsigned long)&area,
	};
	struct vcpu_set_periodic_timer p = { 1000 * MS };
	struct evtchn_bind_virq v = { VIRQ_TIMER, HIGH, 0 };
	struct evtchn_bind_vcpu b = { .vcpu = HIGH };

	rule("above 31: none starts before its vcpu_info has a place");
	want(vcpu_op(initialise, HIGH, vcpu_state(HIGH, suite_main)),
	     -XEN_EINVAL);
	want(vcpu_op(initialise, ALL - 1, vcpu_state(ALL - 1, suite_main)),
	     -XEN_EINVAL);
	want(vcpu_op(up, HIGH, 0), -XEN_EINVAL);
	want(vcpu_op(down, HIGH, 0), 0);
	want(vcpu_op(is_up, HIGH, 0), 0);
	rule("above 31: that is looked at before the state is");
	want(vcpu_op(initialise, HIGH, BAD_POINTER), -XEN_EINVAL);
	rule("31 is the last with a place of its own");
	want(vcpu_op(initialise, 31, BAD_POINTER), -XEN_EFAULT);
	want(vcpu_op(initialise, 32, BAD_POINTER), -XEN_EINVAL);
	rule("above 31: ports can be bound to one without a place");
	early = ipi_port(HIGH);
	want(event(bind_virq, &v), 0);
	b.port = unbound_port();
	want(event(bind_vcpu, &b), 0);
	want(port_status(b.port), EVTCHNSTAT_unbound);
	rule("above 31: events for one without a place are noted, no more");
	want(send(early), 0);
	want(port_pending(early), 1);
	want(shared->vcpu_info[0].evtchn_upcall_pending, 0);
	rule("above 31: its run state, areas and timers need no place");
	want(state_of(HIGH), RUNSTATE_offline);
	want(vcpu_op(register_runstate_memory_area, HIGH, &a), 0);
	want(area.state, RUNSTATE_offline);
	a.addr.p = 0;
	want(vcpu_op(register_runstate_memory_area, HIGH, &a), 0);
	want(vcpu_op(set_periodic_timer, HIGH, &p), 0);
	want(vcpu_op(stop_periodic_timer, HIGH, 0), 0);
	want(vcpu_op(send_nmi, HIGH + 1, 0), 0);
	want(close_port(v.port), 0);
	want(close_port(b.port), 0);
}

static void with_one(void)
{
	rule("above 31: a place can be registered before it starts, once");
	for (unsigned int id = 32; id < ALL; id++) {
		want(info_open(id), 0);
		want(info_open(id), -XEN_EINVAL);
	}
	rule("above 31: a new place is all pending, and masked");
	for (unsigned int id = 32; id < ALL; id++) {
		want(info_of(id)->evtchn_upcall_pending, 1);
		want_true(info_of(id)->evtchn_pending_sel == ~0ul);
		want(info_of(id)->evtchn_upcall_mask, 1);
	}
	want(port_pending(early), 1);
	rule("above 31: a state can be given then, once");
	want(vcpu_op(initialise, HIGH, BAD_POINTER), -XEN_EFAULT);
	want(close_port(early), 0);
	port_clear(early);
}

void high_ids(void)
{
	forget_events();
	without_a_place();
	with_one();
}
