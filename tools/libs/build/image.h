/* SPDX-License-Identifier: MIT */
/* image.h - files that go into a domain, as bytes in memory. */
#ifndef TOOLS_BUILD_IMAGE_H
#define TOOLS_BUILD_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

struct image {
	uint8_t *bytes;
	size_t size;
};

/* Reads the whole file; at most IMAGE_MAX_BYTES. */
#define IMAGE_MAX_BYTES (1UL << 30)
int image_read(struct image *image, const char *path, struct reason *why);

/* If the image is a gzip file, replaces it by what is packed in it. */
int image_unpack(struct image *image, const char *path, struct reason *why);
void image_free(struct image *image);

#endif
