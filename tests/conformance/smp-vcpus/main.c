/* SPDX-License-Identifier: MIT */
/* smp-vcpus - a domain of 64 vCPUs: all of them started, stopped by others and
 * by themselves, and interrupted.
 */
#include "smp-vcpus.h"

const char suite_name[] = "smp-vcpus";

volatile uint64_t rounds[VCPUS_MOST];

static volatile bool spinning[VCPUS_MOST];

void spin(void *arg)
{
	unsigned int id = whoami();

	(void)arg;
	for (spinning[id] = true; spinning[id];)
		rounds[id]++;
}

void spin_no_more(unsigned int id)
{
	spinning[id] = false;
	want(vcpu_op(up, id, 0), 0);
	want_true(ended(id));
}

bool goes_on(unsigned int id)
{
	uint64_t before = rounds[id];

	return comes(rounds[id] != before);
}

bool stands_still(unsigned int id)
{
	uint64_t before = rounds[id];

	rest(10 * MS);
	return rounds[id] == before;
}

int state_of(unsigned int id)
{
	struct vcpu_runstate_info r = { .state = -1 };

	want(vcpu_op(get_runstate_info, id, &r), 0);
	return r.state;
}

/* What one vCPU of the crew finds out about itself. */
static struct {
	volatile bool ran;
	volatile long up, again, below;
} found[VCPUS_MOST];

static void introduce(void *arg)
{
	unsigned int id = whoami();

	(void)arg;
	found[id].up = vcpu_op(is_up, id, 0);
	found[id].again = vcpu_op(up, id, 0);
	found[id].below = vcpu_op(is_up, id - 1, 0);
	found[id].ran = true;
}

static void all_of_them(void)
{
	rule("all 64 vCPUs start, each on its own stack");
	want_true(crew_open(ALL));
	for (unsigned int id = 1; id < ALL; id++)
		begin(id, introduce, 0);
	for (unsigned int id = 1; id < ALL; id++)
		want_true(ended(id) && found[id].ran);
	rule("each knows that it is up, and that the one below is");
	for (unsigned int id = 1; id < ALL; id++) {
		want(found[id].up, 1);
		want(found[id].below, 1);
	}
	rule("up of oneself, when up, is no error");
	for (unsigned int id = 1; id < ALL; id++)
		want(found[id].again, 0);
	rule("none that is up can be initialised");
	for (unsigned int id = 1; id < ALL; id++)
		want(vcpu_op(initialise, id, vcpu_state(id, suite_main)),
		     -XEN_EEXIST);
	rule("none that is up has its vcpu_info moved by another");
	for (unsigned int id = 1; id < ALL; id++)
		want(info_open(id), -XEN_EINVAL);
}

/* An interrupt to each at once: counted by who had it, and for which port. */
static evtchn_port_t ports[VCPUS_MOST];

static void await(void *arg)
{
	unsigned int id = whoami(), before = lib_vcpus[id].interrupted;

	(void)arg;
	/* Masked until it sleeps: an interrupt just before would be no reason
	 * to wake up. */
	while (lib_vcpus[id].interrupted == before) {
		call(sched_op, SCHEDOP_block, 0);
		info_of(id)->evtchn_upcall_mask = 1;
	}
}

static void interrupts(void)
{
	rule("an event interrupts the vCPU that it is for, of 64 that sleep");
	for (unsigned int id = 1; id < ALL; id++) {
		ports[id] = ipi_port(id);
		begin(id, await, 0);
	}
	for (unsigned int id = 1; id < ALL; id++)
		want(send(ports[id]), 0);
	for (unsigned int id = 1; id < ALL; id++) {
		want_true(ended(id));
		want(lib_vcpus[id].interrupted, 1);
		want(lib_vcpus[id].interrupted_by, ports[id]);
	}
	for (unsigned int id = 1; id < ALL; id++)
		want(close_port(ports[id]), 0);
}

static uint64_t started[VCPUS_MOST];

static bool all_went_on(void)
{
	rest(50 * MS);
	for (unsigned int id = 1; id < ALL; id++)
		if (rounds[id] == started[id])
			return false;
	return true;
}

/* All 64 at work at once, whatever the number of CPUs. */
static void everybody_runs(void)
{
	rule("64 vCPUs that never rest all go on");
	for (unsigned int id = 1; id < ALL; id++) {
		started[id] = rounds[id];
		begin(id, spin, 0);
	}
	want_true(comes(all_went_on()));
	for (unsigned int id = 1; id < ALL; id++)
		started[id] = rounds[id];
	want_true(comes(all_went_on()));
	rule("each of 64 that never rest can be taken down at any time");
	for (unsigned int id = 1; id < ALL; id++)
		want(vcpu_op(down, id, 0), 0);
	for (unsigned int id = 1; id < ALL; id++) {
		want(vcpu_op(is_up, id, 0), 0);
		want_true(comes(state_of(id) == RUNSTATE_offline));
	}
	for (unsigned int id = 1; id < ALL; id++)
		started[id] = rounds[id];
	rest(20 * MS);
	for (unsigned int id = 1; id < ALL; id++)
		want(rounds[id], started[id]);
}

void suite_main(void)
{
	rule("the domain has 64 vCPUs, of which one is up");
	want(vcpu_count(), ALL);
	want(vcpu_op(is_up, ALL, 0), -XEN_ENOENT);
	for (unsigned int id = 1; id < ALL; id++)
		want(vcpu_op(is_up, id, 0), 0);
	nmis_noted();
	high_ids();
	all_of_them();
	interrupts();
	ups_and_downs();
	nmis();
	everybody_runs();
}
