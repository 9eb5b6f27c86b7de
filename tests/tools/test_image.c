/* SPDX-License-Identifier: MIT */
/* test_image.c - kernels' files, and what is packed in them.
 *
 * Rules: what was packed comes out, whatever the file says of its size; a
 * file that is cut off, changed, too large or followed by something else is
 * refused with one sentence, and nothing of it is kept.
 */
#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "build/image.h"
#include "build/input.h"
#include "cmocka_all.h"

#define PLAIN_BYTES 30000

static uint8_t plain[PLAIN_BYTES];
static uint8_t file[2 * PLAIN_BYTES];
static size_t file_size;
static struct image image;
static struct reason why;

/* Packs into `to`, and returns how many bytes that gave. */
typedef size_t packer(uint8_t *to, size_t room, const uint8_t *from,
		      size_t size);

static size_t pack_gzip(uint8_t *to, size_t room, const uint8_t *from,
			size_t size)
{
	z_stream z = { .next_in = (Bytef *)from, .avail_in = (uInt)size,
		       .next_out = to, .avail_out = (uInt)room };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, 0), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

/* As Linux's build does it: x86 code is filtered, the check is CRC32. */
static size_t pack_xz(uint8_t *to, size_t room, const uint8_t *from,
		      size_t size)
{
	lzma_options_lzma options;
	lzma_filter filters[] = {
		{ LZMA_FILTER_X86, NULL },
		{ LZMA_FILTER_LZMA2, &options },
		{ LZMA_VLI_UNKNOWN, NULL },
	};
	size_t done = 0;

	assert_false(lzma_lzma_preset(&options, size > PLAIN_BYTES ? 0 : 6));
	assert_int_equal(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32,
						   NULL, from, size, to, &done,
						   room), LZMA_OK);
	return done;
}

static size_t pack_zstd(uint8_t *to, size_t room, const uint8_t *from,
			size_t size)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	size_t done;

	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
	done = ZSTD_compress2(z, to, room, from, size);
	assert_false(ZSTD_isError(done));
	ZSTD_freeCCtx(z);
	return done;
}

static const struct {
	const char *name;
	packer *pack;
	/* bytes of payload behind the stream, in a bzImage */
	size_t tail;
} formats[] = {
	{ "gzip", pack_gzip, 0 },
	{ "xz", pack_xz, 4 },
	{ "zstd", pack_zstd, 4 },
};
#define FORMATS 3

static int fresh(void **state)
{
	uint32_t random = 1;

	/* half of it can be packed */
	for (size_t i = 0; i < PLAIN_BYTES; i++) {
		random = random * 1103515245 + 12345;
		plain[i] = i / 100 % 2 ? (uint8_t)(i >> 8) :
					 (uint8_t)(random >> 16);
	}
	memset(file, 0, sizeof(file));
	file_size = 0;
	reason_clear(&why);
	return 0;
}

static void put(size_t at, uint32_t value, int bytes)
{
	memcpy(file + at, &value, (size_t)bytes);
}

/* Makes a bzImage: setup sectors, a little code, the payload, its size. */
static size_t make_bzimage(uint8_t sectors, int format, uint32_t said)
{
	size_t start = ((sectors ? sectors : 4u) + 1) * 512 + 100;
	size_t size = formats[format].pack(file + start, sizeof(file) - start,
					   plain, PLAIN_BYTES);

	file[0x1f1] = sectors;
	memcpy(file + 0x202, "HdrS", 4);
	put(0x206, 0x20f, 2);
	put(0x248, 100, 4);
	if (formats[format].tail)
		put(start + size, said, 4);
	size += formats[format].tail;
	put(0x24c, (uint32_t)size, 4);
	/* what follows the payload: more code, and a signature perhaps */
	file_size = start + size + 777;
	return start;
}

static void make_packed(int format)
{
	file_size = formats[format].pack(file, sizeof(file), plain,
					 PLAIN_BYTES);
}

static int unpack(const uint8_t *bytes, size_t size)
{
	int rc;

	reason_clear(&why);
	memset(&image, 0, sizeof(image));
	assert_int_equal(image_grow(&image, size), 0);
	memcpy(image.bytes, bytes, size);
	image.size = size;
	rc = image_unpack(&image, "k", &why);
	assert_true(!rc == !why.text[0]);
	return rc;
}

static int unpack_file(void)
{
	int rc = unpack(file, file_size);

	if (rc)
		image_free(&image);
	return rc;
}

static bool is_plain(void)
{
	bool same = image.size == PLAIN_BYTES &&
		    !memcmp(image.bytes, plain, PLAIN_BYTES);

	image_free(&image);
	return same;
}

static void what_is_not_packed_stays(void **state)
{
	static const uint8_t elf[] = "\x7f" "ELF and so on";

	assert_int_equal(unpack(elf, sizeof(elf)), 0);
	assert_int_equal(image.size, sizeof(elf));
	assert_memory_equal(image.bytes, elf, sizeof(elf));
	image_free(&image);
	assert_int_equal(unpack(elf, 1), 0);
	image_free(&image);
}

static void packed_files_are_unpacked(void **state)
{
	for (int f = 0; f < FORMATS; f++) {
		make_packed(f);
		assert_int_equal(unpack_file(), 0);
		assert_true(is_plain());
	}
}

static void bzimages_are_unpacked(void **state)
{
	for (int f = 0; f < FORMATS; f++) {
		for (uint8_t sectors = 0; sectors < 64; sectors += 21) {
			fresh(NULL);
			make_bzimage(sectors, f, PLAIN_BYTES);
			assert_int_equal(unpack_file(), 0);
			assert_true(is_plain());
		}
	}
}

static void the_size_said_is_not_believed(void **state)
{
	for (int f = 0; f < FORMATS; f++) {
		make_bzimage(4, f, 0);
		assert_int_equal(unpack_file(), 0);
		assert_true(is_plain());
		make_bzimage(4, f, UINT32_MAX);
		assert_int_equal(unpack_file(), 0);
		assert_true(is_plain());
	}
}

/* Of the lengths that a file can be cut off at, those in its headers and some
 * of the others. */
static void cut_off_files_are_refused(void **state)
{
	for (int f = 0; f < FORMATS; f++) {
		size_t whole;

		make_packed(f);
		whole = file_size;
		for (file_size = 6; file_size < whole;
		     file_size += file_size < 100 ? 1 : 97) {
			assert_int_equal(unpack_file(), -EBADMSG);
			assert_says(why, "k is damaged (");
			assert_says(why, "it ends too early");
		}
		fresh(NULL);
		make_bzimage(4, f, PLAIN_BYTES);
		whole = file_size - 777;
		for (file_size = 0x250; file_size < whole; file_size += 1009) {
			assert_int_equal(unpack_file(), -ENOEXEC);
			assert_says(why, "k is truncated: its packed kernel");
		}
	}
}

/* No changed byte goes unnoticed, unless nothing depends on it. */
static void changed_files_are_refused(void **state)
{
	for (int f = 0; f < FORMATS; f++) {
		unsigned int refused = 0, tried = 0;

		make_packed(f);
		for (size_t i = 0; i < file_size; i += i < 100 ? 1 : 97) {
			file[i] ^= 0x10;
			tried++;
			if (unpack_file())
				refused++;
			else if (i > 10)
				assert_true(is_plain());
			else
				image_free(&image);
			file[i] ^= 0x10;
		}
		/* gzip's time and system, and each format's own name */
		assert_in_range(tried - refused, 0, 16);
	}
}

static void what_follows_is_refused(void **state)
{
	for (int f = 0; f < FORMATS; f++) {
		make_packed(f);
		file_size += 4;
		assert_int_equal(unpack_file(), -EBADMSG);
		assert_says(why, "k has 4 bytes too many");
		fresh(NULL);
		make_bzimage(4, f, PLAIN_BYTES);
		put(0x24c, *(uint32_t *)(file + 0x24c) + 5, 4);
		assert_int_equal(unpack_file(), -EBADMSG);
		assert_says(why, "bytes too many");
	}
}

/* 1 MiB more of zeroes than a kernel may have. */
static void bombs_are_stopped(void **state)
{
	size_t size = IMAGE_MAX_BYTES + (1 << 20);
	uint8_t *zeroes = mmap(NULL, size, PROT_READ,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			       0);
	uint8_t *packed = malloc(1 << 20);

	assert_ptr_not_equal(zeroes, MAP_FAILED);
	for (int f = 0; f < FORMATS; f++) {
		size_t bytes = formats[f].pack(packed, 1 << 20, zeroes, size);

		assert_int_equal(unpack(packed, bytes), -EFBIG);
		assert_says(why, "k unpacks to more than 256 MiB");
		image_free(&image);
	}
	free(packed);
	munmap(zeroes, size);
}

/* A small stream that wants a large window: nothing is allocated for it. */
static void greedy_streams_are_refused(void **state)
{
	/* a frame of one raw byte with a window of 256 MiB */
	static const uint8_t zstd[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3,
					0x09, 0, 0, 'x' };
	uint32_t sum;

	make_packed(1);
	/* LZMA2 with its largest dictionary, in the first block's header */
	for (size_t i = 12; ; i++) {
		assert_true(i < 60);
		if (file[i] == 0x21 && file[i + 1] == 1) {
			file[i + 2] = 40;
			break;
		}
	}
	sum = lzma_crc32(file + 12, file[12] * 4u, 0);
	put(12 + file[12] * 4u, sum, 4);
	assert_int_equal(unpack_file(), -EFBIG);
	assert_says(why, "takes more than 160 MiB of memory to unpack: its dictionary");

	assert_int_equal(unpack(zstd, sizeof(zstd)), -EFBIG);
	assert_says(why, "takes more than 160 MiB of memory to unpack: ");
	image_free(&image);
}

static void other_formats_are_named(void **state)
{
	static const struct {
		const char *name, *begin;
		size_t bytes;
	} others[] = {
		{ "bzip2", "BZh9", 4 },
		{ "lzma", "\x5d\0\0\x80", 4 },
		{ "lzo", "\x89LZO\0", 5 },
		{ "lz4", "\x02\x21\x4c\x18", 4 },
		{ "lz4", "\x04\x22\x4d\x18", 4 },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		size_t start = make_bzimage(4, 0, 0);
		char words[64];

		memcpy(file + start, others[i].begin, others[i].bytes);
		snprintf(words, sizeof(words), "k is packed with %s; only gzip",
			 others[i].name);
		assert_int_equal(unpack_file(), -EOPNOTSUPP);
		assert_says(why, words);
		assert_int_equal(unpack(file + start, 100), -EOPNOTSUPP);
		image_free(&image);
		assert_says(why, words);
	}
}

static void strange_bzimages_are_refused(void **state)
{
	size_t start = make_bzimage(4, 1, PLAIN_BYTES);

	put(0x206, 0x207, 2);
	assert_int_equal(unpack_file(), -EOPNOTSUPP);
	assert_says(why, "boot protocol 2.07");
	put(0x206, 0x208, 2);
	assert_int_equal(unpack_file(), 0);
	assert_true(is_plain());

	file[start]++;
	assert_int_equal(unpack_file(), -ENOEXEC);
	assert_says(why, "a payload that is neither gzip, xz nor zstd");
	put(0x24c, 0, 4);
	assert_int_equal(unpack_file(), -ENOEXEC);
	/* sums of what it says must not wrap */
	put(0x248, UINT32_MAX, 4);
	put(0x24c, UINT32_MAX, 4);
	assert_int_equal(unpack_file(), -ENOEXEC);
	assert_says(why, "is truncated");
	put(0x248, UINT32_MAX - 2559, 4);
	assert_int_equal(unpack_file(), -ENOEXEC);
	assert_says(why, "is truncated");
}

static void files_are_read_within_limits(void **state)
{
	char path[64];
	struct input input;
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/test_image.%d", getpid());
	assert_int_equal(image_read(&image, path, &why), -ENOENT);
	assert_null(image.bytes);
	f = fopen(path, "w");
	assert_int_equal(fwrite(plain, 1, PLAIN_BYTES, f), PLAIN_BYTES);
	fclose(f);
	reason_clear(&why);
	assert_int_equal(image_read(&image, path, &why), 0);
	assert_true(is_plain());

	assert_int_equal(input_open(&input, path, &why), 0);
	assert_int_equal(truncate(path, PLAIN_BYTES - 1), 0);
	assert_int_equal(input_read(&input, file, &why), -EIO);
	assert_says(why, "became shorter while it was read");
	input_close(&input);

	/* a hole, which takes no place */
	reason_clear(&why);
	assert_int_equal(truncate(path, IMAGE_MAX_BYTES + 1), 0);
	assert_int_equal(image_read(&image, path, &why), -EFBIG);
	assert_says(why, "is larger than 256 MiB");
	reason_clear(&why);
	assert_int_equal(image_read(&image, "/dev/null", &why), -EINVAL);
	assert_says(why, "is not a regular file");
	unlink(path);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, fresh)
	const struct CMUnitTest tests[] = {
		T(what_is_not_packed_stays),
		T(packed_files_are_unpacked),
		T(bzimages_are_unpacked),
		T(the_size_said_is_not_believed),
		T(cut_off_files_are_refused),
		T(changed_files_are_refused),
		T(what_follows_is_refused),
		T(bombs_are_stopped),
		T(greedy_streams_are_refused),
		T(other_formats_are_named),
		T(strange_bzimages_are_refused),
		T(files_are_read_within_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
