/* SPDX-License-Identifier: MIT */
/* time.c - the clock from the shared page, the timer by hypercall.
 *
 * Guards: a clock that is being rewritten is read again: the version is even,
 * and the same before and after.
 * Not here: what happens when time is up (core/time.c).
 */
#include <public/platform.h>
#include <public/vcpu.h>

#include "core/errno.h"
#include "core/printk.h"
#include "core/time.h"
#include "platform/platform.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

static uint64_t read_tsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a" (low), "=d" (high));
	return (uint64_t)high << 32 | low;
}

uint64_t platform_clock(void)
{
	const volatile struct vcpu_time_info *t = &shared_info.vcpu_info[0].time;
	uint64_t delta, ns;
	uint32_t version;

	do {
		version = t->version;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		delta = read_tsc() - t->tsc_timestamp;
		delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
		ns = t->system_time +
		     (uint64_t)(((unsigned __int128)delta * t->tsc_to_system_mul) >> 32);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) || version != t->version);
	return ns;
}

uint64_t platform_wall_clock(void)
{
	const volatile struct shared_info *s = &shared_info;
	uint32_t version;
	uint64_t ns;

	do {
		version = s->wc_version;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		ns = ((uint64_t)s->wc_sec_hi << 32 | s->wc_sec) * NSEC_PER_SEC + s->wc_nsec;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) || version != s->wc_version);
	return ns + platform_clock();
}

/* The machine's, for all domains: the control domain's call. */
int platform_set_wall_clock(uint64_t ns)
{
	struct xen_platform_op op = {
		.cmd = XENPF_settime64,
		.interface_version = XENPF_INTERFACE_VERSION,
		.u.settime64 = {
			.secs = ns / NSEC_PER_SEC,
			.nsecs = (uint32_t)(ns % NSEC_PER_SEC),
			.system_time = platform_clock(),
		},
	};

	return hv_platform_op(&op) ? -EPERM : 0;
}

void platform_timer_set(uint64_t deadline)
{
	hv_set_timer_op(deadline);
}

/* The upcall itself is the news: the core looks at its timers after every
 * interrupt. */
static void timer_event(unsigned port)
{
}

void xen_time_init(void)
{
	hv_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	if (event_bind_virq(VIRQ_TIMER, timer_event) < 0)
		panic("no timer");
}
