/* SPDX-License-Identifier: MIT */
/* calibrate.c - how fast the TSC and the local APIC's timer run.
 *
 * Channel 2 of the PIT counts down at a known rate; all three counters are
 * read together a few times, twice, 2 ms apart, and once more as a check.
 * Guards: a machine that stops between two reads (firmware, an emulator that
 * was not scheduled) does not spoil the clock: what was read slowly is left
 * out, and two halves that disagree are measured again.
 * Boot only; below 5 ms in all.
 */
#include "time/time.h"

#include "base/log.h"

#define PIT_HZ		1193182UL
#define PIT_CHANNEL2	0x42
#define PIT_MODE	0x43
#define PIT_LATCH_2	0x80
#define PIT_COUNT_2	0xb0	/* channel 2, two bytes, count down once */
#define PORT_61		0x61
#define PORT_61_GATE	0x01
#define PORT_61_SPEAKER	0x02

#define HALF_TICKS	(2 * PIT_HZ / 1000)
/* Several reads at unlike phases average the PIT's coarse ticks out. */
#define READS		16
#define TRIES		10
/* More polls than any machine needs for a half: the PIT is not counting. */
#define POLLS_MAX	(1u << 16)

/* Averages, with FRACTION bits after the point. A TSC of 5 GHz counts 2^28
 * before the PIT wraps, so products with PIT_HZ stay below 2^61. */
#define FRACTION	12
struct moment {
	uint64_t tsc, apic, pit;
};

static INIT void pause_shortly(void)
{
	for (int i = 0; i < 128; i++)
		barrier();
}

static INIT uint32_t pit_read(void)
{
	uint32_t lo = inb(PIT_CHANNEL2);

	return lo | (uint32_t)inb(PIT_CHANNEL2) << 8;
}

/* The average of the reads that took about as long as the fastest; the two
 * that count down, as if they counted up. */
static INIT struct moment moment_read(void)
{
	struct { uint64_t tsc, took; uint32_t apic, pit; } r[READS];
	struct moment m = { 0 };
	uint64_t fastest = ~0UL, base, n = 0;

	for (unsigned i = 0; i < READS; i++) {
		pause_shortly();
		r[i].tsc = rdtsc();
		outb(PIT_MODE, PIT_LATCH_2);
		r[i].apic = ~apic_timer_count();
		r[i].took = rdtsc() - r[i].tsc;
		r[i].pit = ~pit_read() & 0xffff;
		fastest = MIN(fastest, r[i].took);
	}
	base = r[0].tsc;
	for (unsigned i = 0; i < READS; i++) {
		if (r[i].took > fastest + fastest / 2)
			continue;
		m.tsc += r[i].tsc - base;
		m.apic += r[i].apic;
		m.pit += r[i].pit;
		n++;
	}
	return (struct moment){
		.tsc = (base << FRACTION) + (m.tsc << FRACTION) / n,
		.apic = (m.apic << FRACTION) / n,
		.pit = (m.pit << FRACTION) / n,
	};
}

/* The PIT is loaded with its largest count. */
static INIT void pit_start(void)
{
	outb(PORT_61, (inb(PORT_61) & ~PORT_61_SPEAKER) | PORT_61_GATE);
	outb(PIT_MODE, PIT_COUNT_2);
	outb(PIT_CHANNEL2, 0xff);
	outb(PIT_CHANNEL2, 0xff);
}

/* False if the count would come round before: the machine stood still. */
static INIT bool pit_wait(uint32_t until)
{
	if (until > 0xffff)
		return false;
	for (unsigned polls = 0; polls < POLLS_MAX; polls++) {
		outb(PIT_MODE, PIT_LATCH_2);
		if ((~pit_read() & 0xffff) >= until)
			return true;
		pause_shortly();
	}
	return false;
}

static INIT bool about_equal(uint64_t a, uint64_t b)
{
	return a - b + a / 64 <= a / 32;
}

/* Three moments, two halves apart; false if they do not fit together. */
static INIT bool measure(struct moment m[3])
{
	pit_start();
	for (unsigned i = 0; i < 3; i++) {
		if (i && !pit_wait((uint32_t)(m[i - 1].pit >> FRACTION) + HALF_TICKS))
			return false;
		m[i] = moment_read();
		if (i && m[i].pit <= m[i - 1].pit)
			return false;		/* it has come round */
	}
	/* Ticks of the TSC for one of the PIT, in each half. */
	return about_equal(((m[1].tsc - m[0].tsc) << 8) / (m[1].pit - m[0].pit),
			   ((m[2].tsc - m[1].tsc) << 8) / (m[2].pit - m[1].pit));
}

INIT void clock_calibrate(uint64_t *tsc_hz, uint64_t *apic_hz)
{
	uint8_t port = inb(PORT_61);
	struct moment m[3] = { 0 };
	unsigned tries = 0;
	uint64_t pit;

	while (!measure(m) && ++tries < TRIES)
		continue;
	outb(PORT_61, port);
	pit = m[2].pit - m[0].pit;
	if (m[2].pit <= m[0].pit)
		panic("no clock: the PIT does not count, or the machine stands still too often");
	if (tries == TRIES)
		log("clock: the PIT and the TSC do not agree for long");
	*tsc_hz = (m[2].tsc - m[0].tsc) * PIT_HZ / pit;
	*apic_hz = (m[2].apic - m[0].apic) * PIT_HZ / pit;
}
