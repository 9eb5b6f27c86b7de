/* SPDX-License-Identifier: MIT */
/* clock.c - system time from the time-stamp counter.
 *
 * Guards: hypervisor and guests compute the same nanosecond from the same
 * TSC, and time never goes backwards.
 * Invariant: the scale is fixed at boot, so a guest's copy never grows
 * stale: publishing means writing it where it is not yet.
 */
#include "time/time.h"

#include "base/string.h"
#include "cpu/features.h"

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
void clock_init(uint64_t tsc_hz, uint64_t tsc_at_zero)
{
	uint64_t hz = tsc_hz;
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
	scale.mul = (uint32_t)((NS_PER_SECOND << 32) / hz);
	scale.shift = (int8_t)shift;
	scale.hz = tsc_hz;
	scale.base = rdtsc();
	scale.ns_at_base = scaled(scale.base - tsc_at_zero);
}

uint64_t time_now(void)
{
	return scale.ns_at_base + scaled(rdtsc() - scale.base);
}

uint64_t time_tsc_hz(void)
{
	return scale.hz;
}

void time_describe(struct vcpu_time_info *out)
{
	*out = (struct vcpu_time_info){
		.tsc_timestamp = scale.base,
		.system_time = scale.ns_at_base,
		.tsc_to_system_mul = scale.mul,
		.tsc_shift = scale.shift,
		.flags = cpu_features.invariant_tsc ? XEN_PVCLOCK_TSC_STABLE_BIT : 0,
	};
}

void time_publish(struct vcpu *v)
{
	volatile struct vcpu_time_info *to = &v->info->time;
	uint32_t version;

	/* A guest that writes over its clock misleads nobody but itself. */
	if (likely(to->tsc_to_system_mul == scale.mul && to->tsc_timestamp == scale.base))
		return;
	version = to->version | 1;
	WRITE_ONCE(to->version, version);	/* odd: being written */
	barrier();				/* x86 keeps stores in order */
	to->tsc_timestamp = scale.base;
	to->system_time = scale.ns_at_base;
	to->tsc_to_system_mul = scale.mul;
	to->tsc_shift = scale.shift;
	to->flags = cpu_features.invariant_tsc ? XEN_PVCLOCK_TSC_STABLE_BIT : 0;
	barrier();
	WRITE_ONCE(to->version, version + 1);
}
