/* SPDX-License-Identifier: MIT */
/* host_gzip.h - compressed data by zlib, whose headers clash with the kernel's. */
#ifndef FAKE_HOST_GZIP_H
#define FAKE_HOST_GZIP_H

#include <stddef.h>

#define HOST_GZIP_STRATEGIES	5

/* level 0..9, strategy below HOST_GZIP_STRATEGIES; the size, or 0. */
size_t host_gzip(int level, int strategy, const void *in, size_t n,
		 void *out, size_t size);

#endif
