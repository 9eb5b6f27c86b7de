/* SPDX-License-Identifier: MIT */
/* image.h - kernels' files, as bytes in memory. */
#ifndef TOOLS_BUILD_IMAGE_H
#define TOOLS_BUILD_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

/* No distribution's kernel has half of it, packed or not, and a file that
 * unpacks to more is stopped here. */
#define IMAGE_MAX_BYTES (256UL << 20)

struct image {
	uint8_t *bytes;
	size_t size;
	/* bytes that may be written */
	size_t room;
};

/* Reads the whole file; at most IMAGE_MAX_BYTES. */
int image_read(struct image *image, const char *path, struct reason *why);

/* If something is packed in the image (unpack.c), replaces it by that. */
int image_unpack(struct image *image, const char *path, struct reason *why);

/* Makes room for so many bytes, and moves none. -EFBIG, -ENOMEM. */
int image_grow(struct image *image, size_t room);
void image_free(struct image *image);

#endif
