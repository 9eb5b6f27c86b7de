/* SPDX-License-Identifier: MIT */
/* test_curve.c - what a write costs in a small store and in a large one.
 *
 * Rule: 10,000 writes to one folder, by a client of domain 0, take as long
 * whatever else is in the store, journal and snapshots included. Time is the
 * processor's, the best of five; what grew with the store would be slower by
 * its size, not by a factor of FACTOR, which is left for caches and for what
 * shares the machine. A missing node is looked for in the time of its path's
 * length, however many levels that has.
 *
 * `test_curve SIZE` makes a store of that many nodes and writes, for counting
 * instructions: valgrind --tool=callgrind --toggle-collect=measured_writes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmocka_all.h"
#include "harness.h"

#define WRITES 10000
#define FACTOR 20
#define TRIES  5
#define LONG_PATH 2000
/* how much longer 1,000 levels may take than one of the same length */
#define DEEPER 100
/* children of one folder, as a guest has */
#define IN_ONE_FOLDER 100

static struct store s;

static void write_node(struct conn *c, const char *path, unsigned int value)
{
	char payload[128];
	struct reply reply;
	int length = snprintf(payload, sizeof(payload), "%s%c%u", path, 0,
			      value);

	harness_ask(&s, c, XS_WRITE, 0, payload, (size_t)length, &reply);
	assert_int_equal(reply.type, XS_WRITE);
}

/* Other guests' nodes, each guest with a watch, as it is in life. */
static void fill(struct conn *c, struct conn *watcher, unsigned int nodes)
{
	char path[64];
	struct reply reply;

	for (unsigned int i = 0; s.tree.count < nodes; i++) {
		snprintf(path, sizeof(path), "/local/domain/%u/data/%u",
			 100 + i / IN_ONE_FOLDER, i % IN_ONE_FOLDER);
		write_node(c, path, i);
		if (i % IN_ONE_FOLDER)
			continue;
		strcat(path, "-");
		memcpy(path + strlen(path) + 1, "t", 2);
		harness_ask(&s, watcher, XS_WATCH, 0, path,
			    strlen(path) + 3, &reply);
		harness_event(&s, watcher, &reply);
	}
	while (snapshot_step(&s))
		;
}

/* Half of them to nodes that are there, half make a node and remove it. */
__attribute__((noinline)) void measured_writes(struct conn *c);
void measured_writes(struct conn *c)
{
	char path[64];
	struct reply reply;

	for (unsigned int i = 0; i < WRITES; i++) {
		snprintf(path, sizeof(path), "/local/domain/7/data/%u",
			 i % IN_ONE_FOLDER);
		write_node(c, path, i);
		if (i % 2)
			harness_ask_text(&s, c, XS_RM, 0, path, &reply);
		snapshot_step(&s);
	}
}

static double processor_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The best time of 10,000 writes in a store of so many nodes. */
static double measure(unsigned int nodes)
{
	char folder[] = "/tmp/store.XXXXXX", command[64];
	double best = 1e9;
	struct conn *c;

	assert_non_null(mkdtemp(folder));
	harness_open(&s, folder);
	c = harness_client(&s, 0);
	fill(c, harness_client(&s, 0), nodes);
	for (int i = 0; i < TRIES; i++) {
		double began = processor_time();

		measured_writes(c);
		if (processor_time() - began < best)
			best = processor_time() - began;
	}
	harness_close(&s);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
	return best;
}

static void a_write_costs_the_same_in_a_large_store(void **state)
{
	double small = measure(100);
	double large = measure(100000);

	print_message("%d writes: %.0f ms among 100 nodes, %.0f ms among 100,000\n",
		      WRITES, 1e3 * small, 1e3 * large);
	assert_true(large < FACTOR * small);
}

/* The best time of 100 reads of what is missing, in a transaction or not. */
static double measure_absence(struct conn *c, uint32_t transaction,
			      const char *path)
{
	double best = 1e9;
	struct reply reply;

	for (int i = 0; i < TRIES; i++) {
		double began = processor_time();

		for (int k = 0; k < 100; k++) {
			harness_ask_text(&s, c, XS_READ, transaction, path,
					 &reply);
			assert_string_equal(reply.text, "ENOENT");
		}
		if (processor_time() - began < best)
			best = processor_time() - began;
	}
	return best;
}

static void a_missing_path_costs_its_length(void **state)
{
	char deep[LONG_PATH + 1] = "", flat[LONG_PATH + 1] = "/";
	struct reply reply;
	struct conn *c;

	for (int i = 0; i < LONG_PATH; i += 2)
		memcpy(deep + i, "/d", 3);
	memset(flat + 1, 'f', LONG_PATH - 1);
	harness_open(&s, NULL);
	c = harness_client(&s, 0);
	harness_ask_text(&s, c, XS_TRANSACTION_START, 0, "", &reply);
	for (uint32_t tx = 0; tx <= 1; tx++) {
		uint32_t transaction = tx ? (uint32_t)atoi(reply.text) : 0;
		double one = measure_absence(c, transaction, flat);
		double many = measure_absence(c, transaction, deep);

		print_message("100 reads: %.2f ms of one level, %.2f ms of 1,000\n",
			      1e3 * one, 1e3 * many);
		assert_true(many < DEEPER * one);
	}
	harness_close(&s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_write_costs_the_same_in_a_large_store),
		cmocka_unit_test(a_missing_path_costs_its_length),
	};

	if (argc == 2) {
		measure((unsigned int)atoi(argv[1]));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
