/* SPDX-License-Identifier: MIT */
/* inflate.h - DEFLATE (RFC 1951) and its gzip wrapping (RFC 1952). */
#ifndef FS_INFLATE_H
#define FS_INFLATE_H

#include <stddef.h>
#include <stdint.h>

/* Takes the next decompressed bytes; a negative errno ends the work. */
typedef int (*inflate_sink)(void *ctx, const uint8_t *buf, size_t n);

/* One gzip member at `in`. Returns how many input bytes it took, -EINVAL for
 * data that is damaged, cut short or fails its checksum, -ENOMEM, or the sink's
 * error. Works in 40 KiB, whatever the data says. */
long gunzip(const uint8_t *in, size_t len, inflate_sink sink, void *ctx);

#endif
