/* SPDX-License-Identifier: MIT */
/* fuzz_image.c - the domain builder's search for what is packed in a file.
 *
 * Whatever the file, what comes out is an image within its limit, or one
 * sentence and the file as it was. The libraries' own code is not looked
 * into: how much they are given, and what becomes of what they say, is.
 */
/* link: tools/libs/build/unpack.c tools/libs/build/unpack_streams.c */
/* link: tools/libs/build/image.c tools/libs/build/input.c tools/libs/base/reason.c */
#include <string.h>

#include "build/image.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = { 0 };
	struct reason why;
	int rc;

	reason_clear(&why);
	CHECK(!image_grow(&image, size ? size : 1));
	memcpy(image.bytes, data, size);
	image.size = size;
	rc = image_unpack(&image, "file", &why);
	CHECK(rc <= 0);
	CHECK(!rc == !why.text[0]);
	CHECK(image.size <= image.room && image.room <= IMAGE_MAX_BYTES);
	if (rc)
		CHECK(image.size == size && !memcmp(image.bytes, data, size));
	image_free(&image);
	return 0;
}
