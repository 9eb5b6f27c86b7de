/* SPDX-License-Identifier: MIT */
/* cmocka_all.h - cmocka and what it wants included before it. */
#ifndef TESTS_TOOLS_CMOCKA_ALL_H
#define TESTS_TOOLS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The sentence must hold the words. */
#define assert_says(why, words) \
	do { \
		if (!strstr((why).text, words)) \
			fail_msg("\"%s\" does not say \"%s\"", (why).text, \
				 words); \
	} while (0)

#endif
