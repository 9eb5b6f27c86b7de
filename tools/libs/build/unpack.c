/* SPDX-License-Identifier: MIT */
/* unpack.c - finding the kernel that is packed in a file, and unpacking it.
 *
 * Two wrappings: a compressed file, and Linux's bzImage, whose setup header
 * tells where its payload lies. Nothing of that header is believed unless it
 * lies in the file; the size that ends a payload is not even looked at.
 * Not here: the streams themselves (unpack_streams.c).
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "build/unpack.h"

/* Offsets in a bzImage, as Linux's boot protocol gives them. */
enum {
	SETUP_SECTORS = 0x1f1,
	SETUP_MAGIC = 0x202,
	SETUP_VERSION = 0x206,
	SETUP_PAYLOAD_OFFSET = 0x248,
	SETUP_PAYLOAD_BYTES = 0x24c,
	SETUP_END = 0x250,
	SECTOR = 512,
	/* the first version with a payload */
	VERSION_WANTED = 0x208,
	/* all but gzip's end with their unpacked size, behind the stream */
	SIZE_BYTES = 4,
};

static const struct format {
	const char *name;
	const char *magic;
	size_t magic_bytes;
	/* NULL: known by name only */
	int (*unpack)(struct packed *packed);
} formats[] = {
	{ "gzip", "\x1f\x8b", 2, unpack_gzip },
	{ "xz", "\xfd" "7zXZ\0", 6, unpack_xz },
	{ "zstd", "\x28\xb5\x2f\xfd", 4, unpack_zstd },
	{ "bzip2", "BZh", 3, NULL },
	{ "lzma", "\x5d\0\0", 3, NULL },
	{ "lzo", "\x89LZO", 4, NULL },
	{ "lz4", "\x02\x21\x4c\x18", 4, NULL },
	{ "lz4", "\x04\x22\x4d\x18", 4, NULL },
};

static const struct format *find_format(const struct packed *p)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (p->size >= formats[i].magic_bytes &&
		    !memcmp(p->bytes, formats[i].magic, formats[i].magic_bytes))
			return &formats[i];
	return NULL;
}

static uint32_t number(const uint8_t *at, int bytes)
{
	uint32_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* Narrows `p` from a bzImage to its payload. */
static int find_payload(struct packed *p, const char *path, struct reason *why)
{
	uint32_t version = number(p->bytes + SETUP_VERSION, 2);
	uint32_t bytes = number(p->bytes + SETUP_PAYLOAD_BYTES, 4);
	uint32_t sectors = p->bytes[SETUP_SECTORS];
	/* 0 means 4, for the sake of very old loaders */
	uint64_t start = ((sectors ? sectors : 4) + 1) * SECTOR +
			 (uint64_t)number(p->bytes + SETUP_PAYLOAD_OFFSET, 4);

	if (version < VERSION_WANTED)
		return refuse(why, -EOPNOTSUPP,
			      "%s is a bzImage of boot protocol %u.%02u, which does not tell where its kernel is packed; 2.08 (Linux 2.6.24) does",
			      path, version >> 8, version & 0xff);
	if (start > p->size || bytes > p->size - start)
		return refuse(why, -ENOEXEC,
			      "%s is truncated: its packed kernel of %u bytes at offset %llu lies beyond its end",
			      path, bytes, (unsigned long long)start);
	p->bytes += start;
	p->size = bytes;
	return 0;
}

static bool is_bzimage(const struct packed *p)
{
	return p->size >= SETUP_END &&
	       !memcmp(p->bytes + SETUP_MAGIC, "HdrS", 4);
}

static int refuse_stream(int rc, const char *path, const struct format *f,
			 const struct packed *p, struct reason *why)
{
	if (rc == -ENOMEM)
		return refuse(why, rc,
			      "the control domain lacks memory to unpack %s",
			      path);
	if (rc == -EFBIG && !p->fault)
		return refuse(why, rc, "%s unpacks to more than %lu MiB", path,
			      IMAGE_MAX_BYTES >> 20);
	if (rc == -EFBIG)
		return refuse(why, rc,
			      "%s takes more than %lu MiB of memory to unpack: %s",
			      path, UNPACK_MEMORY_MAX >> 20, p->fault);
	return refuse(why, rc, "%s is damaged (%s): %s", path, f->name,
		      p->fault ? p->fault : "it ends too early");
}

static int unpack_all(struct packed *p, const char *path, bool payload,
		      struct reason *why)
{
	const struct format *f = find_format(p);
	int rc;

	if (!f)
		return refuse(why, -ENOEXEC,
			      "%s is a bzImage with a payload that is neither gzip, xz nor zstd",
			      path);
	if (!f->unpack)
		return refuse(why, -EOPNOTSUPP,
			      "%s is packed with %s; only gzip, xz and zstd can be unpacked here",
			      path, f->name);
	rc = f->unpack(p);
	if (rc)
		return refuse_stream(rc, path, f, p, why);
	if (p->size && !(payload && p->size == SIZE_BYTES))
		return refuse(why, -EBADMSG,
			      "%s has %zu bytes too many: they follow the end of what is packed with %s",
			      path, p->size, f->name);
	return 0;
}

int image_unpack(struct image *image, const char *path, struct reason *why)
{
	struct image out = { 0 };
	struct packed p = { .bytes = image->bytes, .size = image->size,
			    .out = &out };
	bool bzimage = is_bzimage(&p);
	int rc = 0;

	if (!bzimage && !find_format(&p))
		return 0;
	if (bzimage)
		rc = find_payload(&p, path, why);
	if (!rc)
		rc = unpack_all(&p, path, bzimage, why);
	if (rc) {
		image_free(&out);
		return rc;
	}
	image_free(image);
	*image = out;
	return 0;
}
