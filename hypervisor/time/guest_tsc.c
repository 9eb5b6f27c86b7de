/* SPDX-License-Identifier: MIT */
/* guest_tsc.c - the time-stamp counter that a domain is given.
 *
 * Guards: it is the machine's own, read without a trap, or an emulated one,
 * computed from the system time. That one never tells a value twice, on all
 * vCPUs of a domain together (if it runs at 1 GHz at least), and gives the same
 * time by the domain's vcpu_time_info, to the few ns that rounding takes.
 * By default (the first domain: always) it is the machine's while the counters
 * of all CPUs agree: the emulated one is computed from the same counter, and
 * could mend nothing else.
 * Not here: CR4.TSD, and the traps it makes (emul).
 */
#include "time/time.h"

static uint32_t machine_khz(void)
{
	return (uint32_t)(time_tsc_hz() / 1000);
}

void guest_tsc_set(struct domain *d, unsigned mode, uint32_t khz, uint64_t elapsed)
{
	struct guest_tsc *t = &d->time.tsc;
	uint32_t own = machine_khz();

	t->mode = (uint8_t)mode;
	t->khz = khz ? khz : own;
	t->scale = scale_of(t->khz * 1000UL);
	t->inverse = ~0UL / t->scale.mul;
	t->zero = time_now() - elapsed;
	t->last = 0;
	t->emulated = mode == TSC_MODE_ALWAYS ||
		      (mode == TSC_MODE_DEFAULT && !d->control &&
		       (t->khz != own || !clock_counters_agree()));
}

static uint64_t ticks_at(const struct guest_tsc *t, uint64_t ns)
{
	uint64_t n = (uint64_t)((unsigned __int128)(ns - t->zero) * t->inverse >> 32);

	return t->scale.shift >= 0 ? n >> t->scale.shift : n << -t->scale.shift;
}

/* The first vCPU runs later than that, and no stamp is from before the zero. */
#define FIRST_STAMP	1000		/* ns */

void guest_tsc_describe(const struct guest_tsc *t, uint64_t ns, struct vcpu_time_info *out)
{
	if ((int64_t)(ns - t->zero) < FIRST_STAMP)
		ns = t->zero + FIRST_STAMP;
	*out = (struct vcpu_time_info){
		.tsc_timestamp = ticks_at(t, ns),
		.system_time = ns,
		.tsc_to_system_mul = t->scale.mul,
		.tsc_shift = t->scale.shift,
	};
}

uint64_t guest_tsc_read(struct domain *d)
{
	struct guest_tsc *t = &d->time.tsc;
	uint64_t now, last;

	if (!t->emulated)
		return rdtsc();
	now = time_now();
	last = __atomic_load_n(&t->last, __ATOMIC_RELAXED);
	do
		now = MAX(now, last + 1);
	while (!__atomic_compare_exchange_n(&t->last, &last, now, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED));
	return ticks_at(t, now);
}
