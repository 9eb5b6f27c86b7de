/* SPDX-License-Identifier: MIT */
/* test_time_wallclock.c - CMOS dates, and what every domain is told. */
/* link: hypervisor/sync/spinlock.c */
#include "time/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t now;
static uint8_t cmos[16], index;
static unsigned updating;	/* reads of status A that still say "updating" */
static struct shared_info shared[2];
static struct domain dom[2];

uint64_t time_now(void)
{
	return now;
}

void outb(uint16_t port, uint8_t v)
{
	if (port == 0x70)
		index = v;
}

uint8_t inb(uint16_t port)
{
	if (port == 0x71 && index == 0x0a && updating) {
		updating--;
		return 0x80;
	}
	return port == 0x71 ? cmos[index & 15] : 0xff;
}

struct domain *domain_get_next(domid_t from)
{
	return from < 2 ? &dom[from] : NULL;
}

struct domain *domain_put_next(struct domain *d)
{
	return d == &dom[0] ? &dom[1] : NULL;
}

static void set_cmos(uint8_t year, uint8_t month, uint8_t day, uint8_t hour,
		     uint8_t minute, uint8_t second, uint8_t status)
{
	cmos[9] = year;
	cmos[8] = month;
	cmos[7] = day;
	cmos[4] = hour;
	cmos[2] = minute;
	cmos[0] = second;
	cmos[11] = status;
}

/* Seconds since 1970, as a guest computes them. */
static int64_t utc(void)
{
	struct domain d = { .shared = &shared[0] };

	spin_init(&d.lock, RANK_DOMAIN);
	wallclock_publish(&d);
	return (int64_t)(shared[0].wc_sec | (uint64_t)shared[0].wc_sec_hi << 32) +
	       (int64_t)((shared[0].wc_nsec + now) / NS_PER_SECOND);
}

static void dates(void **state)
{
	set_cmos(0x26, 0x11, 0x23, 0x01, 0x33, 0x10, 0x02);	/* BCD, 24 h */
	updating = 3;
	now = 5 * NS_PER_SECOND;
	wallclock_init();
	assert_int_equal(utc(), 1795397590);
	set_cmos(0, 2, 29, 23, 59, 59, 0x06);			/* binary */
	wallclock_init();
	assert_int_equal(utc(), 951868799);
	set_cmos(0x70, 0x01, 0x02, 0x12, 0x00, 0x00, 0x00);	/* 12 h: midnight */
	wallclock_init();
	assert_int_equal(utc(), 86400);
	set_cmos(0x24, 0x12, 0x31, 0x92, 0x00, 0x01, 0x00);	/* 12 h: noon */
	wallclock_init();
	assert_int_equal(utc(), 1735646401);
}

/* Rule: seconds and nanoseconds of system time 0, an even version, and each
 * domain its own offset. */
static void telling_domains(void **state)
{
	shared[0] = (struct shared_info){ 0 };
	for (int i = 0; i < 2; i++) {
		dom[i] = (struct domain){ .id = (domid_t)i, .shared = &shared[i] };
		spin_init(&dom[i].lock, RANK_DOMAIN);
	}
	wallclock_set(0x1ffffffffUL, 7, 2 * NS_PER_SECOND + 9);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(shared[i].wc_version, 2);
		assert_int_equal(shared[i].wc_sec, 0xfffffffc);
		assert_int_equal(shared[i].wc_sec_hi, 1);
		assert_int_equal(shared[i].wc_nsec, 999999998);
	}
	wallclock_set_offset(&dom[1], -3600);
	assert_int_equal(shared[1].wc_version, 4);
	assert_int_equal(shared[1].wc_sec, 0xfffffffc - 3600);
	wallclock_publish(&dom[1]);
	assert_int_equal(shared[1].wc_sec, 0xfffffffc - 3600);
	assert_int_equal(shared[0].wc_version, 2);
	assert_int_equal(this_cpu()->locks_held, 0);
}

/* Rule: a dead domain whose shared page is gone keeps its offset, and is not
 * written to. */
static void the_dead_are_not_told(void **state)
{
	dom[1].shared = NULL;
	wallclock_set(5, 0, 0);
	wallclock_set_offset(&dom[1], 60);
	assert_int_equal(dom[1].time.offset_seconds, 60);
	assert_int_equal(shared[0].wc_sec, 5);
	assert_int_equal(this_cpu()->locks_held, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates),
		cmocka_unit_test(telling_domains),
		cmocka_unit_test(the_dead_are_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
