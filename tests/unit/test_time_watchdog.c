/* SPDX-License-Identifier: MIT */
/* test_time_watchdog.c - CPUs that stop looking at their clock.
 */
#include "time/time.h"

#include "console/console.h"
#include "cpu/bits.h"
#include "cpu/cpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t now;
static char said[8192];
static uint64_t nmis;			/* bit per CPU that got one */

uint64_t cpus_online;
uint64_t time_now(void) { return now; }
void apic_send_nmi(const struct cpu *c) { nmis |= 1UL << c->id; }
void apic_route_isa_nmi(unsigned irq) { }
bool console_seize(bool may_wait) { return true; }
void console_let_go(void) { }
void log_registers(const struct cpu_frame *f) { log("registers rip %lx", f->rip); }
void backtrace_log(const uint64_t *words, unsigned n) { log("words %u", n); }

unsigned backtrace_take(uint64_t rsp, uint64_t *words, unsigned n)
{
	words[0] = rsp;
	return 1;
}

void log(const char *fmt, ...)
{
	size_t n = strlen(said);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said + n, sizeof(said) - n, fmt, ap);
	va_end(ap);
	strcat(said, "\n");
}

/* All CPUs of the mask tick, the lowest first. */
static void tick(uint64_t mask)
{
	now += NS_PER_SECOND;
	for (; mask; mask &= mask - 1) {
		fake_cpu = (unsigned)__builtin_ctzl(mask);
		watchdog_tick();
	}
	fake_cpu = 0;
}

static bool nmi(unsigned cpu, uint64_t rflags, bool from_guest)
{
	const struct cpu_frame f = { .rip = 0x1234, .rflags = rflags };
	bool mine;

	fake_cpu = cpu;
	mine = watchdog_nmi(&f, from_guest);
	fake_cpu = 0;
	return mine;
}

static int setup(void **state)
{
	now = 100 * NS_PER_SECOND;
	for (unsigned i = 0; i < FAKE_CPUS; i++) {
		memset(cpu_of(i), 0, sizeof(struct cpu));
		cpu_of(i)->id = i;
	}
	cpus_online = 15;
	watchdog_init(5, false);
	tick(15);
	tick(15);
	said[0] = 0;
	nmis = 0;
	return 0;
}

static bool heard(const char *text)
{
	return strstr(said, text);
}

/* Rule: a CPU late by the bound is reported once, with its state, and the
 * report is whole at the reporter's next tick. */
static void stuck_inside(void **state)
{
	for (int i = 0; i < 4; i++)
		tick(13);
	assert_string_equal(said, "");
	tick(13);
	assert_true(heard("CPU 1 has not looked at its clock for 5000 ms"));
	assert_int_equal(nmis, 2);
	assert_true(nmi(1, 0, false));
	assert_false(heard("rip"));
	tick(13);
	assert_true(heard("CPU 1 is inside the hypervisor"));
	assert_true(heard("registers rip 1234"));
	said[0] = 0;
	for (int i = 0; i < 20; i++)
		tick(13);
	assert_string_equal(said, "");
	tick(15);			/* it goes on, and stops once more */
	for (int i = 0; i < 5; i++)
		tick(13);
	assert_true(heard("CPU 1 has not looked at its clock for 5000 ms"));
}

/* Rule: who idles or runs a guest is not taken for stuck inside. */
static void not_inside(void **state)
{
	for (int i = 0; i < 5; i++)
		tick(13);
	assert_true(nmi(1, FLAGS_IF, false));
	tick(13);
	assert_true(heard("CPU 1 idles"));
	setup(state);
	for (int i = 0; i < 5; i++)
		tick(13);
	assert_true(nmi(1, FLAGS_IF, true));
	tick(13);
	assert_true(heard("CPU 1 runs a guest"));
	assert_false(heard("registers"));
}

/* Rule: who gets stuck before its first tick is late as well, but nobody is before
 * the watch begins. */
static void before_the_first_tick(void **state)
{
	cpu_of(1)->tick_seen = 0;
	for (int i = 0; i < 9; i++)
		tick(13);
	assert_string_equal(said, "");
	watchdog_init(5, false);
	for (int i = 0; i < 5; i++)
		tick(13);
	assert_true(heard("CPU 1 has not looked at its clock for 5000 ms"));
}

/* Rule: a CPU that takes no NMI is reported as such. */
static void deaf(void **state)
{
	for (int i = 0; i < 6; i++)
		tick(13);
	assert_true(heard("CPU 1 does not answer"));
}

/* Rule: when only one CPU is left, it finds all others, one after the other. */
static void all_but_one(void **state)
{
	for (int i = 0; i < 9; i++)
		tick(1);
	assert_true(heard("CPU 1 has not") && heard("CPU 2 has not") && heard("CPU 3 has not"));
	assert_int_equal(nmis, 14);
}

/* Rule: CPUs that tick are never reported, and a foreign NMI is not ours. */
static void all_well(void **state)
{
	for (int i = 0; i < 50; i++)
		tick(15);
	assert_string_equal(said, "");
	assert_false(nmi(2, 0, false));
	cpus_online = 1;
	for (int i = 0; i < 50; i++)
		tick(1);
	assert_string_equal(said, "");
}

/* Rule: one CPU alone is its own watchdog by an NMI, which reports it once. */
static void alone(void **state)
{
	cpus_online = 1;
	watchdog_init(5, true);
	tick(1);
	now += 4 * NS_PER_SECOND;
	assert_true(nmi(0, 0, false));
	assert_string_equal(said, "");
	now += 2 * NS_PER_SECOND;
	assert_true(nmi(0, 0, false));
	assert_true(heard("CPU 0 has not looked at its clock for 6000 ms"));
	assert_true(heard("registers rip 1234"));
	said[0] = 0;
	assert_true(nmi(0, 0, false));
	assert_string_equal(said, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(stuck_inside, setup),
		cmocka_unit_test_setup(not_inside, setup),
		cmocka_unit_test_setup(before_the_first_tick, setup),
		cmocka_unit_test_setup(deaf, setup),
		cmocka_unit_test_setup(all_but_one, setup),
		cmocka_unit_test_setup(all_well, setup),
		cmocka_unit_test_setup(alone, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
