/* SPDX-License-Identifier: MIT */
/* rules.c - verdicts: one line a rule, and the counts at the end.
 *
 * Invariant: a rule's verdict is printed once, when the next one begins or the
 * suite ends.
 */
#include <xen/sched.h>

#include "lib.h"

static const char *current;
static const char *why;
static bool failed, skipped;
static unsigned int passes, failures, skips;

static void verdict(const char *word)
{
	print("RULE ");
	print(suite_name);
	print(": ");
	print(current);
	print(": ");
	print(word);
	print("\n");
	if (why) {
		print("  ");
		print(why);
		print("\n");
	}
}

static void finish_rule(void)
{
	if (!current)
		return;
	if (skipped && !failed) {
		skips++;
		verdict("skip");
	} else if (failed) {
		failures++;
		verdict("fail");
	} else {
		passes++;
		verdict("pass");
	}
	current = NULL;
}

void rule(const char *sentence)
{
	finish_rule();
	current = sentence;
	why = NULL;
	failed = skipped = false;
}

void skip(const char *reason)
{
	skipped = true;
	why = reason;
}

void want_at(bool ok, long got, long wanted, const char *expression)
{
	if (ok)
		return;
	failed = true;
	print("  ");
	print(expression);
	print(" is ");
	print_signed(got);
	print(", wanted ");
	print_signed(wanted);
	print("\n");
}

static void print_count(unsigned int n, const char *word)
{
	print(" ");
	print_signed(n);
	print(word);
}

void suite_end(const char *broken)
{
	struct sched_shutdown off = { SHUTDOWN_poweroff };

	if (broken && current) {
		why = broken;
		verdict("broken");
		current = NULL;
	}
	finish_rule();
	print("SUITE ");
	print(suite_name);
	print(":");
	print_count(passes, " pass,");
	print_count(failures, " fail,");
	print_count(skips, " skip");
	print(broken ? ", broken\n" : "\n");
	call(sched_op, SCHEDOP_shutdown, &off);
	for (;;)
		call(sched_op, SCHEDOP_yield, 0);
}
