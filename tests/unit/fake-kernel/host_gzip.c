/* SPDX-License-Identifier: MIT */
/* host_gzip.c - one gzip member, by zlib. */
#include "host_gzip.h"

#include <stdint.h>

#include <zlib.h>

size_t host_gzip(int level, int strategy, const void *in, size_t n,
		 void *out, size_t size)
{
	static const int strategies[HOST_GZIP_STRATEGIES] = {
		Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED,
	};
	z_stream z = { 0 };
	int rc;

	if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 9, strategies[strategy]) != Z_OK)
		return 0;
	z.next_in = (void *)(uintptr_t)in;
	z.avail_in = (unsigned)n;
	z.next_out = out;
	z.avail_out = (unsigned)size;
	rc = deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return rc == Z_STREAM_END ? z.total_out : 0;
}
