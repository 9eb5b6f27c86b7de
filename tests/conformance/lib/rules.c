/* SPDX-License-Identifier: MIT */
/* rules.c - verdicts: one line a rule, and the counts at the end.
 *
 * Invariant: a rule's verdict is printed once, when the next one begins or the
 * suite ends; a rule that asked nothing never passes.
 */
#include <xen/sched.h>

#include "lib.h"
#include "shared.h"

static const char *current;
static const char *why;
static bool asked, failed, skipped;
static unsigned int passes, failures, skips;

static void verdict(const char *word)
{
	if (why) {
		print("  ");
		print(why);
		print("\n");
	}
	print("RULE ");
	print(suite_name);
	print(": ");
	print(current);
	print(": ");
	print(word);
	print("\n");
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
	} else if (!asked) {
		failures++;
		why = "it asks nothing";
		verdict("broken");
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
	asked = failed = skipped = false;
}

void skip(const char *reason)
{
	skipped = true;
	why = reason;
}

void want_at(bool ok, long got, long wanted, const char *expression)
{
	asked = true;
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

/* On Paravane the first domain may have all references recounted; upstream
 * knows no such call, and nobody asks there. A plain domain may not: its
 * control domain does. */
static void audit(void)
{
	struct xen_sysctl op = { 0 };
	const struct paravane_sysctl *own = ask_for_audit(&op);

	if (!is_first_domain() || call(sysctl, &op))
		return;
	print("AUDIT ");
	print(suite_name);
	print(": errors");
	print_count((unsigned int)own->u.audit.errors, ", free frames");
	print_count((unsigned int)own->u.audit.free, "\n");
	if (!own->u.audit.errors)
		return;
	print("  frame ");
	print_hex(own->u.audit.bad_frame);
	print(" kind");
	print_count(own->u.audit.bad_kind, ": counted ");
	print_hex(own->u.audit.expected);
	print(", on record ");
	print_hex(own->u.audit.found);
	print("\n");
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
	audit();
	console_drain();
	call(sched_op, SCHEDOP_shutdown, &off);
	for (;;)
		call(sched_op, SCHEDOP_yield, 0);
}
