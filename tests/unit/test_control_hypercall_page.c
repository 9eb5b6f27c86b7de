/* SPDX-License-Identifier: MIT */
/* test_control_hypercall_page.c - the stubs, byte by byte.
 *
 * Rule: call n starts at 32 * n and loads n into EAX; all but iret come back
 * with RCX and R11 as they were.
 */
/* link: hypervisor/base/string.c */
#include "control/hypercall_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint8_t page[4096 + 1];

static int setup(void **state)
{
	memset(page, 0x11, sizeof(page));
	hypercall_page_fill(page);
	return 0;
}

static void every_call(void **state)
{
	for (uint8_t n = 0; n < 128; n++) {
		const uint8_t want[] = {
			0x51,			/* push %rcx */
			0x41, 0x53,		/* push %r11 */
			0xb8, n, 0, 0, 0,	/* mov  $n, %eax */
			0x0f, 0x05,		/* syscall */
			0x41, 0x5b,		/* pop  %r11 */
			0x59,			/* pop  %rcx */
			0xc3,			/* ret */
			0xcc,
		};

		if (n != 23)
			assert_memory_equal(page + 32 * n, want, sizeof(want));
	}
}

static void iret_pushes_its_frame(void **state)
{
	const uint8_t want[] = {
		0x51,				/* push %rcx */
		0x41, 0x53,			/* push %r11 */
		0x50,				/* push %rax */
		0xb8, 23, 0, 0, 0,		/* mov  $23, %eax */
		0x0f, 0x05,			/* syscall */
		0xcc,
	};

	assert_memory_equal(page + 32 * 23, want, sizeof(want));
}

static void nothing_behind_the_page(void **state)
{
	assert_int_equal(page[4096], 0x11);
	assert_int_equal(page[4095], 0xcc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_call, setup),
		cmocka_unit_test_setup(iret_pushes_its_frame, setup),
		cmocka_unit_test_setup(nothing_behind_the_page, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
