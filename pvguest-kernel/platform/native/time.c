/* SPDX-License-Identifier: MIT */
/* time.c - the TSC as the clock, measured against the interval timer; that
 * timer, one shot at a time, as the alarm.
 *
 * The timer counts at most 55 ms: a longer wait is a chain of shots.
 */
#include "core/time.h"

#include "platform/native/native.h"
#include "platform/platform.h"

#define PIT_HZ 1193182ul
#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_GATE 0x61
#define PIT_ONE_SHOT_0 0x30
#define PIT_ONE_SHOT_2 0xb0
#define PIT_LONGEST 0xffffu
#define PIT_SHORTEST 20u
#define CALIBRATION_MS 10

#define RTC_INDEX 0x70
#define RTC_DATA 0x71

static uint64_t tsc_at_start, wall_at_start;
static uint64_t ns_per_tick;		/* with 32 fraction bits */
static uint64_t wanted = UINT64_MAX;

static uint64_t read_tsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a" (low), "=d" (high));
	return (uint64_t)high << 32 | low;
}

/* Channel 2 raises its output, which can be read back, after the time. */
static uint64_t measure_tsc(void)
{
	uint16_t count = PIT_HZ * CALIBRATION_MS / 1000;
	uint64_t start;

	outb(PIT_GATE, (inb(PIT_GATE) & ~2) | 1);
	outb(PIT_COMMAND, PIT_ONE_SHOT_2);
	outb(PIT_CHANNEL2, (uint8_t)count);
	outb(PIT_CHANNEL2, (uint8_t)(count >> 8));
	start = read_tsc();
	while (!(inb(PIT_GATE) & 0x20))
		;
	return (read_tsc() - start) * 1000 / CALIBRATION_MS;
}

static unsigned rtc(uint8_t reg)
{
	unsigned bcd;

	outb(RTC_INDEX, reg);
	bcd = inb(RTC_DATA);
	return (bcd & 15) + (bcd >> 4) * 10;
}

/* Days since 1970 of a date of the Gregorian calendar, March first. */
static uint64_t days_from_date(unsigned year, unsigned month, unsigned day)
{
	uint64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 719469;
}

static uint64_t rtc_seconds(void)
{
	unsigned second;
	uint64_t t;

	do {
		second = rtc(0);
		t = days_from_date(2000 + rtc(9), rtc(8), rtc(7)) * 86400 + rtc(4) * 3600ul +
		    rtc(2) * 60ul + second;
	} while (second != rtc(0));
	return t;
}

uint64_t platform_clock(void)
{
	return (uint64_t)(((unsigned __int128)(read_tsc() - tsc_at_start) * ns_per_tick) >> 32);
}

uint64_t platform_wall_clock(void)
{
	return wall_at_start + platform_clock();
}

int platform_set_wall_clock(uint64_t ns)
{
	wall_at_start = ns - platform_clock();
	return 0;
}

static void shoot(void)
{
	uint64_t now = platform_clock();
	uint64_t ns = wanted > now ? wanted - now : 0;
	uint64_t count = ns > NSEC_PER_SEC / 18 ? PIT_LONGEST : ns * PIT_HZ / NSEC_PER_SEC;

	count = min_u64(max_u64(count, PIT_SHORTEST), PIT_LONGEST);
	outb(PIT_COMMAND, PIT_ONE_SHOT_0);
	outb(PIT_CHANNEL0, (uint8_t)count);
	outb(PIT_CHANNEL0, (uint8_t)(count >> 8));
}

void native_timer_tick(void)
{
	if (wanted > platform_clock() && wanted != UINT64_MAX)
		shoot();
}

void platform_timer_set(uint64_t deadline)
{
	wanted = deadline;
	shoot();
}

void native_time_init(void)
{
	ns_per_tick = (NSEC_PER_SEC << 32) / measure_tsc();
	tsc_at_start = read_tsc();
	wall_at_start = rtc_seconds() * NSEC_PER_SEC;
}
