/* SPDX-License-Identifier: MIT */
/* test_cpu_stretch.c - the longest of each kind of entry, and nothing lost.
 */
#include "cpu/stretch.h"

#include <public/paravane.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define HYPERCALL_SYSCTL	35
#define MEMORY_OP		12

static uint64_t clock = 1000;

uint64_t rdtsc(void)
{
	return clock;
}

static int setup(void **state)
{
	stretch_reset();
	this_cpu()->excused = 0;
	return 0;
}

static void took(uint64_t ticks, uint32_t vector, uint64_t rax, uint64_t rdi)
{
	struct cpu_frame f = { .vector = vector, .rax = rax, .rdi = rdi };

	stretch_begin(&f, true);
	clock += ticks;
	stretch_end();
}

static void longest_is_kept(void **state)
{
	struct stretch s;

	took(300, ENTRY_SYSCALL, MEMORY_OP, 6 | 77 << 6);
	took(500, ENTRY_SYSCALL, MEMORY_OP, 6);
	took(400, ENTRY_SYSCALL, MEMORY_OP, 6);
	assert_true(stretch_read(0, &s));
	assert_int_equal(s.kind, PARAVANE_STRETCH_CALL);
	assert_int_equal(s.number, MEMORY_OP);
	assert_int_equal(s.command, 6);
	assert_int_equal(s.count, 3);
	assert_in_range(s.longest, 500, 580);
	assert_false(stretch_read(1, &s));
}

static void a_block_says_its_command(void **state)
{
	struct cpu_frame f = { .vector = ENTRY_SYSCALL, .rax = HYPERCALL_SYSCTL };
	struct stretch s;

	stretch_begin(&f, true);
	entry_command(9);
	stretch_end();
	assert_true(stretch_read(0, &s));
	assert_int_equal(s.command, 9);
}

static void what_is_excused_does_not_count(void **state)
{
	struct cpu_frame f = { .vector = 14 };
	struct stretch s;

	stretch_begin(&f, true);
	clock += 100000;
	work_excuse(this_cpu(), clock - 100000);
	stretch_end();
	assert_true(stretch_read(0, &s));
	assert_int_equal(s.kind, PARAVANE_STRETCH_TRAP);
	assert_int_equal(s.number, 14);
	assert_in_range(s.longest, 0, 100);
}

static void a_full_table_loses_nothing(void **state)
{
	struct stretch s;
	uint64_t most = 0;
	unsigned rows = 0;

	for (unsigned i = 0; i < 3000; i++)
		took(10 + (i == 2999) * 9000, ENTRY_SYSCALL, 17, i);
	while (stretch_read(rows, &s)) {
		rows++;
		most = MAX(most, s.longest);
	}
	assert_in_range(rows, 1000, 2000);
	assert_in_range(most, 9000, 9100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(longest_is_kept, setup),
		cmocka_unit_test_setup(a_block_says_its_command, setup),
		cmocka_unit_test_setup(what_is_excused_does_not_count, setup),
		cmocka_unit_test_setup(a_full_table_loses_nothing, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
