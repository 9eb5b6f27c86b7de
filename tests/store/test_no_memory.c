/* SPDX-License-Identifier: MIT */
/* test_no_memory.c - every allocation of every request fails once.
 *
 * Rule: a request for which there is no memory is answered with ENOMEM and
 * has changed nothing; or its connection is dropped, when not even the answer
 * can be had. The next request finds the store whole.
 */
#include <stdlib.h>

#include "cmocka_all.h"
#include "harness.h"

/* Allocations to go until one fails; 0: none does. */
static unsigned long countdown;

static bool fails_now(void)
{
	return countdown && --countdown == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails_now() ? NULL : __real_realloc(old, size);
}

struct request_row {
	uint32_t type;
	const char *payload;
	size_t length;
	/* inside a transaction */
	bool transaction;
};

#define ROW(type, text, transaction) \
	{ type, text, sizeof(text) - 1, transaction }

static const struct request_row rows[] = {
	ROW(XS_WRITE, "/a/b/c/d\0value", false),
	ROW(XS_WRITE, "/there\0other", false),
	ROW(XS_MKDIR, "/m/n\0", false),
	ROW(XS_RM, "/there\0", false),
	ROW(XS_SET_PERMS, "/there\0n0\0r0\0", false),
	ROW(XS_WATCH, "/w\0token\0", false),
	ROW(XS_READ, "/there\0", false),
	ROW(XS_DIRECTORY, "/\0", false),
	ROW(XS_TRANSACTION_START, "\0", false),
	ROW(XS_WRITE, "/a/b/c/d\0value", true),
	ROW(XS_RM, "/there\0", true),
	ROW(XS_TRANSACTION_END, "T\0", true),
};

static struct store s;
static struct conn *asker, *other;

static void prepare(void)
{
	struct reply reply;

	harness_open(&s, NULL);
	asker = harness_client(&s, 0);
	other = harness_client(&s, 0);
	harness_ask(&s, asker, XS_WRITE, 0, "/there/below/it\0x", 17, &reply);
	harness_ask(&s, asker, XS_WRITE, 0, "/there\0x", 8, &reply);
	harness_ask(&s, other, XS_WATCH, 0, "/\0t", 4, &reply);
}

/* The number of nodes, and a sum over names, values and permissions. */
static uint64_t sum_of_store(void)
{
	uint64_t sum = s.tree.count;

	for (const struct node *n = s.tree.first_made; n; n = n->next_made) {
		sum = sum * 31 + tree_hash(&s.tree, n->path, n->path_length);
		sum = sum * 31 + tree_hash(&s.tree, n->value->bytes,
					   n->value->length);
		sum = sum * 31 + n->perms->count;
	}
	return sum;
}

/* True when the request was done although allocation `number` failed. */
static bool try(const struct request_row *row, unsigned long number)
{
	struct reply reply;
	uint32_t transaction = 0;
	uint64_t before;
	bool done;

	prepare();
	if (row->transaction) {
		harness_ask_text(&s, asker, XS_TRANSACTION_START, 0, "",
				 &reply);
		transaction = (uint32_t)atoi(reply.text);
	}
	if (row->type == XS_TRANSACTION_END)
		harness_ask(&s, asker, XS_WRITE, transaction, "/t/u\0v", 6,
			    &reply);
	before = sum_of_store();
	countdown = number;
	harness_ask(&s, asker, row->type, transaction, row->payload,
		    row->length, &reply);
	done = countdown != 0;
	countdown = 0;
	if (harness_has(&s, asker) && reply.type == XS_ERROR) {
		assert_string_equal(reply.text, "ENOMEM");
		assert_true(sum_of_store() == before);
	}
	/* whoever is left finds a store that works */
	if (!harness_has(&s, asker))
		asker = harness_client(&s, 0);
	harness_ask_text(&s, asker, XS_CONTROL, 0, "check", &reply);
	assert_int_equal(reply.type, XS_CONTROL);
	harness_ask(&s, asker, XS_WRITE, 0, "/next\0x", 7, &reply);
	assert_string_equal(reply.text, "OK");
	harness_close(&s);
	return done;
}

static void no_request_needs_luck(void **state)
{
	unsigned long tried = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned long number = 1;

		while (!try(&rows[i], number))
			number++;
		tried += number - 1;
	}
	/* each has at least its answer to allocate */
	assert_true(tried > 2 * sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_request_needs_luck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
