/* SPDX-License-Identifier: MIT */
/* clocks - the time of day and the time since boot, timers, and where a vCPU's
 * time went. Here: the clocks themselves.
 */
#include <xen/hvm/hvm_op.h>
#include <xen/platform.h>

#include "clocks.h"

const char suite_name[] = "clocks";

void sleep_until(uint64_t moment)
{
	struct sched_poll p = { .nr_ports = 0, .timeout = moment };

	while (now() < moment)
		call(sched_op, SCHEDOP_poll, &p);
}

static void time_block(void)
{
	volatile struct vcpu_time_info *t = &shared->vcpu_info[0].time;
	uint32_t odd = 0, back = 0, future = 0;
	uint64_t last = 0;

	rule("time: the block is filled in before the first instruction");
	want_true(t->version != 0);
	want_true(t->tsc_timestamp != 0);
	want_true(t->tsc_to_system_mul != 0);
	want_true(now() != 0);
	for (int i = 0; i < 20000; i++) {
		uint64_t stamp = t->tsc_timestamp, of = t->system_time;
		uint64_t tsc = read_tsc(), n = now();

		odd += t->version & 1;
		back += !not_before(n, last);
		future += tsc < stamp || !not_before(n, of);
		last = n;
	}
	rule("time: its own vCPU never sees an odd version");
	want(odd, 0);
	rule("time: the clock never goes back");
	want(back, 0);
	rule("time: the block is of the past, by the TSC and by the clock");
	want(future, 0);
	rule("time: nothing says that the clock was stopped");
	want(t->flags & 2, 0);
	rule("time: the clock never goes back over calls and sleep");
	for (int i = 0; i < 20; i++) {
		last = now();
		if (i & 1)
			call(sched_op, SCHEDOP_yield, 0);
		else
			sleep_until(last + MS);
		back += !not_before(now(), last);
	}
	want(back, 0);
	rule("time: the TSC never goes back over calls and sleep");
	for (int i = 0; i < 20; i++) {
		last = read_tsc();
		sleep_until(now() + MS / 2);
		back += read_tsc() < last;
	}
	want(back, 0);
}

/* A second of the TSC is a second of the clock: the scale is one factor. */
static void scale(void)
{
	volatile struct vcpu_time_info *t = &shared->vcpu_info[0].time;
	uint32_t mul = t->tsc_to_system_mul;
	int8_t shift = t->tsc_shift;
	uint64_t before, after, tsc, ns;

	rule("time: the scale is that of a TSC from 100 MHz to 100 GHz");
	ns = 1000000;
	ns = shift < 0 ? ns >> -shift : ns << shift;
	ns = ns * mul >> 32;			/* of a million ticks */
	want_true(ns >= 10000 && ns <= 10000000);
	rule("time: the clock advances as the TSC does, also over an update");
	before = now();
	tsc = read_tsc();
	sleep_until(before + 1200 * MS);
	tsc = read_tsc() - tsc;
	after = now();
	ns = shift < 0 ? tsc >> -shift : tsc << shift;
	ns = (uint64_t)((unsigned __int128)ns * mul >> 32);
	/* `tsc` was read within [before, after]; the rate may be trimmed. */
	want_true(not_before(after - before + MS, ns));
}

static void same_clock(void)
{
	struct xen_hvm_get_time t = { 0 };
	uint64_t before, after;

	rule("time: hvm_op tells the same clock");
	before = now();
	want(call(hvm_op, HVMOP_get_time, &t), 0);
	after = now();
	want_true(not_before(t.now, before));
	want_true(not_before(after, t.now));
}

/* Nanoseconds of the day of boot since 1970, consistently. */
static uint64_t wallclock(void)
{
	uint32_t version, sec, sec_hi, nsec;

	do {
		version = shared->wc_version;
		__sync_synchronize();
		sec = shared->wc_sec;
		sec_hi = shared->wc_sec_hi;
		nsec = shared->wc_nsec;
		__sync_synchronize();
	} while ((version & 1) || version != shared->wc_version);
	return ((uint64_t)sec_hi << 32 | sec) * 1000 * MS + nsec;
}

static void time_of_day(void)
{
	uint64_t last = 0, back = 0, odd = 0;

	rule("wallclock: it is set, with less than a second in its nanoseconds");
	want_true(shared->wc_version != 0);
	want_true(shared->wc_nsec < 1000 * MS);
	rule("wallclock: with the time since boot it is a day after 2020");
	want_true(wallclock() + now() > 1577836800ul * 1000 * MS);
	want(shared->wc_sec_hi, 0);
	for (int i = 0; i < 2000; i++) {
		uint64_t n = wallclock() + now();

		back += !not_before(n, last);
		odd += shared->wc_version & 1;
		last = n;
	}
	rule("wallclock: the time of day does not go back by itself");
	want(back, 0);
	rule("wallclock: its version is even to the vCPU that reads it");
	want(odd, 0);
}

static long set_time(uint32_t cmd, uint64_t sec, uint32_t nsec, uint64_t at)
{
	struct xen_platform_op op = {
		.cmd = cmd, .interface_version = XENPF_INTERFACE_VERSION,
	};

	if (cmd == XENPF_settime32) {
		op.u.settime32.secs = (uint32_t)sec;
		op.u.settime32.nsecs = nsec;
		op.u.settime32.system_time = at;
	} else {
		op.u.settime64.secs = sec;
		op.u.settime64.nsecs = nsec;
		op.u.settime64.system_time = at;
	}
	return call(platform_op, &op);
}

/* What day was it at boot, if it is `sec` and `nsec` at `at`? */
static const struct setting {
	const char *rule;
	uint32_t cmd, nsec;
	uint64_t sec, at, wanted;
} settings[] = {
	{ "wallclock: settime64 sets the time of a moment",
	  XENPF_settime64, 500, 2000000000, 0, 2000000000000000500 },
	{ "wallclock: settime64 takes the time since boot off",
	  XENPF_settime64, 5, 2000000000, 1000000006, 1999999998999999999 },
	{ "wallclock: settime64 carries more than a second of nanoseconds",
	  XENPF_settime64, 3000000001u, 2000000000, 0, 2000000003000000001 },
	{ "wallclock: settime64 takes seconds of more than 32 bits",
	  XENPF_settime64, 0, 1ul << 33, 0, (1ul << 33) * 1000000000 },
	{ "wallclock: settime32 does the same",
	  XENPF_settime32, 7, 2100000000, 1000000000, 2099999999000000007 },
};

static void setting_the_time(void)
{
	uint64_t boot = wallclock();

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const struct setting *s = &settings[i];
		uint32_t version = shared->wc_version;

		rule(s->rule);
		if (!is_first_domain()) {
			want(set_time(s->cmd, s->sec, s->nsec, s->at),
			     -XEN_EPERM);
			want(wallclock(), boot);
			want(shared->wc_version, version);
			continue;
		}
		want(set_time(s->cmd, s->sec, s->nsec, s->at), 0);
		want(wallclock(), s->wanted);
		want_true(shared->wc_nsec < 1000 * MS);
		want_true(shared->wc_version != version);
	}
	if (is_first_domain())
		set_time(XENPF_settime64, boot / (1000 * MS),
			 (uint32_t)(boot % (1000 * MS)), 0);
	rule("wallclock: set back as it was it is as it was");
	want(wallclock(), boot);
}

void suite_main(void)
{
	time_block();
	scale();
	counter();
	same_clock();
	time_of_day();
	setting_the_time();
	rule("the timer's interrupt can be bound");
	want(timer_open(), 0);
	singleshots();
	deadlines();
	periods();
	run_states();
	time_areas();
}
