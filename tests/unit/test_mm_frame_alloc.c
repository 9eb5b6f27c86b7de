/* SPDX-License-Identifier: MIT */
/* test_mm_frame_alloc.c - free blocks: nothing handed out twice or lost.
 */
/* link: hypervisor/sync/spinlock.c */
#include "mm/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint8_t taken[FAKE_FRAMES];

static void boot_memory_becomes_free(void **state)
{
	heap_add(mfn_make(0), mfn_make(5));	/* frame 0 is never anybody's */
	assert_int_equal(heap_free_frames(), 4);
	heap_add(mfn_make(7), mfn_make(FAKE_FRAMES));
	assert_int_equal(heap_free_frames(), 4 + FAKE_FRAMES - 7);
	assert_int_equal(heap_total_frames(), heap_free_frames());
}

static void blocks_are_aligned_and_apart(void **state)
{
	static struct { struct frame *f; unsigned order; } mine[FAKE_FRAMES];
	uint64_t before = heap_free_frames(), held = 0;
	unsigned n = 0, refused = 0;

	srand(5);
	for (int round = 0; round < 40000; round++) {
		if (n && rand() % 100 < (round / 2000 % 2 ? 60 : 40)) {
			unsigned i = (unsigned)rand() % n;
			uint64_t first = mfn_of(mine[i].f).n;

			for (uint64_t j = 0; j < 1ul << mine[i].order; j++)
				taken[first + j] = 0;
			held -= 1ul << mine[i].order;
			heap_give(mine[i].f, mine[i].order);
			mine[i] = mine[--n];
		} else {
			unsigned order = (unsigned)rand() % 6;
			struct frame *f = heap_take(order);

			if (!f) {
				refused++;
				continue;
			}
			assert_int_equal(mfn_of(f).n & ((1ul << order) - 1), 0);
			assert_true(mfn_of(f).n != 0 && mfn_of(f).n != 5 && mfn_of(f).n != 6);
			for (uint64_t j = 0; j < 1ul << order; j++) {
				assert_false(taken[mfn_of(f).n + j]);
				assert_int_equal(f[j].ref, REF_RESERVED);
				taken[mfn_of(f).n + j] = 1;
			}
			held += 1ul << order;
			mine[n].f = f;
			mine[n++].order = order;
		}
		assert_int_equal(heap_free_frames(), before - held);
	}
	assert_true(refused > 0);
	while (n--)
		heap_give(mine[n].f, mine[n].order);
	assert_int_equal(heap_free_frames(), before);
}

static void halves_are_merged_again(void **state)
{
	/* everything is free: the largest aligned block must be one again */
	struct frame *f = heap_take(9);

	assert_non_null(f);
	assert_int_equal(mfn_of(f).n, 512);
	heap_give(f, 9);
}

static void last_owners_are_remembered(void **state)
{
	struct frame *f = heap_take(3);

	for (unsigned i = 0; i < 8; i++)
		f[i].use = 100 + i;
	heap_give(f, 3);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(f[i].use, 100 + i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boot_memory_becomes_free),
		cmocka_unit_test(blocks_are_aligned_and_apart),
		cmocka_unit_test(halves_are_merged_again),
		cmocka_unit_test(last_owners_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
