/* SPDX-License-Identifier: MIT */
/* test_guest_access.c - no range that touches the hypervisor's slots passes.
 *
 * The copy instructions themselves are faked: what is tested is which ranges
 * ever reach them.
 */
#include "guest/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static unsigned copies;

int guest_copy(void *dst, const void *src, size_t n) { copies++; return 0; }
int guest_clear(void *dst, size_t n) { copies++; return 0; }
/* Memory ends at MEMORY_END, for whoever reads it. */
#define MEMORY_END	0x1005
int guest_load_u64(uint64_t *dst, uint64_t src) { copies++; return src <= MEMORY_END && src + 8 > MEMORY_END; }
int guest_load_u32(uint32_t *dst, uint64_t src) { copies++; return 0; }
int guest_load_u8(uint8_t *dst, uint64_t src) { copies++; *dst = (uint8_t)src; return src == MEMORY_END; }
int guest_store_u64(uint64_t dst, uint64_t v) { copies++; return 0; }
int guest_store_u32(uint64_t dst, uint32_t v) { copies++; return 0; }

static const uint64_t refused[][2] = {
	{ GUEST_HOLE_START, 1 }, { GUEST_HOLE_END - 1, 1 }, { GUEST_HOLE_START - 1, 2 },
	{ 0x800000000000, 1 }, { 0x7fffffffffff, 2 }, { 0xffff7fffffffffff, 1 },
	{ 0x1000, 1UL << 40 }, { 0, ~0UL }, { 0x7ffffffffff9, 8 },
	{ GUEST_HOLE_START - 7, 8 }, { 0x7fffffff0000, 1 << 20 },
};
static const uint64_t allowed[][2] = {
	{ 0, 1 }, { 0x7fffffffffff, 1 }, { 0x7ffffffffff8, 8 }, { GUEST_HOLE_END, 8 },
	{ ~0UL, 1 }, { ~0UL - 7, 8 }, { 0x1000, 4096 }, { 0x7ffffff00000, 1 << 20 },
	{ GUEST_HOLE_START, 0 },
	/* around the top of memory, to the guest's own at the bottom */
	{ ~0UL - 3, 8 }, { ~0UL, 2 }, { ~0UL - 0xfffff, 1 << 20 },
};

static void arrays_are_checked_whole(void **state)
{
	assert_true(guest_range_ok(0x1000, 0xffffffffUL * 64));
	assert_true(guest_range_ok(0x800000000000 - 0xffffffffUL * 64, 0xffffffffUL * 64));
	assert_false(guest_range_ok(0x800000000001 - 0xffffffffUL * 64, 0xffffffffUL * 64));
	assert_false(guest_range_ok(GUEST_HOLE_START, 0xffffffffUL * 64));
	assert_false(guest_range_ok(GUEST_HOLE_END - 1, 0xffffffffUL * 64));
	assert_true(guest_range_ok(GUEST_HOLE_END, 0xffffffffUL * 64));
	for (unsigned bit = 47; bit < 64; bit++)
		for (uint64_t va = 0; va < 1UL << 60; va += 1UL << 44)
			assert_false(guest_range_ok(va, 1UL << bit));
}

static void hypervisor_ranges_never_reach_a_copy(void **state)
{
	char buf[1];

	copies = 0;
	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		uint64_t va = refused[i][0], n = refused[i][1];

		assert_int_equal(copy_from_guest(buf, va, n), -EFAULT);
		assert_int_equal(copy_to_guest(va, buf, n), -EFAULT);
		assert_int_equal(clear_guest(va, n), -EFAULT);
	}
	assert_int_equal(copies, 0);
}

static void guest_ranges_do(void **state)
{
	char buf[1];

	copies = 0;
	for (unsigned i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		assert_int_equal(copy_from_guest(buf, allowed[i][0], allowed[i][1]), 0);
		assert_int_equal(copy_to_guest(allowed[i][0], buf, allowed[i][1]), 0);
	}
	assert_int_equal(copies, 2 * sizeof(allowed) / sizeof(allowed[0]));
}

static void words_are_checked_whole(void **state)
{
	uint64_t u64;
	uint32_t u32;

	assert_int_equal(guest_read_u64(&u64, 0x7ffffffffff9), -EFAULT);
	assert_int_equal(guest_write_u64(GUEST_HOLE_START - 7, 0), -EFAULT);
	assert_int_equal(guest_read_u32(&u32, 0x7ffffffffffd), -EFAULT);
	assert_int_equal(guest_write_u32(GUEST_HOLE_END - 1, 0), -EFAULT);
	assert_int_equal(guest_read_u64(&u64, 0x7ffffffffff8), 0);
	assert_int_equal(guest_write_u32(GUEST_HOLE_END, 0), 0);
}

static void stacks_keep_off_the_hole(void **state)
{
	assert_true(guest_stack_ok(0x7fffffffff00));
	assert_true(guest_stack_ok(0xffff880000001000));
	assert_true(guest_stack_ok(0x1000));
	for (uint64_t sp = 0x800000000000 - 64; sp <= 0x800000000000 + 128; sp += 8)
		assert_false(guest_stack_ok(sp));
	assert_false(guest_stack_ok(GUEST_HOLE_START));
	assert_false(guest_stack_ok(0xffff830000000000));
	assert_false(guest_stack_ok(GUEST_HOLE_END));
	assert_false(guest_stack_ok(GUEST_HOLE_END + 64));
}

static void fetch_stops_where_memory_does(void **state)
{
	uint8_t bytes[15];

	assert_int_equal(guest_fetch(bytes, 0x1000, sizeof(bytes)), 5);
	assert_int_equal(guest_fetch(bytes, 0xff0, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(guest_fetch(bytes, 0x7ffffffffffd, sizeof(bytes)), 3);
	assert_int_equal(guest_fetch(bytes, GUEST_HOLE_START, sizeof(bytes)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hypervisor_ranges_never_reach_a_copy),
		cmocka_unit_test(guest_ranges_do),
		cmocka_unit_test(arrays_are_checked_whole),
		cmocka_unit_test(words_are_checked_whole),
		cmocka_unit_test(stacks_keep_off_the_hole),
		cmocka_unit_test(fetch_stops_where_memory_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
