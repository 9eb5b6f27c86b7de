/* SPDX-License-Identifier: MIT */
/* init.c - time begins.
 *
 * System time is zero when the calibration starts; nothing asks for it
 * earlier.
 */
#include "time/time.h"

#include "base/log.h"
#include "console/console.h"

INIT void time_init(void)
{
	uint64_t tsc_hz, apic_hz, start = rdtsc();

	apic_timer_free_run();
	clock_calibrate(&tsc_hz, &apic_hz);
	clock_init(tsc_hz, start);
	apic_timer_init(apic_hz);
	timer_init();
	timer_start_clock();
	wallclock_init();
	console_set_tsc_rate(tsc_hz);
	log("clock: TSC %lu kHz, APIC timer %lu kHz", tsc_hz / 1000, apic_hz / 1000);
}
