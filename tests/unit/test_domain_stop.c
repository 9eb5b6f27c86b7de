/* SPDX-License-Identifier: MIT */
/* test_domain_stop.c - a domain stops once, and the first reason stays.
 */
/* link: hypervisor/base/string.c hypervisor/base/format.c hypervisor/sync/spinlock.c */
#include "domain/domain.h"

#include "console/console.h"

#include <public/sched.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct domain d;
static struct vcpu v;
static int frames_logged, lines_logged;

void log_registers(const struct cpu_frame *f) { frames_logged++; }
void log(const char *fmt, ...) { lines_logged++; }

static int setup(void **state)
{
	memset(&d, 0, sizeof(d));
	memset(&v, 0, sizeof(v));
	spin_init(&d.lock, RANK_DOMAIN);
	d.shutdown_code = SHUTDOWN_CODE_NONE;
	v.domain = &d;
	this_cpu()->pending = 0;
	this_cpu()->current = NULL;
	frames_logged = lines_logged = 0;
	return 0;
}

static void the_first_reason_stays(void **state)
{
	domain_shutdown(&d, SHUTDOWN_reboot);
	assert_true(d.shutdown);
	assert_true(domain_stopped(&d));
	assert_int_equal(d.shutdown_code, SHUTDOWN_reboot);
	assert_int_equal(this_cpu()->pending, CPU_DOM_EXC | CPU_RESCHED);
	domain_shutdown(&d, SHUTDOWN_poweroff);
	assert_int_equal(d.shutdown_code, SHUTDOWN_reboot);
	domain_crash(&d, "too late");
	assert_int_equal(d.shutdown_code, SHUTDOWN_reboot);
	assert_int_equal(d.crash_reason[0], 0);
	assert_int_equal(lines_logged, 0);
}

/* SCHEDOP_shutdown_code leaves a reason for a shutdown that comes later. */
static void a_reason_left_before_is_used(void **state)
{
	d.shutdown_code = SHUTDOWN_suspend;
	domain_shutdown(&d, SHUTDOWN_poweroff);
	assert_int_equal(d.shutdown_code, SHUTDOWN_suspend);
}

static void a_crash_tells_why_once(void **state)
{
	this_cpu()->current = &v;
	domain_crash(&d, "bad callback %#lx", 0x123UL);
	assert_string_equal(d.crash_reason, "bad callback 0x123");
	assert_int_equal(d.shutdown_code, SHUTDOWN_crash);
	assert_int_equal(frames_logged, 1);
	domain_crash(&d, "another");
	assert_string_equal(d.crash_reason, "bad callback 0x123");
	assert_int_equal(frames_logged, 1);
}

static void registers_of_others_are_not_shown(void **state)
{
	struct domain other = d;
	struct vcpu w = { .domain = &other };

	this_cpu()->current = &w;
	domain_crash(&d, "from outside");
	assert_int_equal(frames_logged, 0);
	assert_int_equal(lines_logged, 1);
}

static void long_reasons_are_cut(void **state)
{
	char text[300];

	memset(text, 'x', sizeof(text));
	text[299] = 0;
	domain_crash(&d, "%s", text);
	assert_int_equal(strlen(d.crash_reason), sizeof(d.crash_reason) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_first_reason_stays, setup),
		cmocka_unit_test_setup(a_reason_left_before_is_used, setup),
		cmocka_unit_test_setup(a_crash_tells_why_once, setup),
		cmocka_unit_test_setup(registers_of_others_are_not_shown, setup),
		cmocka_unit_test_setup(long_reasons_are_cut, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
