/* SPDX-License-Identifier: MIT */
/* kernel_test.h - cmocka for files of the guest kernel's core. */
#ifndef KERNEL_TEST_H
#define KERNEL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* xorshift: the same sequence on every run. */
static inline uint64_t test_random(void)
{
	static uint64_t x = 88172645463325252ul;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

#endif
