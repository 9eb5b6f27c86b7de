/* SPDX-License-Identifier: MIT */
/* skew.c - do the time-stamp counters of two CPUs agree?
 *
 * The first CPU reads its counter, throws a ball, gets the other's reading
 * back with it and reads its own again: the other's lies in between. The
 * fastest of many throws tells the most. Counters that may be equal, for all
 * that is known then, are taken as equal; others are corrected (clock.c).
 * Guards: an emulator that runs one CPU at a time has the ball thrown seldom,
 * but never wrongly; a CPU that is gone costs a bounded wait.
 * Boot only.
 */
#include "time/time.h"

#include "base/log.h"
#include "cpu/cpus.h"

#define THROWS		256
#define ENOUGH_MS	50		/* of throwing, if there was one at all */
#define GOOD_NS		500
#define PATIENCE_MS	10000

/* Two cache lines: one for each writer. */
static INIT_DATA struct {
	uint32_t throw ALIGNED(64);	/* counts up; ~0: no more */
	uint32_t back ALIGNED(64);
	uint64_t tsc;			/* the other's, for `back` */
} ball;

static INIT uint64_t read_in_order(void)
{
	uint64_t t;

	lfence();
	t = rdtsc();
	lfence();
	return t;
}

INIT void skew_begin(void)
{
	ball.throw = ball.back = 0;
}

INIT void skew_answer(void)
{
	for (uint32_t n = 1, seen; ; n++) {
		while ((seen = __atomic_load_n(&ball.throw, __ATOMIC_ACQUIRE)) < n)
			cpu_relax();
		if (seen == ~0u)
			return;
		ball.tsc = read_in_order();
		__atomic_store_n(&ball.back, n, __ATOMIC_RELEASE);
	}
}

/* One throw: how long it took and how far behind the middle of it the other's
 * counter was. False: it did not come back. */
static INIT bool throw_ball(uint32_t n, uint64_t until, uint64_t *took, int64_t *behind)
{
	uint64_t before = read_in_order();

	__atomic_store_n(&ball.throw, n, __ATOMIC_RELEASE);
	while (__atomic_load_n(&ball.back, __ATOMIC_ACQUIRE) != n) {
		if (time_now() > until)
			return false;
		cpu_relax();
	}
	*took = read_in_order() - before;
	*behind = (int64_t)(before + *took / 2 - ball.tsc);
	return true;
}

static INIT void judge(struct cpu *c, uint64_t took, int64_t behind)
{
	uint64_t apart = (uint64_t)(behind < 0 ? -behind : behind);

	if (apart <= took / 2 + 1) {
		log("CPU %u: APIC id %u, clock equal to CPU 0's within %lu ns", c->id,
		    c->apic_id, clock_ns(took / 2 + 1));
		return;
	}
	clock_correct(c, behind);
	log("CPU %u: APIC id %u, clock %lu ns %s CPU 0's, known to %lu ns: corrected",
	    c->id, c->apic_id, clock_ns(apart), behind < 0 ? "before" : "behind",
	    clock_ns(took / 2 + 1));
}

INIT bool skew_measure(struct cpu *other)
{
	uint64_t start = time_now(), until = start + PATIENCE_MS * NS_PER_MS;
	uint64_t took, best = ~0UL;
	int64_t behind, best_behind = 0;

	for (uint32_t n = 1; n <= THROWS; n++) {
		if (!throw_ball(n, until, &took, &behind))
			return false;
		if (took < best) {
			best = took;
			best_behind = behind;
		}
		if (clock_ns(best) < GOOD_NS || time_now() - start > ENOUGH_MS * NS_PER_MS)
			break;
	}
	judge(other, best, best_behind);
	__atomic_store_n(&ball.throw, ~0u, __ATOMIC_RELEASE);
	return true;
}
