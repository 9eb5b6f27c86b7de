/* SPDX-License-Identifier: MIT */
/* image.c - reading files, and memory that grows where it is.
 *
 * An image's addresses are set aside at once and get their memory step by
 * step, so that growing copies nothing and a control domain with too little
 * memory is told so instead of being short of it later.
 * Not here: what is packed in a file (unpack.c), what it means (elf_file.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/image.h"

#define PAGE 4096UL

void image_free(struct image *image)
{
	if (image->bytes)
		munmap(image->bytes, IMAGE_MAX_BYTES);
	memset(image, 0, sizeof(*image));
}

int image_grow(struct image *image, size_t room)
{
	room = (room + PAGE - 1) & ~(PAGE - 1);
	if (room > IMAGE_MAX_BYTES)
		return -EFBIG;
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

static int read_all(int fd, struct image *image, size_t size)
{
	while (image->size < size) {
		ssize_t got = read(fd, image->bytes + image->size,
				   size - image->size);

		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		image->size += (size_t)got;
	}
	return 0;
}

static int read_file(struct image *image, int fd, const char *path,
		     struct reason *why)
{
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return refuse_errno(why, -errno, "cannot examine %s", path);
	if (!S_ISREG(st.st_mode))
		return refuse(why, -EINVAL, "%s is not a regular file", path);
	if ((uint64_t)st.st_size > IMAGE_MAX_BYTES)
		return refuse(why, -EFBIG, "%s is larger than %lu MiB", path,
			      IMAGE_MAX_BYTES >> 20);
	rc = image_grow(image, st.st_size ? (size_t)st.st_size : 1);
	if (rc)
		return refuse(why, rc,
			      "the control domain lacks memory: %s needs %llu KiB",
			      path, (unsigned long long)st.st_size >> 10);
	rc = read_all(fd, image, (size_t)st.st_size);
	if (rc)
		return refuse_errno(why, rc, "cannot read %s", path);
	return 0;
}

int image_read(struct image *image, const char *path, struct reason *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	memset(image, 0, sizeof(*image));
	if (fd < 0)
		return refuse_errno(why, -errno, "cannot open %s", path);
	rc = read_file(image, fd, path, why);
	close(fd);
	if (rc)
		image_free(image);
	return rc;
}
