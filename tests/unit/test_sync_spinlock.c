/* SPDX-License-Identifier: MIT */
/* test_sync_spinlock.c - first come, first served; ranks only upwards.
 */
#include "sync/spinlock.h"

#include "cpu/percpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static jmp_buf stopped;

/* The lock stops the machine: here, the attempt. */
void bug(const char *file, int line, const char *what)
{
	longjmp(stopped, 1);
}

static bool refuses(void (*fn)(struct spinlock *l), struct spinlock *l)
{
	if (setjmp(stopped))
		return true;
	fn(l);
	return false;
}

static struct spinlock domain, event, heap;

static int setup(void **state)
{
	this_cpu()->locks_held = 0;
	spin_init(&domain, RANK_DOMAIN);
	spin_init(&event, RANK_EVENT);
	spin_init(&heap, RANK_HEAP);
	return 0;
}

static void upwards_is_fine(void **state)
{
	for (int i = 0; i < 70000; i++) {	/* tickets wrap at 65536 */
		spin_lock(&domain);
		spin_lock(&event);
		spin_lock(&heap);
		spin_unlock(&heap);
		spin_unlock(&event);
		spin_unlock(&domain);
	}
	assert_int_equal(this_cpu()->locks_held, 0);
}

static void downwards_stops(void **state)
{
	spin_lock(&event);
	assert_true(refuses(spin_lock, &domain));
	spin_unlock(&event);
}

/* A request may be served by a CPU that spins for this very lock. */
static void none_while_serving(void **state)
{
	this_cpu()->serving = true;
	assert_true(refuses(spin_lock, &heap));
	this_cpu()->serving = false;
	setup(state);
	spin_lock(&heap);
	spin_unlock(&heap);
}

static void twice_stops(void **state)
{
	struct spinlock other = SPINLOCK_INIT(EVENT);

	spin_lock(&event);
	assert_true(refuses(spin_lock, &other));
	spin_unlock(&event);
}

static void any_order_of_release(void **state)
{
	spin_lock(&domain);
	spin_lock(&event);
	spin_lock(&heap);
	spin_unlock(&event);
	assert_true(refuses(spin_lock, &event));
	spin_unlock(&heap);
	setup(state);
	spin_lock(&domain);
	spin_lock(&event);
	spin_unlock(&domain);
	spin_unlock(&event);
	assert_int_equal(this_cpu()->locks_held, 0);
}

static void releasing_what_is_not_held_stops(void **state)
{
	assert_true(refuses(spin_unlock, &event));
}

/* Nobody else runs here: the ticket is served beforehand. */
static void waiting_ends_when_served(void **state)
{
	event.owner = 7;
	spin_wait(&event, 7);
	assert_int_equal(event.owner, 7);
}

/* Rule: a try gets the lock when nobody has it or waits for it, and else leaves
 * no trace. */
static void trying(void **state)
{
	for (int i = 0; i < 70000; i++) {
		assert_true(spin_trylock(&event));
		assert_int_equal(this_cpu()->locks_held, 1);
		assert_false(spin_trylock(&event));
		assert_int_equal(this_cpu()->locks_held, 1);
		spin_unlock(&event);
	}
	spin_lock(&event);
	spin_unlock(&event);
	assert_int_equal(this_cpu()->locks_held, 0);
}

static uint64_t clock;

uint64_t rdtsc(void)
{
	return clock;
}

static struct lock_counts counts_of(const char *name)
{
	struct lock_counts c;

	for (unsigned i = 0; lock_counts_read(i, &c); i++)
		if (!strcmp(c.name, name))
			return c;
	fail();
	return c;
}

/* By rank: how often, and how long by the clock less the counting itself. */
static void uses_are_counted(void **state)
{
	struct lock_counts c;

	lock_counts_reset();
	spin_lock(&event);
	clock += 1000;
	spin_lock(&heap);
	clock += 100;
	spin_unlock(&heap);
	spin_unlock(&event);
	c = counts_of("HEAP");
	assert_int_equal(c.taken, 1);
	assert_int_equal(c.rank, RANK_HEAP);
	assert_in_range(c.held_ticks, 80, 100);
	c = counts_of("EVENT");
	assert_int_equal(c.taken, 1);
	assert_int_equal(c.found_held, 0);
	assert_in_range(c.longest_ticks, 1030, 1100);
	spin_lock(&event);
	clock += 50;
	spin_unlock(&event);
	c = counts_of("EVENT");
	assert_int_equal(c.taken, 2);
	assert_in_range(c.longest_ticks, 1030, 1100);
	lock_counts_reset();
	assert_int_equal(counts_of("EVENT").taken, 0);
}

static void waiting_is_counted(void **state)
{
	lock_counts_reset();
	lock_rank_push(&event);
	lock_is_ours(true);
	lock_rank_pop(&event);
	assert_int_equal(counts_of("EVENT").found_held, 1);
	assert_int_equal(counts_of("EVENT").taken, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(upwards_is_fine, setup),
		cmocka_unit_test_setup(downwards_stops, setup),
		cmocka_unit_test_setup(none_while_serving, setup),
		cmocka_unit_test_setup(twice_stops, setup),
		cmocka_unit_test_setup(any_order_of_release, setup),
		cmocka_unit_test_setup(releasing_what_is_not_held_stops, setup),
		cmocka_unit_test_setup(uses_are_counted, setup),
		cmocka_unit_test_setup(waiting_is_counted, setup),
		cmocka_unit_test_setup(waiting_ends_when_served, setup),
		cmocka_unit_test_setup(trying, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
