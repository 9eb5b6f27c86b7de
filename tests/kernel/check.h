/* SPDX-License-Identifier: MIT */
/* check.h - one line a check, and the count of failures as the exit status.
 *
 * These programs run under the guest kernel and, unchanged, under Linux: what
 * Linux does is the rule.
 */
#ifndef TESTS_KERNEL_CHECK_H
#define TESTS_KERNEL_CHECK_H

#include <stdio.h>

static int failures;

static void check(const char *what, int ok)
{
	printf("%s %s\n", ok ? "ok  " : "FAIL", what);
	fflush(stdout);
	failures += !ok;
}

static int finish(void)
{
	printf("%d failed\n", failures);
	return failures != 0;
}

#endif
