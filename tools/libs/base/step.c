/* SPDX-License-Identifier: MIT */
/* step.c - counting steps, and dying at one when a test asks for it.
 *
 * Guards: without the two variables a step costs a comparison. Not here: what
 * the steps are (libs/build, libs/life).
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

#include "base/step.h"

#define STEPS_MAX 128

static struct {
	bool ready;
	bool keep;
	void (*watch)(const char *name);
	unsigned long die_at;
	unsigned long count;
	struct {
		const char *name;
		uint64_t tsc;
	} kept[STEPS_MAX];
} steps;

static void report(void)
{
	for (unsigned long i = 0; i < steps.count && i < STEPS_MAX; i++)
		fprintf(stderr, "step %lu %llu %s\n", i + 1,
			(unsigned long long)steps.kept[i].tsc,
			steps.kept[i].name);
}

static void look_around(void)
{
	const char *at = getenv("VANE_DIE_AT");

	steps.ready = true;
	steps.die_at = at ? strtoul(at, NULL, 10) : 0;
	steps.keep = getenv("VANE_STEPS") != NULL;
	if (steps.keep)
		atexit(report);
}

void step_watch(void (*watch)(const char *name))
{
	steps.watch = watch;
}

void step(const char *name)
{
	if (!steps.ready)
		look_around();
	if (steps.watch)
		steps.watch(name);
	if (!steps.keep && !steps.die_at)
		return;
	if (steps.count < STEPS_MAX) {
		steps.kept[steps.count].name = name;
		steps.kept[steps.count].tsc = __rdtsc();
	}
	if (++steps.count == steps.die_at)
		raise(SIGKILL);
}
