/* SPDX-License-Identifier: MIT */
/* calibrate.c - how fast the TSC and the local APIC's timer run.
 *
 * Channel 2 of the PIT counts a known time down once; both counters are read
 * at its start and at its end. The start is the store that loads the count,
 * the end is the output pin going high, so the error is one port access and
 * one PIT tick. Boot only; 3 ms in all.
 */
#include "time/time.h"

#include "base/log.h"

#define PIT_HZ		1193182UL
#define PIT_CHANNEL2	0x42
#define PIT_MODE	0x43
#define PIT_LATCH_2	0x80
#define PIT_ONESHOT_2	0xb0	/* channel 2, two bytes, mode 0 */
#define PORT_61		0x61
#define PORT_61_GATE	0x01
#define PORT_61_SPEAKER	0x02
#define PORT_61_OUT	0x20

#define CALIBRATION_TICKS (3 * PIT_HZ / 1000)
/* From here on the pin is watched as closely as possible. */
#define LAST_TICKS	100
/* More reads than any machine needs for 3 ms: the PIT is not counting. */
#define READS_MAX	(1u << 20)

static INIT uint32_t pit_count(void)
{
	uint32_t lo;

	outb(PIT_MODE, PIT_LATCH_2);
	lo = inb(PIT_CHANNEL2);
	return lo | (uint32_t)inb(PIT_CHANNEL2) << 8;
}

static INIT bool pit_done(void)
{
	return inb(PORT_61) & PORT_61_OUT;
}

INIT void clock_calibrate(uint64_t *tsc_hz, uint64_t *apic_hz)
{
	uint8_t port = inb(PORT_61);
	uint64_t tsc;
	uint32_t apic, reads = 0;

	outb(PORT_61, (port & ~PORT_61_SPEAKER) | PORT_61_GATE);
	outb(PIT_MODE, PIT_ONESHOT_2);
	outb(PIT_CHANNEL2, CALIBRATION_TICKS & 0xff);
	outb(PIT_CHANNEL2, CALIBRATION_TICKS >> 8);
	tsc = rdtsc();
	apic = apic_timer_count();

	/* Coarsely first, because port reads are slow under emulation. */
	while (pit_count() > LAST_TICKS && !pit_done() && reads++ < READS_MAX) {
		for (int i = 0; i < 512; i++)
			barrier();
	}
	while (!pit_done() && reads++ < READS_MAX)
		;
	tsc = rdtsc() - tsc;
	apic -= apic_timer_count();	/* it counts down */
	outb(PORT_61, port);

	if (reads >= READS_MAX || !tsc || !apic)
		panic("no clock: the PIT did not count %lu ticks", CALIBRATION_TICKS);
	*tsc_hz = tsc * PIT_HZ / CALIBRATION_TICKS;
	*apic_hz = (uint64_t)apic * PIT_HZ / CALIBRATION_TICKS;
}
