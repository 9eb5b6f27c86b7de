/* SPDX-License-Identifier: MIT */
/* unpack.h - one packed stream into one image. For libs/build only. */
#ifndef TOOLS_BUILD_UNPACK_H
#define TOOLS_BUILD_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "build/image.h"

/* What the packed stream may make the library keep besides its output: the
 * window of 128 MiB that the strongest kernel settings ask for, and a little. */
#define UNPACK_WINDOW_LOG 27
#define UNPACK_MEMORY_MAX (160UL << 20)

struct packed {
	/* what is left of the input */
	const uint8_t *bytes;
	size_t size;
	struct image *out;
	/* what the library says is wrong, or NULL */
	const char *fault;
};

/* Each unpacks the stream that starts at packed->bytes, to its end, and
 * leaves what follows it. -EBADMSG: damaged or truncated; -EFBIG: more than
 * IMAGE_MAX_BYTES come out, or UNPACK_MEMORY_MAX would not do; -ENOMEM. */
int unpack_gzip(struct packed *packed);
int unpack_xz(struct packed *packed);
int unpack_zstd(struct packed *packed);

#endif
