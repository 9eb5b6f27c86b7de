/* SPDX-License-Identifier: MIT */
/* clock.c - system time from the time-stamp counter.
 *
 * Guards: hypervisor and guests compute the same nanosecond from the same
 * TSC, and time never goes backwards.
 * Invariant: the scale is fixed at boot. A published stamp is only a nearer
 * origin of the same scale: it lies where the scale has a whole nanosecond,
 * so old and new stamps give the same time to the nanosecond. Stamps are
 * renewed about once a second, because simple guests multiply the ticks
 * since then in 64 bits, or read the stamp as if it were the time.
 * All CPUs share the scale. One whose counter differs from the first one's
 * has an offset; once one has, time_now() also remembers the latest answer, so
 * that no CPU is behind another, and guests are told not to rely on it.
 */
#include "time/time.h"

#include "base/string.h"
#include "cpu/features.h"

/* A stamp every 2^30 shifted ticks: 0.5 to 1.1 s apart. */
#define STEP_BITS	30

/* ns = ns_at_base + ((tsc - base) shifted left by `shift`, or right by
 * -shift) * mul / 2^32. A system time of 0 would look like "not written yet"
 * to a guest, so the base lies a little after it. */
static struct {
	uint64_t base, ns_at_base;
	uint64_t hz;
	uint32_t mul;
	int8_t shift;
} scale AFTER_BOOT_RO;

static uint64_t scaled(uint64_t ticks)
{
	ticks = scale.shift >= 0 ? ticks << scale.shift : ticks >> -scale.shift;
	return (uint64_t)((unsigned __int128)ticks * scale.mul >> 32);
}

/* The largest multiplier that fits 32 bits gives the finest scale. */
struct time_scale scale_of(uint64_t hz)
{
	int shift = 0;

	/* mul = 2^32 * 10^9 / hz must be below 2^32 and about 2^31 at least;
	 * the bit that a shift loses must not make hz 10^9. */
	while (hz <= NS_PER_SECOND) {
		hz <<= 1;
		shift++;
	}
	while (hz > 2 * NS_PER_SECOND + 1) {
		hz >>= 1;
		shift--;
	}
	/* A step of 2^30 ticks is a whole number of ns: the low bits go. */
	return (struct time_scale){
		.mul = (uint32_t)((NS_PER_SECOND << 32) / hz) & ~((1u << (32 - STEP_BITS)) - 1),
		.shift = (int8_t)shift,
	};
}

void clock_init(uint64_t tsc_hz, uint64_t tsc_at_zero)
{
	const struct time_scale s = scale_of(tsc_hz);

	scale.mul = s.mul;
	scale.shift = s.shift;
	scale.hz = tsc_hz;
	scale.base = rdtsc();
	scale.ns_at_base = scaled(scale.base - tsc_at_zero);
}

/* Corrected counters are only about right: then `latest` counts. */
static bool corrected;
static uint64_t latest;
/* What clock_check() compares with: the newest tick of any CPU. */
static uint64_t newest_tick;

/* A counter may fall behind by what two CPUs need to see each other's words. */
#define WARP_MAX	50000UL		/* ns */

/* What to add to this CPU's counter for the first CPU's. */
static inline uint64_t offset(void)
{
	return likely(!corrected) ? 0 : (uint64_t)this_cpu()->tsc_offset;
}

static inline uint64_t counter_ns(uint64_t counter)
{
	return scale.ns_at_base + scaled(counter - scale.base);
}

/* The larger of both stays in *at, and is the answer. */
static uint64_t raise_to(uint64_t *at, uint64_t now)
{
	uint64_t old = __atomic_load_n(at, __ATOMIC_ACQUIRE);

	while (old < now)
		if (__atomic_compare_exchange_n(at, &old, now, false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE))
			return now;
	return old;
}

static __attribute__((noinline)) uint64_t corrected_now(void)
{
	return raise_to(&latest, counter_ns(rdtsc() + offset()));
}

uint64_t time_now(void)
{
	if (unlikely(corrected))
		return corrected_now();
	return counter_ns(rdtsc());
}

void clock_correct(struct cpu *c, int64_t ticks)
{
	c->tsc_offset += ticks;
	WRITE_ONCE(corrected, true);
}

bool clock_counters_agree(void)
{
	return !READ_ONCE(corrected);
}

uint64_t clock_ns(uint64_t ticks)
{
	return scaled(ticks);
}

void clock_check(void)
{
	uint64_t newest = __atomic_load_n(&newest_tick, __ATOMIC_ACQUIRE), mine = counter_ns(rdtsc() + offset());
	struct cpu *c = this_cpu();

	if (mine + WARP_MAX >= newest) {
		raise_to(&newest_tick, mine);
		return;
	}
	log_guest("clock: CPU %u fell behind by %lu ns: its counter is corrected", c->id,
		  newest - mine);
	clock_correct(c, (int64_t)((newest - mine) * (scale.hz / 1000) / NS_PER_MS));
}

uint64_t time_tsc_hz(void)
{
	return scale.hz;
}

/* The stamp's place on the scale: the last multiple of STEP shifted ticks. */
static uint64_t stamp_steps(void)
{
	uint64_t ticks = rdtsc() + offset() - scale.base;

	return (scale.shift >= 0 ? ticks << scale.shift : ticks >> -scale.shift) >> STEP_BITS;
}

/* What this CPU's counter said there. */
static uint64_t stamp_tsc(uint64_t steps)
{
	uint64_t ticks = steps << STEP_BITS;

	ticks = scale.shift >= 0 ? ticks >> scale.shift : ticks << -scale.shift;
	return scale.base + ticks - offset();
}

static uint64_t stamp_ns(uint64_t steps)
{
	return scale.ns_at_base + steps * (scale.mul >> (32 - STEP_BITS));
}

void time_describe(const struct domain *d, struct vcpu_time_info *out)
{
	const struct guest_tsc *t = &d->time.tsc;
	uint64_t steps = stamp_steps();

	if (unlikely(t->emulated)) {
		guest_tsc_describe(t, stamp_ns(steps), out);
		return;
	}
	*out = (struct vcpu_time_info){
		.tsc_timestamp = stamp_tsc(steps),
		.system_time = stamp_ns(steps),
		.tsc_to_system_mul = scale.mul,
		.tsc_shift = scale.shift,
		.flags = cpu_features.invariant_tsc && !corrected ?
			 XEN_PVCLOCK_TSC_STABLE_BIT : 0,
	};
}

void time_publish(struct vcpu *v)
{
	volatile struct vcpu_time_info *to = &v->info->time;
	struct vcpu_time_info now;
	uint32_t version;

	/* A guest that writes over its clock misleads nobody but itself. */
	if (likely(to->tsc_timestamp == stamp_tsc(stamp_steps()) &&
		   to->tsc_to_system_mul == scale.mul) && likely(!v->domain->time.tsc.emulated))
		return;
	time_describe(v->domain, &now);
	if (to->tsc_timestamp == now.tsc_timestamp &&
	    to->tsc_to_system_mul == now.tsc_to_system_mul)
		return;
	version = to->version | 1;
	WRITE_ONCE(to->version, version);	/* odd: being written */
	barrier();				/* x86 keeps stores in order */
	to->tsc_timestamp = now.tsc_timestamp;
	to->system_time = now.system_time;
	to->tsc_to_system_mul = now.tsc_to_system_mul;
	to->tsc_shift = now.tsc_shift;
	to->flags = now.flags;
	barrier();
	WRITE_ONCE(to->version, version + 1);
}
