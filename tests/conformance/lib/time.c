/* SPDX-License-Identifier: MIT */
/* time.c - the system's clock as the ABI tells it, and the timer's port.
 *
 * Rules about time compare moments, never durations with a tight limit: the
 * machine under a test may stand still for seconds. Where vCPUs change CPUs, a
 * moment is as exact as the CPUs' clocks agree.
 */
#include <xen/vcpu.h>

#include "time.h"

evtchn_port_t timer_port;

uint64_t read_tsc(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

uint64_t clock_of(volatile struct vcpu_time_info *t)
{
	uint32_t version;
	uint64_t delta, ns;

	do {
		version = t->version;
		__sync_synchronize();
		delta = read_tsc() - t->tsc_timestamp;
		delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift :
					   delta << t->tsc_shift;
		ns = t->system_time + (uint64_t)((unsigned __int128)delta *
						 t->tsc_to_system_mul >> 32);
		__sync_synchronize();
	} while ((version & 1) || version != t->version);
	return ns;
}

uint64_t now(void)
{
	return clock_of(&shared->vcpu_info[0].time);
}

bool not_before(uint64_t moment, uint64_t other)
{
	return moment + slack() >= other;
}

long timer_open(void)
{
	struct evtchn_bind_virq v = { VIRQ_TIMER, 0, 0 };
	long rc;

	call(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	rc = call(event_channel_op, EVTCHNOP_bind_virq, &v);
	timer_port = v.port;
	return rc;
}

void timer_clear(void)
{
	shared->vcpu_info[0].evtchn_upcall_pending = 0;
	shared->vcpu_info[0].evtchn_pending_sel = 0;
	port_clear(timer_port);		/* last: else the next one were lost */
}

bool timer_within(uint64_t ns)
{
	uint64_t until = now() + ns;

	while (!port_pending(timer_port))
		if (now() > until)
			return port_pending(timer_port);
	return true;
}
