/* SPDX-License-Identifier: MIT */
/* wallclock.c - the time of day: the CMOS clock, settime, every domain's copy.
 *
 * Guards: shared_info's wc_* fields, written under the version protocol.
 * The CMOS clock is read as it stands, without waiting for its next second:
 * the control domain sets the time exactly if it knows better.
 */
#include "time/time.h"

#define CMOS_INDEX	0x70
#define CMOS_DATA	0x71
#define CMOS_STATUS_A	0x0a
#define CMOS_STATUS_B	0x0b
#define UPDATING	0x80
#define BINARY		0x04
#define HOURS_24	0x02
#define PM		0x80

static struct {
	/* its own lock */
	struct spinlock lock;
	uint64_t ns_at_zero;		/* ns since 1970 at system time 0 */
} wall;

static INIT uint8_t cmos(uint8_t index)
{
	outb(CMOS_INDEX, index);
	return inb(CMOS_DATA);
}

struct cmos_time { uint8_t second, minute, hour, day, month, year, status; };

/* The bytes of one moment: none changed while they were read. */
static INIT struct cmos_time cmos_read(void)
{
	static const uint8_t index[] = { 0, 2, 4, 7, 8, 9, CMOS_STATUS_B };
	union { struct cmos_time t; uint8_t b[sizeof(index)]; } now = { 0 };

	for (int tries = 0; tries < 1000; tries++) {
		bool same = !(cmos(CMOS_STATUS_A) & UPDATING);

		for (unsigned i = 0; i < sizeof(index); i++) {
			uint8_t b = cmos(index[i]);

			same = same && b == now.b[i];
			now.b[i] = b;
		}
		if (same)
			break;
	}
	return now.t;
}

static INIT unsigned number(uint8_t b, uint8_t status)
{
	return status & BINARY ? b : (b >> 4) * 10u + (b & 15);
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static INIT uint64_t days(unsigned year, unsigned month, unsigned day)
{
	/* Years that start in March put the leap day at their end. */
	uint64_t y = month > 2 ? year : year - 1;
	uint64_t m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

INIT void wallclock_init(void)
{
	struct cmos_time t = cmos_read();
	unsigned year = number(t.year, t.status);
	unsigned month = number(t.month, t.status);
	unsigned hour = number(t.hour & ~PM, t.status);
	uint64_t seconds;

	spin_init(&wall.lock, RANK_TIMER);
	if (!(t.status & HOURS_24))
		hour = hour % 12 + (t.hour & PM ? 12 : 0);
	year += year < 70 ? 2000 : 1900;
	if (month < 1 || month > 12)
		month = 1;		/* a clock that was never set */
	seconds = days(year, month, number(t.day, t.status)) * 86400 +
		  hour * 3600UL + number(t.minute, t.status) * 60UL +
		  number(t.second, t.status);
	wall.ns_at_zero = seconds * NS_PER_SECOND - time_now();
}

static uint64_t ns_at_zero(void)
{
	uint64_t ns;

	spin_lock(&wall.lock);
	ns = wall.ns_at_zero;
	spin_unlock(&wall.lock);
	return ns;
}

/* d's lock is held: one writer at a time. */
static void publish(struct domain *d)
{
	volatile struct shared_info *to = d->shared;
	uint64_t ns = ns_at_zero();
	uint64_t sec = ns / NS_PER_SECOND + (uint64_t)d->time.offset_seconds;
	uint32_t version;

	if (!to)		/* dead, but not forgotten: its frames are mapped */
		return;
	version = to->wc_version | 1;
	WRITE_ONCE(to->wc_version, version);	/* odd: being written */
	barrier();				/* x86 keeps stores in order */
	to->wc_sec = (uint32_t)sec;
	to->wc_sec_hi = (uint32_t)(sec >> 32);
	to->wc_nsec = (uint32_t)(ns % NS_PER_SECOND);
	barrier();
	WRITE_ONCE(to->wc_version, version + 1);
}

void wallclock_publish(struct domain *d)
{
	spin_lock(&d->lock);
	publish(d);
	spin_unlock(&d->lock);
}

void wallclock_set_offset(struct domain *d, int64_t seconds)
{
	spin_lock(&d->lock);
	d->time.offset_seconds = seconds;
	publish(d);
	spin_unlock(&d->lock);
}

void wallclock_set(uint64_t sec, uint32_t nsec, uint64_t at)
{
	struct domain *d;

	spin_lock(&wall.lock);
	wall.ns_at_zero = sec * NS_PER_SECOND + nsec - at;
	spin_unlock(&wall.lock);

	for_each_domain(d)
		wallclock_publish(d);
}
