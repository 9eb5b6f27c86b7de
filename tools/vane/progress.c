/* SPDX-License-Identifier: MIT */
/* progress.c - telling a person at a terminal what takes so long.
 *
 * Guards: what is quick shows nothing, and a pipe never sees any of it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/step.h"
#include "progress.h"

/* What is done by then needs no progress. */
#define QUICK_MS 1500

static struct {
	bool on;
	bool shown;
	int64_t began_ms;
	const char *verb;
	const char *name;
} state;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_say(const char *text)
{
	if (!state.on)
		return;
	state.shown = true;
	fprintf(stderr, "\r\033[Kvane: %s %s: %s", state.verb, state.name,
		text);
	fflush(stderr);
}

static void say_unless_quick(const char *name)
{
	if (now_ms() - state.began_ms >= QUICK_MS)
		progress_say(name);
}

void progress_start(const char *verb, const char *name)
{
	if (!isatty(STDERR_FILENO))
		return;
	state.on = true;
	state.shown = false;
	state.began_ms = now_ms();
	state.verb = verb;
	state.name = name;
	step_watch(say_unless_quick);
}

void progress_end(void)
{
	if (state.shown)
		fprintf(stderr, "\r\033[K");
	state.on = state.shown = false;
}
