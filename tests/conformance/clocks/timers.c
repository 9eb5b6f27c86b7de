/* SPDX-License-Identifier: MIT */
/* timers.c - the vCPU's two timers: once, by two calls, and periodically.
 *
 * A timer is never early; how late it is depends on the machine, so nothing
 * here asks.
 */
#include "clocks.h"

#define SOON (20 * MS)

static long once(uint64_t moment, uint32_t flags)
{
	struct vcpu_set_singleshot_timer t = { moment, flags };

	return vcpu_op(set_singleshot_timer, 0, &t);
}

/* Sets the timer for soon and stops it, by either call; anew if the machine
 * stood still so long that it came in between. Does it stay away? */
static bool stopped(bool old_set, bool old_stop)
{
	uint64_t moment;

	do {
		moment = now() + SOON;
		want(old_set ? call(set_timer_op, moment) : once(moment, 0), 0);
		want(old_stop ? call(set_timer_op, 0) :
				vcpu_op(stop_singleshot_timer, 0, 0), 0);
		timer_clear();
	} while (now() >= moment);
	return !timer_within(2 * SOON);
}

/* Sets it for soon and then for later. Is the second what counts? */
static bool replaced(bool old_first)
{
	uint64_t start;

	do {
		start = now();
		want(old_first ? call(set_timer_op, start + SOON) :
				 once(start + SOON, 0), 0);
		want(once(start + 4 * SOON, 0), 0);
		timer_clear();
	} while (now() >= start + SOON);
	return timer_comes() && not_before(now(), start + 4 * SOON);
}

/* Moments that are past when they are asked for. */
static const struct past {
	const char *rule;
	uint64_t moment;
	uint32_t flags;
	bool old_call;
} pasts[] = {
	{ "singleshot: a moment of the past is due at once", 1, 0, false },
	{ "singleshot: moment 0 is of the past", 0, 0, false },
	{ "singleshot: a negative moment is of the past", 1ul << 63, 0, false },
	{ "singleshot: -1 is of the past", ~0ul, 0, false },
	{ "singleshot: a past moment is due though it had to be in the future",
	  1, VCPU_SSHOTTMR_future, false },
	{ "singleshot: unknown flags do not matter", 1, ~0u, false },
	{ "set_timer_op: a moment of the past is due at once", 1, 0, true },
};

void singleshots(void)
{
	unsigned int before;
	uint64_t start;

	for (size_t i = 0; i < sizeof(pasts) / sizeof(pasts[0]); i++) {
		const struct past *p = &pasts[i];

		rule(p->rule);
		timer_clear();
		want(p->old_call ? call(set_timer_op, p->moment) :
				   once(p->moment, p->flags), 0);
		want_true(timer_comes());
	}
	rule("singleshot: it comes once, and not before its time");
	timer_clear();
	start = now();
	want(once(start + 10 * MS, 0), 0);
	want_true(timer_comes());
	want_true(not_before(now(), start + 10 * MS));
	timer_clear();
	want_true(!timer_within(20 * MS));
	rule("singleshot: stopped, it does not come");
	want_true(stopped(false, false));
	rule("singleshot: stopping what does not run is no error");
	want(vcpu_op(stop_singleshot_timer, 0, 0), 0);
	want(vcpu_op(stop_singleshot_timer, 0, BAD_POINTER), 0);
	rule("singleshot: a later moment takes the earlier one's place");
	want_true(replaced(false));
	rule("singleshot: an earlier moment takes the later one's place");
	timer_clear();
	want(once(now() + 100000000 * MS, 0), 0);
	want(once(now() + 5 * MS, 0), 0);
	want_true(timer_comes());
	timer_clear();
	rule("singleshot: a setting that is refused leaves the timer alone");
	start = now();
	want(once(start + 10 * MS, 0), 0);
	want(vcpu_op(set_singleshot_timer, 0, BAD_POINTER), -XEN_EFAULT);
	want_true(timer_comes());
	want_true(not_before(now(), start + 10 * MS));
	rule("timer: while its port is masked it is pending, and no upcall");
	timer_clear();
	port_mask(timer_port, true);
	before = upcalls;
	events_unmask();
	want(once(1, 0), 0);
	want_true(timer_comes());
	want(upcalls, before);
	rule("timer: its port unmasked, the upcall is made up for");
	want(call(event_channel_op, EVTCHNOP_unmask,
		  (&(struct evtchn_unmask){ timer_port })), 0);
	want(upcalls, before + 1);
	want(last_port, timer_port);
	events_mask();
	timer_clear();
}

/* What set_timer_op makes of moments that cannot be meant. */
static const struct deadline {
	const char *rule;
	uint64_t ahead;			/* of now; or the moment itself */
	bool absolute;
	uint64_t at_least;
} far[] = {
	{ "set_timer_op: 2^50 ns ahead and more means a tenth of a second",
	  (1ul << 50) + 100000 * MS, false, 100 * MS },
	{ "set_timer_op: the largest moment means a tenth of a second",
	  ~0ul >> 1, true, 100 * MS },
	{ "set_timer_op: the most negative moment means a tenth of a second",
	  1ul << 63, true, 100 * MS },
	{ "set_timer_op: -1 means a tenth of a second", ~0ul, true, 100 * MS },
	{ "set_timer_op: a moment ahead is not early", 20 * MS, false, 20 * MS },
};

void deadlines(void)
{
	struct evtchn_close c = { timer_port };
	uint64_t start;

	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		const struct deadline *d = &far[i];

		rule(d->rule);
		timer_clear();
		start = now();
		want(call(set_timer_op, d->absolute ? d->ahead :
			  start + d->ahead), 0);
		want_true(timer_comes());
		want_true(not_before(now(), start + d->at_least));
	}
	rule("set_timer_op: almost 2^50 ns ahead does not come soon");
	timer_clear();
	want(call(set_timer_op, now() + (1ul << 50) - 100000 * MS), 0);
	want_true(!timer_within(150 * MS));
	rule("set_timer_op: 0 stops it");
	want_true(stopped(true, true));
	rule("set_timer_op and singleshot are the same timer: stop");
	want_true(stopped(true, false));
	want_true(stopped(false, true));
	rule("set_timer_op and singleshot are the same timer: set");
	want_true(replaced(true));
	timer_clear();
	rule("timer: nobody bound, it passes unheard, and does no harm");
	want(call(event_channel_op, EVTCHNOP_close, &c), 0);
	want(once(1, 0), 0);
	sleep_until(now() + 5 * MS);
	want(timer_open(), 0);
	want_true(!timer_within(10 * MS));
}

static long period(uint64_t ns)
{
	struct vcpu_set_periodic_timer p = { ns };

	return vcpu_op(set_periodic_timer, 0, &p);
}

/* Waits for so many ticks; true if they all came. */
static bool ticks(int n)
{
	while (n--) {
		if (!timer_comes())
			return false;
		timer_clear();
	}
	return true;
}

void periods(void)
{
	static const uint64_t too_short[] = { 0, 1, MS - 1 };
	static const uint64_t too_long[] = { (1ul << 62) + 1, 1ul << 63, ~0ul };
	uint64_t start;
	bool slept = false;

	rule("periodic: a period below 1 ms is EINVAL");
	for (int i = 0; i < 3; i++)
		want(period(too_short[i]), -XEN_EINVAL);
	rule("periodic: a period above 2^62 ns is EINVAL");
	for (int i = 0; i < 3; i++)
		want(period(too_long[i]), -XEN_EINVAL);
	rule("periodic: what was refused does not tick");
	timer_clear();
	want_true(!timer_within(20 * MS));
	rule("periodic: 1 ms is granted");
	want(period(MS), 0);
	want_true(ticks(2));
	rule("periodic: ticks are at least a period apart");
	start = now();
	want(period(10 * MS), 0);
	timer_clear();
	want_true(ticks(5));
	want_true(not_before(now(), start + 40 * MS));
	rule("periodic: it ticks beside the singleshot timer");
	want(once(1, 0), 0);
	want_true(ticks(3));
	want(vcpu_op(stop_singleshot_timer, 0, 0), 0);
	want_true(ticks(2));
	rule("periodic: it does not wake one who sleeps; the other timer does");
	for (uint64_t end = now() + 20000 * MS; !slept && now() < end; ) {
		start = now();
		timer_clear();	/* a tick from here to the block wakes it */
		want(once(start + 60 * MS, 0), 0);
		want(call(sched_op, SCHEDOP_block, 0), 0);
		events_mask();
		slept = not_before(now(), start + 60 * MS);
	}
	want_true(slept);
	rule("periodic: it ticks on after sleep");
	timer_clear();
	want_true(ticks(2));
	rule("periodic: a period that is refused leaves the old one");
	want(period(1), -XEN_EINVAL);
	want(vcpu_op(set_periodic_timer, 0, BAD_POINTER), -XEN_EFAULT);
	want_true(ticks(2));
	rule("periodic: stopped, it stops; again is no error");
	want(vcpu_op(stop_periodic_timer, 0, 0), 0);
	want(vcpu_op(stop_periodic_timer, 0, BAD_POINTER), 0);
	timer_clear();
	want_true(!timer_within(30 * MS));
}
