/* SPDX-License-Identifier: MIT */
/* runstates.c - where the time of several vCPUs goes: it adds up to all the
 * time there was, for each, whoever asks.
 */
#include "smp-time.h"

typedef struct vcpu_runstate_info state_t;

static state_t state_of(unsigned int id)
{
	state_t r = { .state = -1 };

	want(vcpu_op(get_runstate_info, id, &r), 0);
	return r;
}

static uint64_t total(const state_t *r)
{
	return r->time[0] + r->time[1] + r->time[2] + r->time[3];
}

/* When a vCPU was made, as its times tell: between these two moments. */
struct made {
	uint64_t earliest, latest;
};

static void narrow(struct made *m, unsigned int id)
{
	uint64_t before = my_clock(), after, sum;
	state_t r;

	vcpu_op(get_runstate_info, id, &r);
	after = my_clock();
	sum = total(&r);
	/* After a long wait before the call the sum may be the larger. Then all
	 * it tells is known: the vCPU was not made before time began. */
	if (before > sum && before - sum > m->earliest)
		m->earliest = before - sum;
	if (after - sum < m->latest)
		m->latest = after - sum;
}

#define FEW	10

/* What each finds out about itself and its neighbour while all work. */
static struct made mine[VCPUS_MOST], next[VCPUS_MOST];

static void look(void *arg)
{
	unsigned int id = whoami();
	uint64_t end = (uint64_t)arg;

	mine[id] = next[id] = (struct made){ 0, ~0ul };
	for (unsigned int i = 1; i <= FEW || my_clock() < end; i++) {
		narrow(&mine[id], id);
		narrow(&next[id], (id + 1) % crew);
		if (i % 64 == 0)
			poll_for(0, my_clock() + MS / 4);
	}
}

static void sums(void)
{
	rule("run states: each vCPU's add up to all its time, as it sees itself");
	want_true(together(look, (void *)(now() + 400 * MS)));
	for (unsigned int id = 0; id < crew; id++)
		want_true(not_before(mine[id].latest, mine[id].earliest));
	rule("run states: they do as another vCPU sees it");
	for (unsigned int id = 0; id < crew; id++)
		want_true(not_before(next[id].latest, next[id].earliest));
	rule("run states: both see the same");
	for (unsigned int id = 0; id < crew; id++) {
		unsigned int n = (id + 1) % crew;

		want_true(not_before(mine[n].latest, next[id].earliest));
		want_true(not_before(next[id].latest, mine[n].earliest));
	}
}

/* All work without a rest. */
static volatile bool enough;
static volatile uint64_t rounds[VCPUS_MOST];

static void toil(void *arg)
{
	(void)arg;
	while (!enough)
		rounds[whoami()]++;
}

/* What a second of it was for all of them, and what none may be: time slept, or
 * more of it run than there was. */
static struct {
	uint64_t took, running, waiting;
	bool all_ran;
} span;
static uint64_t slept;
static bool too_much;

/* A second of it; true if each ran in it, and most CPUs were used: a host may
 * let a CPU of ours stand still for a second, but not for all of them. */
#define SPANS	20

static bool well_shared(void)
{
	static state_t before[VCPUS_MOST];
	uint64_t start = now();

	for (unsigned int id = 1; id < crew; id++)
		before[id] = state_of(id);
	rest(1000 * MS);
	span.running = span.waiting = 0;
	span.all_ran = true;
	for (unsigned int id = 1; id < crew; id++) {
		state_t after = state_of(id);
		uint64_t *b = before[id].time, *a = after.time;

		span.running += a[RUNSTATE_running] - b[RUNSTATE_running];
		span.waiting += a[RUNSTATE_runnable] - b[RUNSTATE_runnable];
		span.all_ran &= a[RUNSTATE_running] > b[RUNSTATE_running];
		slept += a[RUNSTATE_blocked] - b[RUNSTATE_blocked];
	}
	span.took = now() - start;
	too_much |= !not_before(cpus() * span.took, span.running);
	return span.all_ran && span.running > cpus() * span.took / 2;
}

static void shares(void)
{
	rule("run states: of more vCPUs than CPUs all run, and some wait");
	enough = false;
	for (unsigned int id = 1; id < crew; id++) {
		rounds[id] = 0;
		begin(id, toil, 0);
	}
	for (unsigned int id = 1; id < crew; id++)
		want_true(comes(rounds[id]));
	for (int i = 0; i < SPANS && !well_shared(); i++)
		;
	enough = true;
	for (unsigned int id = 1; id < crew; id++)
		want_true(ended(id));
	want_true(span.all_ran);
	want_true(span.waiting > 0);
	rule("run states: who works does not sleep");
	want(slept, 0);
	rule("run states: they run on no more CPUs than there are, and on most of them");
	want_true(!too_much);
	want_true(span.running > cpus() * span.took / 2);
}

static void sleep_for_good(void *arg)
{
	evtchn_port_t port = *(evtchn_port_t *)arg;

	poll_for(port, 0);
}

static void states(void)
{
	evtchn_port_t port = ipi_port(2);
	state_t r;

	rule("run states: another that sleeps is blocked, and for how long");
	port_mask(port, true);
	begin(2, sleep_for_good, &port);
	want_true(sleeps(2));
	r = state_of(2);
	rest(10 * MS);
	want(state_of(2).state_entry_time, r.state_entry_time);
	want_true(not_before(state_of(2).time[RUNSTATE_blocked],
			     r.time[RUNSTATE_blocked] + 10 * MS));
	want(state_of(2).time[RUNSTATE_running], r.time[RUNSTATE_running]);
	want(send(port), 0);
	want_true(ended(2));
	port_mask(port, false);
	want(close_port(port), 0);
	rule("run states: another that works is running or would if it could");
	enough = false;
	rounds[3] = 0;
	begin(3, toil, 0);
	want_true(comes(rounds[3]));
	for (int i = 0; i < 100; i++)
		want_true(state_of(3).state <= RUNSTATE_runnable);
	rule("run states: another that is down is offline, and its time runs on");
	want(vcpu_op(down, 3, 0), 0);
	want_true(comes(state_of(3).state == RUNSTATE_offline));
	r = state_of(3);
	rest(10 * MS);
	want_true(not_before(state_of(3).time[RUNSTATE_offline],
			     r.time[RUNSTATE_offline] + 10 * MS));
	want(state_of(3).time[RUNSTATE_running], r.time[RUNSTATE_running]);
	want(vcpu_op(up, 3, 0), 0);
	enough = true;
	want_true(ended(3));
}

/* Each vCPU's area, which the first one reads while it changes. */
static volatile state_t areas[VCPUS_MOST];
static volatile long registered[VCPUS_MOST];

static void come_and_go(void *arg)
{
	unsigned int id = whoami();
	struct vcpu_register_runstate_memory_area a = {
		.addr.p = (unsigned long)&areas[id],
	};

	(void)arg;
	registered[id] = vcpu_op(register_runstate_memory_area, id, &a);
	while (!enough) {
		for (int i = 0; i < 2000; i++)
			rounds[id]++;
		poll_for(0, my_clock() + MS / 4);
	}
}

/* The area as a whole, by its mark; false if it is being changed. */
static bool area_of(unsigned int id, state_t *r)
{
	*r = areas[id];
	__sync_synchronize();
	return !(r->state_entry_time >> 63) &&
	       r->state_entry_time == areas[id].state_entry_time;
}

/* How often each area was read whole, and had a smaller sum than before. */
static unsigned int whole[VCPUS_MOST], back[VCPUS_MOST];

/* Reads all areas for a while; true once each was read so often. */
static bool each_read(unsigned int often)
{
	static uint64_t sum[VCPUS_MOST];
	bool all = true;
	state_t r;

	for (int i = 0; i < 50; i++)
		for (unsigned int id = 1; id < crew; id++) {
			if (!area_of(id, &r) || !r.state_entry_time)
				continue;
			whole[id]++;
			back[id] += total(&r) < sum[id];
			sum[id] = total(&r);
		}
	for (unsigned int id = 1; id < crew; id++)
		all &= whole[id] >= often;
	rest(MS / 8);
	return all;
}

static void areas_of_others(void)
{
	struct vcpu_register_runstate_memory_area none = { .addr.p = 0 };

	rule("run state areas: others' are whole where no change is announced");
	want(call(vm_assist, VMASST_CMD_enable,
		  VMASST_TYPE_runstate_update_flag), 0);
	enough = false;
	for (unsigned int id = 1; id < crew; id++)
		begin(id, come_and_go, 0);
	want_true(comes(each_read(200)));
	enough = true;
	for (unsigned int id = 1; id < crew; id++) {
		want_true(ended(id));
		want(registered[id], 0);
		want(back[id], 0);
	}
	rule("run state areas: one that sleeps has blocked in it");
	want_true(comes(areas[1].state == RUNSTATE_blocked));
	rule("run state areas: another's can be moved while it is up");
	for (unsigned int id = 1; id < crew; id++)
		want(vcpu_op(register_runstate_memory_area, id, &none), 0);
	want(call(vm_assist, VMASST_CMD_disable,
		  VMASST_TYPE_runstate_update_flag), 0);
}

void run_states(void)
{
	sums();
	shares();
	states();
	areas_of_others();
}
