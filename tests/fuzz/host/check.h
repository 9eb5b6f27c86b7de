/* SPDX-License-Identifier: MIT */
/* check.h - what a fuzz target says when a rule is broken.
 */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(c) \
	do { \
		if (__builtin_expect(!(c), 0)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #c); \
			abort(); \
		} \
	} while (0)

/* libFuzzer's: any bytes; always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
