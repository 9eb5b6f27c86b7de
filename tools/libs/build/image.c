/* SPDX-License-Identifier: MIT */
/* image.c - a file in memory that grows where it is.
 *
 * An image's addresses are set aside at once and get their memory step by
 * step, so that growing copies nothing and a control domain with too little
 * memory is told so instead of being short of it later.
 * Not here: what is packed in a file (unpack.c), what it means (elf_file.c).
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "build/image.h"
#include "build/input.h"

#define PAGE 4096UL

void image_free(struct image *image)
{
	if (image->bytes)
		munmap(image->bytes, IMAGE_MAX_BYTES);
	memset(image, 0, sizeof(*image));
}

int image_grow(struct image *image, size_t room)
{
	if (room > IMAGE_MAX_BYTES)
		return -EFBIG;
	room = (room + PAGE - 1) & ~(PAGE - 1);
	if (room <= image->room)
		return 0;
	if (!image->bytes) {
		void *bytes = mmap(NULL, IMAGE_MAX_BYTES, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				   -1, 0);

		if (bytes == MAP_FAILED)
			return -ENOMEM;
		image->bytes = bytes;
	}
	if (mmap(image->bytes + image->room, room - image->room,
		 PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1,
		 0) == MAP_FAILED)
		return -ENOMEM;
	image->room = room;
	return 0;
}

int image_read(struct image *image, const char *path, struct reason *why)
{
	struct input file;
	int rc;

	memset(image, 0, sizeof(*image));
	rc = input_open(&file, path, why);
	if (rc)
		return rc;
	rc = image_grow(image, file.size ? file.size : 1);
	if (rc == -EFBIG)
		refuse(why, rc, "%s is larger than %lu MiB", path,
		       IMAGE_MAX_BYTES >> 20);
	else if (rc)
		refuse(why, rc,
		       "the control domain lacks memory: %s needs %llu KiB",
		       path, (unsigned long long)file.size >> 10);
	else
		rc = input_read(&file, image->bytes, why);
	image->size = file.size;
	input_close(&file);
	if (rc)
		image_free(image);
	return rc;
}
