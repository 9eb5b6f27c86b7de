/* SPDX-License-Identifier: MIT */
/* test_base_pheap.c - the pairing heap against an unsorted array.
 */
#include "base/pheap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define NODES	200

static struct pheap heap;
static struct pheap_node node[NODES];
static bool inside[NODES];

/* Rule: no child has a smaller key, every link goes both ways. */
static unsigned check_below(const struct pheap_node *parent)
{
	const struct pheap_node *left = parent;
	unsigned n = 1;

	for (const struct pheap_node *c = parent->child; c; c = c->next) {
		assert_true(c->key >= parent->key);
		assert_ptr_equal(c->prev, left);
		left = c;
		n += check_below(c);
	}
	return n;
}

static void check(unsigned expected)
{
	uint64_t least = ~0UL;

	if (!heap.root) {
		assert_int_equal(expected, 0);
		return;
	}
	assert_null(heap.root->next);
	assert_null(heap.root->prev);
	assert_int_equal(check_below(heap.root), expected);
	for (unsigned i = 0; i < NODES; i++)
		if (inside[i] && node[i].key < least)
			least = node[i].key;
	assert_true(heap.root->key == least);
}

static void random_inserts_and_removals(void **state)
{
	unsigned count = 0;

	srand(7);
	for (int round = 0; round < 20000; round++) {
		unsigned i = (unsigned)rand() % NODES;

		if (inside[i]) {
			pheap_remove(&heap, &node[i]);
			count--;
		} else {
			node[i].key = (uint64_t)rand() % 50;
			pheap_insert(&heap, &node[i]);
			count++;
		}
		inside[i] = !inside[i];
		check(count);
	}
}

static void roots_come_out_sorted(void **state)
{
	uint64_t last = 0;

	for (unsigned i = 0; i < NODES; i++) {
		if (!inside[i]) {
			node[i].key = i * 37 % 101;
			pheap_insert(&heap, &node[i]);
			inside[i] = true;
		}
	}
	for (unsigned i = 0; i < NODES; i++) {
		assert_true(heap.root->key >= last);
		last = heap.root->key;
		pheap_remove(&heap, heap.root);
	}
	assert_null(heap.root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_inserts_and_removals),
		cmocka_unit_test(roots_come_out_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
