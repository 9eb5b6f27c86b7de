/* SPDX-License-Identifier: MIT */
/* test_kernel_fs_cpio.c - ramdisks, good and hostile, plain and compressed.
 *
 * Rule: a good archive becomes the tree it describes, however it is cut into
 * pieces; a bad one ends in an error, with no byte read outside it, nothing
 * made above the root, and nothing leaked. zlib makes the compressed data.
 */
#include "kernel.h"

#include "fs/cpio.h"
#include "fs/inflate.h"
#include "host_gzip.h"

void *malloc(size_t n);
void free(void *p);

static uint8_t ar[1 << 20], packed[1 << 20];
static size_t ar_len;

static void pad(void)
{
	while (ar_len % 4)
		ar[ar_len++] = 0;
}

static void entry(const char *name, unsigned mode, unsigned ino, unsigned nlink,
		  const void *data, unsigned n)
{
	ar_len += (size_t)snprintf((char *)ar + ar_len, 200,
			"070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
			ino, mode, 3, 4, nlink, 1000, n, 0, 0, 0, 0,
			(unsigned)strlen(name) + 1, 0);
	memcpy(ar + ar_len, name, strlen(name) + 1);
	ar_len += strlen(name) + 1;
	pad();
	memcpy(ar + ar_len, data, n);
	ar_len += n;
	pad();
}

static void trailer(void)
{
	entry("TRAILER!!!", 0, 0, 1, "", 0);
}

static void sample(void)
{
	ar_len = 0;
	entry(".", S_IFDIR | 0755, 1, 2, "", 0);
	entry("d", S_IFDIR | 0700, 2, 2, "", 0);
	entry("d/f", S_IFREG | 0640, 3, 1, "contents", 8);
	entry("d/l", S_IFLNK | 0777, 4, 1, "f", 1);
	entry("h1", S_IFREG | 0644, 5, 2, "", 0);
	entry("h2", S_IFREG | 0644, 5, 2, "linked", 6);
	entry("dev/null", S_IFCHR | 0666, 6, 1, "", 0);
	trailer();
}

static void check_sample(void)
{
	struct linux_stat st;

	assert_true(fake_file_is("/d/l", "contents", 8));
	assert_true(fake_file_is("/h1", "linked", 6));
	assert_int_equal(sys_stat(U("/d/f"), U(&st)), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_int_equal(st.st_uid, 3);
	assert_int_equal(st.mtime_sec, 1000);
	assert_int_equal(sys_stat(U("/h2"), U(&st)), 0);
	assert_int_equal(st.st_nlink, 2);
}

static void remove_sample(void)
{
	sys_unlink(U("/d/f"));
	sys_unlink(U("/d/l"));
	sys_rmdir(U("/d"));
	sys_unlink(U("/h1"));
	sys_unlink(U("/h2"));
}

static size_t gzip(int level, int strategy, const void *in, size_t n)
{
	size_t size = host_gzip(level, strategy, in, n, packed, sizeof(packed));

	assert_true(size > 0);
	return size;
}

static void a_plain_archive(void **state)
{
	unsigned long objects = fake_objects;
	uint64_t pages = page_free_count;

	sample();
	assert_int_equal(fs_unpack_initramfs(ar, ar_len), 0);
	check_sample();
	/* again over itself, then everything away: nothing is left */
	assert_int_equal(fs_unpack_initramfs(ar, ar_len), 0);
	check_sample();
	remove_sample();
	assert_int_equal(fake_objects, objects);
	assert_int_equal(page_free_count, pages);
}

static void several_archives(void **state)
{
	size_t n;

	sample();
	ar_len += 512;			/* zeros */
	n = gzip(6, 0, ar, ar_len);
	memcpy(ar + ar_len, packed, n);
	ar_len += n;
	memset(ar + ar_len, 0, 100);
	ar_len += 100;
	entry("second", S_IFREG | 0644, 9, 1, "2", 1);
	trailer();
	assert_int_equal(fs_unpack_initramfs(ar, ar_len), 0);
	check_sample();
	assert_true(fake_file_is("/second", "2", 1));
	sys_unlink(U("/second"));
	remove_sample();
	memset(ar, 0, sizeof(ar));
}

static void in_pieces_of_any_size(void **state)
{
	for (size_t step = 1; step < 120; step += 7) {
		struct cpio *c = malloc(sizeof(*c));

		memset(c, 0, sizeof(*c));
		c->root = fs_root();
		sample();
		for (size_t at = 0; at < ar_len; at += step) {
			size_t n = ar_len - at < step ? ar_len - at : step;

			assert_int_equal(cpio_feed(c, ar + at, n), n);
		}
		assert_int_equal(cpio_end(c), 0);
		assert_int_equal(c->entries, 7);
		assert_int_equal(c->skipped, 0);
		check_sample();
		remove_sample();
		free(c);
	}
}

/* A copy that ends where the data ends, so that the sanitizer sees more. */
static int unpack_copy(const uint8_t *in, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	int rc;

	memcpy(copy, in, n);
	rc = fs_unpack_initramfs(copy, n);
	free(copy);
	return rc;
}

static void cut_short(void **state)
{
	unsigned long objects;
	size_t full, n;

	sample();
	full = ar_len;
	assert_int_equal(unpack_copy(ar, full), 0);
	objects = fake_objects;
	/* cut inside the trailer or before: an error, unless between entries */
	for (n = 1; n < full; n++)
		if (n % 4)
			assert_true(unpack_copy(ar, n) <= 0);
	assert_int_equal(unpack_copy(ar, full - 8), -EINVAL);
	assert_int_equal(unpack_copy(ar, 50), -EINVAL);
	full = gzip(9, 0, ar, ar_len);
	for (n = 1; n < full; n++)
		assert_int_equal(unpack_copy(packed, n), -EINVAL);
	assert_int_equal(fake_objects, objects);
	remove_sample();
}

static void bad_headers(void **state)
{
	unsigned long objects = fake_objects;

	sample();
	ar[3] = '8';
	assert_int_equal(unpack_copy(ar, ar_len), -EINVAL);
	assert_non_null(strchr(fake_log, '0'));
	sample();
	ar[94] = 'g';			/* name size */
	assert_int_equal(unpack_copy(ar, ar_len), -EINVAL);
	sample();
	memcpy(ar + 94, "00000000", 8);
	assert_int_equal(unpack_copy(ar, ar_len), -EINVAL);
	sample();
	memcpy(ar + 94, "ffffffff", 8);
	assert_int_equal(unpack_copy(ar, ar_len), -EINVAL);
	sample();
	ar[111] = 'x';			/* the name's NUL */
	assert_int_equal(unpack_copy(ar, ar_len), -EINVAL);
	sample();
	memcpy(ar + 94, "00002000", 8);	/* a name longer than paths are */
	assert_int_equal(unpack_copy(ar, 20000), -EINVAL);
	ar_len = 0;			/* the same for a link's text */
	entry("l", S_IFLNK | 0777, 1, 1, packed, 9000);
	trailer();
	assert_int_equal(unpack_copy(ar, ar_len), -EINVAL);
	ar_len = 0;
	entry("f", S_IFREG | 0644, 1, 1, "", 0);
	memcpy(ar + 54, "ffffffff", 8);	/* 4 GiB of data that is not there */
	trailer();
	assert_int_equal(unpack_copy(ar, ar_len), -EINVAL);
	assert_int_equal(unpack_copy((const uint8_t *)"junk", 4), -EINVAL);
	sys_unlink(U("/f"));
	remove_sample();
	assert_int_equal(fake_objects, objects);
	memset(ar, 0, sizeof(ar));
}

static void hostile_names(void **state)
{
	ar_len = 0;
	entry("../../../escaped", S_IFREG | 0644, 1, 1, "e", 1);
	entry("/", S_IFREG | 0644, 2, 1, "e", 1);
	entry("a//", S_IFREG | 0644, 3, 1, "e", 1);
	entry("missing/dir/f", S_IFREG | 0644, 4, 1, "e", 1);
	entry("bad", 0170000, 5, 1, "e", 1);
	entry("nul", S_IFLNK | 0777, 6, 1, "a\0b", 3);
	entry("fine", S_IFREG | 0644, 7, 1, "f", 1);
	trailer();
	assert_int_equal(unpack_copy(ar, ar_len), 0);
	assert_true(fake_file_is("/escaped", "e", 1));	/* ".." stops at the root */
	assert_true(fake_file_is("/fine", "f", 1));
	assert_int_equal(fake_open("/missing", O_RDONLY), -ENOENT);
	sys_unlink(U("/escaped"));
	sys_unlink(U("/fine"));
	sys_unlink(U("/nul"));
}

static void too_big_for_memory(void **state)
{
	uint64_t pages = page_free_count;
	static uint8_t zeros[1 << 18];
	struct cpio *c = malloc(sizeof(*c));
	long rc = 0;

	memset(c, 0, sizeof(*c));
	c->root = fs_root();
	ar_len = 0;
	entry("huge", S_IFREG | 0644, 1, 1, "", 0);
	memcpy(ar + 54, "7fffffff", 8);
	assert_int_equal(cpio_feed(c, ar, ar_len), ar_len);
	while (rc >= 0)
		rc = cpio_feed(c, zeros, sizeof(zeros));
	assert_int_equal(rc, -ENOSPC);
	cpio_end(c);
	free(c);
	assert_int_equal(sys_unlink(U("/huge")), 0);
	assert_int_equal(page_free_count, pages);
}

/* One bit wrong anywhere: an error or not, but never worse. */
static void flipped_bytes(void **state)
{
	uint32_t random = 1;

	sample();
	for (int i = 0; i < 3000; i++) {
		size_t n, at;

		sample();
		random = random * 1103515245 + 12345;
		if (i % 2) {
			n = ar_len;
			ar[(random >> 8) % n] ^= (uint8_t)(1 << (random & 7));
			unpack_copy(ar, n);
		} else {
			n = gzip(6, 0, ar, ar_len);
			at = (random >> 8) % n;
			packed[at] ^= (uint8_t)(1 << (random & 7));
			/* only a bit that nothing depends on may pass */
			if (unpack_copy(packed, n) == 0)
				check_sample();
		}
	}
}

struct sink {
	const uint8_t *want;
	size_t at;
};

static int compare(void *ctx, const uint8_t *buf, size_t n)
{
	struct sink *s = ctx;

	assert_memory_equal(s->want + s->at, buf, n);
	s->at += n;
	return 0;
}

static void inflate_agrees_with_zlib(void **state)
{
	static uint8_t text[300000];
	uint32_t random = 7;

	for (size_t i = 0; i < sizeof(text); i++) {
		random = random * 1103515245 + 12345;
		/* repeats near and far, runs, and noise */
		if (i % 50000 < 20000 && i > 33000)
			text[i] = text[i - 32768];
		else if (i % 7000 < 900)
			text[i] = 'r';
		else
			text[i] = (uint8_t)((random >> 16) % (i % 9000 < 4000 ? 256 : 9));
	}
	for (int level = 0; level <= 9; level++)
		for (int k = 0; k < HOST_GZIP_STRATEGIES; k++) {
			struct sink s = { text, 0 };
			size_t n = gzip(level, k, text, sizeof(text));

			packed[n] = 0x55;	/* what follows is not taken */
			assert_int_equal(gunzip(packed, n + 1, compare, &s), n);
			assert_int_equal(s.at, sizeof(text));
			/* cut: missing bits must not be read as more text */
			s.at = 0;
			assert_int_equal(gunzip(packed, n / 2, compare, &s), -EINVAL);
			packed[n - 5] ^= 1;	/* checksum */
			s.at = 0;
			assert_int_equal(gunzip(packed, n, compare, &s), -EINVAL);
		}
}

/* A first match that reaches back before the first byte, with the checksum of
 * what a careless decoder would make of it (three zeros). */
static void a_match_before_the_start(void **state)
{
	static const uint8_t bad[] = {
		0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x03, 0x02, 0x00,
		0x12, 0xd9, 0x41, 0xff, 3, 0, 0, 0,
	};
	static const uint8_t zeros[3];
	struct sink s = { zeros, 0 };

	assert_int_equal(gunzip(bad, sizeof(bad), compare, &s), -EINVAL);
}

static void gzip_headers(void **state)
{
	/* FEXTRA, FNAME, FCOMMENT, FHCRC around an empty stored block */
	static const uint8_t all[] = {
		0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 2, 0, 'x', 'y',
		'n', 0, 'c', 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	struct sink s = { all, 0 };

	assert_int_equal(gunzip(all, sizeof(all), compare, &s), sizeof(all));
	for (size_t n = 0; n < sizeof(all); n++)
		assert_int_equal(gunzip(all, n, compare, &s), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_archive),
		cmocka_unit_test(several_archives),
		cmocka_unit_test(in_pieces_of_any_size),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(bad_headers),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(too_big_for_memory),
		cmocka_unit_test(inflate_agrees_with_zlib),
		cmocka_unit_test(a_match_before_the_start),
		cmocka_unit_test(gzip_headers),
		cmocka_unit_test(flipped_bytes),
	};

	return cmocka_run_group_tests(tests, fake_boot, NULL);
}
