/* SPDX-License-Identifier: MIT */
/* smp-time - clocks, run states and timers of several vCPUs.
 *
 * Six vCPUs, so that there are more of them than CPUs. Moments told on
 * different CPUs compare as exactly as the CPUs' clocks agree (slack): exactly
 * on Paravane.
 */
#include "smp-time.h"

const char suite_name[] = "smp-time";

static volatile uint64_t latest;
static volatile uint64_t behind[VCPUS_MOST], looks[VCPUS_MOST];

/* Looks at its clock, and by how much it is behind the latest that anybody
 * had seen before. */
static void watch_the_clock(void *arg)
{
	unsigned int id = whoami();
	uint64_t seen, mine, end = (uint64_t)arg;

	do {
		seen = latest;
		__sync_synchronize();
		mine = my_clock();
		if (seen > mine && seen - mine > behind[id])
			behind[id] = seen - mine;
		if (mine > seen)
			__sync_bool_compare_and_swap(&latest, seen, mine);
		looks[id]++;
	} while (mine < end);
}

/* All have run on the scale that the first one has still: upstream Xen finds it
 * anew each second. */
static bool ran_on(uint32_t scale)
{
	want_true(together(watch_the_clock, 0));
	return info_of(0)->time.tsc_to_system_mul == scale;
}

static void clocks(void)
{
	rule("clock: all vCPUs' together never goes back");
	want_true(together(watch_the_clock, (void *)(now() + 300 * MS)));
	for (unsigned int id = 0; id < crew; id++) {
		want_true(looks[id]);
		want_true(not_before(0, behind[id]));
	}
	rule("clock: it does not after some seconds either");
	rest(2500 * MS);
	want_true(together(watch_the_clock, (void *)(now() + 300 * MS)));
	for (unsigned int id = 0; id < crew; id++)
		want_true(not_before(0, behind[id]));
	rule("clock: each vCPU has one scale");
	if (!slack())
		want_true(comes(ran_on(info_of(0)->time.tsc_to_system_mul)));
	for (unsigned int id = 0; id < crew; id++) {
		want_true(comes(!(info_of(id)->time.version & 1)));
		if (!slack())
			want(info_of(id)->time.tsc_to_system_mul,
			     info_of(0)->time.tsc_to_system_mul);
		want(info_of(id)->time.tsc_shift, info_of(0)->time.tsc_shift);
	}
	rule("clock: the time of day is the domain's, whoever asks");
	want_true(shared->wc_sec != 0);
	want_true(comes(!(shared->wc_version & 1)));
}

void suite_main(void)
{
	rule("there are six vCPUs");
	want_true(crew_open(6));
	want(crew, 6);
	clocks();
	run_states();
	timers();
}
