/* SPDX-License-Identifier: MIT */
/* smp-time - clocks, timers and run states of several vCPUs.
 */
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "crew.h"
#include "events.h"
#include "time.h"

const char suite_name[] = "smp-time";

static volatile uint64_t latest;
static volatile uint64_t worst[VCPUS_MOST];

static void clocks(void *arg)
{
	unsigned id = whoami();
	uint64_t end = now() + 500 * MS, t, l;
	(void)arg;
	do {
		l = latest;
		__sync_synchronize();
		t = clock_of(&info_of(id)->time);
		if (l > t && l - t > worst[id]) worst[id] = l - t;
		__sync_bool_compare_and_swap(&latest, l, t);
	} while (t < end);
}
void suite_main(void)
{
	rule("skew");
	crew_open(vcpu_count());
	want_true(together(clocks, 0));
	for (unsigned i = 0; i < crew; i++)
		want(worst[i], 0);
	rule("mul");
	for (unsigned i = 0; i < crew; i++)
		want(info_of(i)->time.tsc_to_system_mul, 0);
}
