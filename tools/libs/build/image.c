/* SPDX-License-Identifier: MIT */
/* image.c - reading kernels and ramdisks, unpacking gzip.
 *
 * Guards: a small file that unpacks to the whole memory is stopped at
 * IMAGE_MAX_BYTES. Not here: what the bytes mean (elf.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "build/image.h"

void image_free(struct image *image)
{
	free(image->bytes);
	image->bytes = NULL;
	image->size = 0;
}

static int read_all(int fd, struct image *image)
{
	size_t done = 0;

	while (done < image->size) {
		ssize_t got = read(fd, image->bytes + done,
				   image->size - done);

		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	image->size = done;
	return 0;
}

int image_read(struct image *image, const char *path, struct reason *why)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	memset(image, 0, sizeof(*image));
	if (fd < 0)
		return refuse_errno(why, -errno, "cannot open %s", path);
	if (fstat(fd, &st) < 0) {
		rc = refuse_errno(why, -errno, "cannot examine %s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		rc = refuse(why, -EINVAL, "%s is not a regular file", path);
		goto out;
	}
	if ((uint64_t)st.st_size > IMAGE_MAX_BYTES) {
		rc = refuse(why, -EFBIG, "%s is larger than %lu MiB", path,
			    IMAGE_MAX_BYTES >> 20);
		goto out;
	}
	image->size = (size_t)st.st_size;
	image->bytes = malloc(image->size ? image->size : 1);
	if (!image->bytes) {
		rc = refuse(why, -ENOMEM,
			    "the control domain lacks memory: %s needs %zu KiB",
			    path, image->size >> 10);
		goto out;
	}
	rc = read_all(fd, image);
	if (rc)
		refuse_errno(why, rc, "cannot read %s", path);
out:
	close(fd);
	if (rc)
		image_free(image);
	return rc;
}

/* A file of more than half the room is given the next larger room. */
static int grow(struct image *out, size_t *room)
{
	size_t larger = *room * 2;
	uint8_t *bytes;

	if (larger > IMAGE_MAX_BYTES)
		return -EFBIG;
	bytes = realloc(out->bytes, larger);
	if (!bytes)
		return -ENOMEM;
	out->bytes = bytes;
	*room = larger;
	return 0;
}

static int inflate_all(z_stream *z, struct image *out, size_t room)
{
	int rc;

	for (;;) {
		int zrc;

		if (out->size == room) {
			rc = grow(out, &room);
			if (rc)
				return rc;
		}
		z->next_out = out->bytes + out->size;
		z->avail_out = (uInt)(room - out->size);
		zrc = inflate(z, Z_NO_FLUSH);
		out->size = room - z->avail_out;
		if (zrc == Z_STREAM_END)
			return 0;
		/* Z_OK with room left means that the input ran out. */
		if (zrc != Z_OK || z->avail_out)
			return zrc == Z_MEM_ERROR ? -ENOMEM : -EINVAL;
	}
}

static int refuse_packed(int rc, const char *path, const z_stream *z,
			 struct reason *why)
{
	if (rc == -EFBIG)
		return refuse(why, rc, "%s unpacks to more than %lu MiB", path,
			      IMAGE_MAX_BYTES >> 20);
	if (rc == -ENOMEM)
		return refuse(why, rc,
			      "the control domain lacks memory to unpack %s",
			      path);
	return refuse(why, rc, "%s is a damaged gzip file: %s", path,
		      z->msg ? z->msg : "it ends too early");
}

int image_unpack(struct image *image, const char *path, struct reason *why)
{
	enum { GZIP_WINDOW = 15 + 16 };	/* zlib: +16 expects a gzip header */
	struct image out = { 0 };
	size_t room = image->size * 4;
	z_stream z = { .next_in = image->bytes,
		       .avail_in = (uInt)image->size };
	int rc;

	if (image->size < 2 || image->bytes[0] != 0x1f ||
	    image->bytes[1] != 0x8b)
		return 0;
	if (room < 65536)
		room = 65536;
	if (room > IMAGE_MAX_BYTES)
		room = IMAGE_MAX_BYTES;
	out.bytes = malloc(room);
	if (!out.bytes)
		return refuse_packed(-ENOMEM, path, &z, why);
	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK) {
		rc = refuse_packed(-ENOMEM, path, &z, why);
		goto out;
	}
	rc = inflate_all(&z, &out, room);
	if (rc)
		refuse_packed(rc, path, &z, why);
	inflateEnd(&z);
out:
	if (rc) {
		image_free(&out);
		return rc;
	}
	image_free(image);
	*image = out;
	return 0;
}
