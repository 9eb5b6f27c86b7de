/* SPDX-License-Identifier: MIT */
/* areas.c - where a vCPU's time went, and the copies kept in guest memory. */
#include "clocks.h"

typedef struct vcpu_runstate_info state_t;

static PAGE uint8_t pages[8192];
static state_t area;

static uint64_t total(const state_t *s)
{
	return s->time[0] + s->time[1] + s->time[2] + s->time[3];
}

/* A moment out of an area, which is an argument and so read before the clock is:
 * read after it, it may be a later turn's. */
static bool past(uint64_t moment)
{
	return not_before(now(), moment);
}

static state_t ask(void)
{
	state_t s;

	want(vcpu_op(get_runstate_info, 0, &s), 0);
	return s;
}

/* Sleeps until it really was asleep, which it is not if its time is over when
 * it gets to it. */
static void sleep(void)
{
	uint64_t before = ask().time[RUNSTATE_blocked];

	do
		sleep_until(now() + 5 * MS);
	while (ask().time[RUNSTATE_blocked] == before);
}

static long keep_at(const volatile void *p)
{
	struct vcpu_register_runstate_memory_area r = {
		.addr.p = (unsigned long)p,
	};

	return vcpu_op(register_runstate_memory_area, 0, &r);
}

static void asking(void)
{
	state_t before, after;
	uint64_t start;

	rule("run state: who asks is running");
	before = ask();
	want(before.state, RUNSTATE_running);
	rule("run state: it began in the past, by the system's clock");
	want_true(past(before.state_entry_time));
	rule("run state: the times add up to no more than the clock");
	want_true(past(total(&before)));
	rule("run state: sleep is counted as blocked");
	sleep();
	after = ask();
	want_true(after.time[RUNSTATE_blocked] > before.time[RUNSTATE_blocked]);
	want_true(not_before(total(&after) - total(&before), 5 * MS));
	rule("run state: waking is the beginning of another state");
	want_true(not_before(after.state_entry_time, before.state_entry_time + 1));
	rule("run state: computing is counted as running, or waiting to run");
	before = after;
	start = now();
	while (now() < start + 20 * MS)
		;
	after = ask();
	want_true(after.time[0] + after.time[1] > before.time[0] + before.time[1]);
	rule("run state: one that was never down has no time offline after that");
	want(after.time[RUNSTATE_offline], before.time[RUNSTATE_offline]);
	rule("run state: no time ever decreases");
	for (int i = 0; i < 50; i++) {
		before = ask();
		call(sched_op, SCHEDOP_yield, 0);
		after = ask();
		for (int k = 0; k < 4; k++)
			want_true(after.time[k] >= before.time[k]);
	}
}

static void keeping(void)
{
	state_t *across = (void *)(pages + 4096 - 20);
	state_t old, seen;

	rule("run state area: written when it is registered");
	memset(&area, 0x5a, sizeof(area));
	want(keep_at(&area), 0);
	want(area.state, RUNSTATE_running);
	want_true(past(total(&area)));
	rule("run state area: current after each sleep");
	old = area;
	sleep();
	want(area.state, RUNSTATE_running);
	want_true(area.time[RUNSTATE_blocked] > old.time[RUNSTATE_blocked]);
	want_true(not_before(area.state_entry_time, old.state_entry_time + 1));
	want_true(past(area.state_entry_time));
	rule("run state area: it says what the call says");
	do {				/* anew if interrupted in between */
		seen = area;
		old = ask();
	} while (memcmp(&seen, &area, sizeof(area)));
	want(seen.state, old.state);
	want(seen.state_entry_time, old.state_entry_time);
	want(seen.time[RUNSTATE_blocked], old.time[RUNSTATE_blocked]);
	rule("run state area: without the assist no update is announced");
	want(area.state_entry_time >> 63, 0);
	rule("run state area: with the assist the announcement is taken back");
	want(call(vm_assist, VMASST_CMD_enable,
		  VMASST_TYPE_runstate_update_flag), 0);
	sleep();
	want(area.state_entry_time >> 63, 0);
	want_true(past(area.state_entry_time));
	want(area.state, RUNSTATE_running);
	rule("run state area: a new place takes the old one's");
	want(keep_at(across), 0);
	old = area;
	sleep();
	want_true(!memcmp(&old, &area, sizeof(area)));
	rule("run state area: it may lie across two pages, at any address");
	want(across->state, RUNSTATE_running);
	want_true(across->time[RUNSTATE_blocked] > old.time[RUNSTATE_blocked]);
	want_true(past(across->state_entry_time));
	want(call(vm_assist, VMASST_CMD_disable,
		  VMASST_TYPE_runstate_update_flag), 0);
}

static void losing(void)
{
	state_t old;

	rule("run state area: one of the hypervisor's is EFAULT");
	want(keep_at(&area), 0);
	want(keep_at(HYPERVISOR_POINTER), -XEN_EFAULT);
	rule("run state area: what was refused leaves the old one in use");
	old = area;
	sleep();
	want_true(not_before(area.state_entry_time, old.state_entry_time + 1));
	rule("run state area: none at all is granted, and then none is written");
	want(keep_at(NULL), 0);
	old = area;
	sleep();
	want_true(!memcmp(&old, &area, sizeof(area)));
	rule("run state area: where nothing is mapped does no harm");
	want(keep_at((void *)0x1000), 0);
	sleep();
	rule("run state area: where we may not write does no harm");
	want(map_frame(pages, virt_to_mfn(pages), PTE_PRESENT | PTE_USER), 0);
	want(keep_at(pages), 0);
	sleep();
	want(keep_at(NULL), 0);
	want(map_frame(pages, virt_to_mfn(pages),
		       PTE_PRESENT | PTE_WRITE | PTE_USER), 0);
}

void run_states(void)
{
	asking();
	keeping();
	losing();
}

static long time_at(const volatile void *p)
{
	struct vcpu_register_time_memory_area r = {
		.addr.p = (unsigned long)p,
	};

	return vcpu_op(register_vcpu_time_memory_area, 0, &r);
}

void time_areas(void)
{
	static volatile struct vcpu_time_info copy;
	volatile struct vcpu_time_info *t = &shared->vcpu_info[0].time;
	uint64_t before, middle;

	rule("time area: filled in when it is registered");
	want(time_at(&copy), 0);
	want_true(copy.version != 0);
	want(copy.version & 1, 0);
	rule("time area: its scale is the vcpu_info's");
	want(copy.tsc_to_system_mul, t->tsc_to_system_mul);
	want(copy.tsc_shift, t->tsc_shift);
	rule("time area: it tells the same clock");
	before = now();
	middle = clock_of(&copy);
	want_true(not_before(middle, before));
	want_true(not_before(now(), middle));
	rule("time area: it does so a while later");
	sleep_until(now() + 1200 * MS);
	before = now();
	middle = clock_of(&copy);
	want_true(not_before(middle + MS, before));
	want_true(not_before(now() + MS, middle));
	rule("time area: it may lie across two pages");
	memset(pages, 0, sizeof(pages));
	want(time_at(pages + 4096 - 12), 0);
	before = now();
	want_true(not_before(clock_of((void *)(pages + 4096 - 12)), before));
	rule("time area: one of the hypervisor's is EFAULT");
	want(time_at(HYPERVISOR_POINTER), -XEN_EFAULT);
	rule("time area: where nothing is mapped does no harm");
	want(time_at((void *)0x1000), 0);
	sleep_until(now() + 1200 * MS);
	rule("time area: none at all is granted");
	want(time_at(NULL), 0);
}
