/* SPDX-License-Identifier: MIT */
/* inflate.c - decompressing a gzip'ed ramdisk.
 *
 * Own code and not Debian's libz.a, because that is built for user programs:
 * its inflate reads a stack-protector canary at %fs:0x28 (in the kernel that
 * is whatever the current user program, or at boot nothing, put there), and
 * uses SSE registers, which here belong to user programs. This decoder needs
 * neither, and is a twentieth of the size.
 *
 * Guards: no read beyond the input (missing bits read as 0 and are noticed),
 * no back reference before the output's first byte, no code that is not in its
 * table; every loop consumes input bits or produces bounded output.
 */
#include "fs/inflate.h"

#include "core/errno.h"
#include "core/types.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

#define WINDOW		32768u
#define MAX_BITS	15
#define FAST_BITS	9
#define LITERALS	288
#define DISTANCES	30

/* A canonical Huffman code. fast[] is indexed by the next FAST_BITS bits and
 * holds symbol | length << 9, or 0 when the code is longer than that. */
struct code {
	uint16_t count[MAX_BITS + 1];
	uint16_t symbol[LITERALS];
	uint16_t fast[1 << FAST_BITS];
};

struct inflate {
	const uint8_t *in;
	size_t len, at;
	uint64_t hold;		/* the next bits, lowest first */
	unsigned int bits;	/* how many `hold` has */
	unsigned int missing;	/* bytes past the end that were read as 0 */
	uint64_t total;		/* bytes produced */
	uint32_t crc;
	inflate_sink sink;
	void *ctx;
	struct code literal, distance;
	uint32_t crc_table[256];
	uint8_t window[WINDOW];
};

static void refill(struct inflate *z)
{
	while (z->bits <= 56) {
		uint64_t byte = 0;

		if (z->at < z->len)
			byte = z->in[z->at++];
		else
			z->missing++;
		z->hold |= byte << z->bits;
		z->bits += 8;
	}
}

static bool ran_out(const struct inflate *z)
{
	return z->missing * 8 > z->bits;
}

static void drop(struct inflate *z, unsigned int n)
{
	z->hold >>= n;
	z->bits -= n;
}

static unsigned int take(struct inflate *z, unsigned int n)
{
	unsigned int value;

	refill(z);
	value = (unsigned int)(z->hold & ((1u << n) - 1));
	drop(z, n);
	return value;
}

static int flush(struct inflate *z, size_t n)
{
	for (size_t i = 0; i < n; i++)
		z->crc = z->crc_table[(z->crc ^ z->window[i]) & 0xff] ^ z->crc >> 8;
	return z->sink(z->ctx, z->window, n);
}

static int emit(struct inflate *z, uint8_t byte)
{
	z->window[z->total++ % WINDOW] = byte;
	return z->total % WINDOW ? 0 : flush(z, WINDOW);
}

static unsigned int reverse(unsigned int value, unsigned int bits)
{
	unsigned int out = 0;

	while (bits--) {
		out = out << 1 | (value & 1);
		value >>= 1;
	}
	return out;
}

/* From each symbol's code length (0: not used). An incomplete code is accepted
 * only when it has at most one symbol, as distance codes may. */
static int code_build(struct code *c, const uint8_t *length, unsigned int n)
{
	uint16_t start[MAX_BITS + 2] = { 0 }, next[MAX_BITS + 2] = { 0 };
	int left = 1;

	memset(c, 0, sizeof(*c));
	for (unsigned int s = 0; s < n; s++)
		c->count[length[s]]++;
	c->count[0] = 0;
	for (unsigned int b = 1; b <= MAX_BITS; b++) {
		left = left * 2 - c->count[b];
		if (left < 0)
			return -EINVAL;
		start[b + 1] = start[b] + c->count[b];
		next[b + 1] = (uint16_t)((next[b] + c->count[b]) << 1);
	}
	if (left > 0 && start[MAX_BITS + 1] > 1)
		return -EINVAL;
	for (unsigned int s = 0; s < n; s++) {
		unsigned int b = length[s];
		unsigned int step = 1u << b;

		if (!b)
			continue;
		c->symbol[start[b]++] = (uint16_t)s;
		if (b > FAST_BITS) {
			next[b]++;
			continue;
		}
		for (unsigned int i = reverse(next[b]++, b);
		     i < 1 << FAST_BITS; i += step)
			c->fast[i] = (uint16_t)(s | b << FAST_BITS);
	}
	return 0;
}

static int decode(struct inflate *z, const struct code *c)
{
	unsigned int fast, value = 0, first = 0, index = 0;

	refill(z);
	fast = c->fast[z->hold & ((1 << FAST_BITS) - 1)];
	if (fast) {
		drop(z, fast >> FAST_BITS);
		return (int)(fast & ((1 << FAST_BITS) - 1));
	}
	for (unsigned int b = 1; b <= MAX_BITS; b++) {
		value = value << 1 | (unsigned int)(z->hold >> (b - 1) & 1);
		if (value - first < c->count[b]) {
			drop(z, b);
			return c->symbol[index + value - first];
		}
		index += c->count[b];
		first = (first + c->count[b]) << 1;
	}
	return -EINVAL;
}

static int copy_match(struct inflate *z, unsigned int length, unsigned int distance)
{
	int rc = 0;

	if (distance > z->total)
		return -EINVAL;
	while (rc == 0 && length--)
		rc = emit(z, z->window[(z->total - distance) % WINDOW]);
	return rc;
}

/* Lengths 257..285 and distances 0..29: a base and extra bits. Both run in
 * steps whose size doubles, lengths after every four, distances after two. */
static int match_length(struct inflate *z, unsigned int symbol, unsigned int *length)
{
	unsigned int k = symbol - 257;

	if (k < 8)
		*length = 3 + k;
	else if (k < 28)
		*length = 3 + ((4 + k % 4) << (k / 4 - 1)) + take(z, k / 4 - 1);
	else if (k == 28)
		*length = 258;
	else
		return -EINVAL;
	return 0;
}

static int match_distance(struct inflate *z, unsigned int *distance)
{
	int k = decode(z, &z->distance);

	if (k < 0 || k >= DISTANCES)
		return -EINVAL;
	if (k < 4)
		*distance = 1 + (unsigned int)k;
	else
		*distance = 1 + ((2u + (unsigned int)k % 2) << (k / 2 - 1)) +
			    take(z, (unsigned int)k / 2 - 1);
	return 0;
}

static int coded_block(struct inflate *z)
{
	unsigned int length, distance;
	int symbol, rc;

	for (;;) {
		symbol = decode(z, &z->literal);
		if (symbol < 0 || ran_out(z))
			return -EINVAL;
		if (symbol == 256)
			return 0;
		if (symbol < 256) {
			rc = emit(z, (uint8_t)symbol);
		} else {
			rc = match_length(z, (unsigned int)symbol, &length);
			if (rc == 0)
				rc = match_distance(z, &distance);
			if (rc == 0)
				rc = copy_match(z, length, distance);
		}
		if (rc)
			return rc;
	}
}

static int stored_block(struct inflate *z)
{
	unsigned int len, check;
	int rc = 0;

	drop(z, z->bits % 8);
	len = take(z, 16);
	check = take(z, 16);
	if (len != (check ^ 0xffff))
		return -EINVAL;
	while (rc == 0 && len--) {
		rc = emit(z, (uint8_t)take(z, 8));
		if (ran_out(z))
			rc = -EINVAL;
	}
	return rc;
}

static int fixed_codes(struct inflate *z)
{
	uint8_t length[LITERALS];
	int rc;

	memset(length, 8, 144);
	memset(length + 144, 9, 112);
	memset(length + 256, 7, 24);
	memset(length + 280, 8, 8);
	rc = code_build(&z->literal, length, LITERALS);
	memset(length, 5, 32);
	return rc ? rc : code_build(&z->distance, length, 32);
}

/* The code lengths of a dynamic block are themselves coded, with runs. */
static int read_lengths(struct inflate *z, uint8_t *length, unsigned int n)
{
	unsigned int i = 0;

	while (i < n) {
		int symbol = decode(z, &z->literal);
		unsigned int run;
		uint8_t value = 0;

		if (symbol < 0 || ran_out(z))
			return -EINVAL;
		if (symbol < 16) {
			length[i++] = (uint8_t)symbol;
			continue;
		}
		if (symbol == 16) {
			if (i == 0)
				return -EINVAL;
			value = length[i - 1];
			run = 3 + take(z, 2);
		} else {
			run = symbol == 17 ? 3 + take(z, 3) : 11 + take(z, 7);
		}
		if (run > n - i)
			return -EINVAL;
		memset(length + i, value, run);
		i += run;
	}
	return 0;
}

static int dynamic_codes(struct inflate *z)
{
	static const uint8_t order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5,
					   11, 4, 12, 3, 13, 2, 14, 1, 15 };
	uint8_t length[LITERALS + 32] = { 0 };
	unsigned int literals = 257 + take(z, 5);
	unsigned int distances = 1 + take(z, 5);
	unsigned int n = 4 + take(z, 4);
	int rc;

	if (literals > 286 || distances > DISTANCES)
		return -EINVAL;
	for (unsigned int i = 0; i < n; i++)
		length[order[i]] = (uint8_t)take(z, 3);
	rc = code_build(&z->literal, length, 19);
	if (rc == 0)
		rc = read_lengths(z, length, literals + distances);
	if (rc == 0 && length[256] == 0)
		rc = -EINVAL;	/* a block that could not end */
	if (rc == 0)
		rc = code_build(&z->literal, length, literals);
	if (rc == 0)
		rc = code_build(&z->distance, length + literals, distances);
	return rc;
}

static int blocks(struct inflate *z)
{
	bool last;
	int rc;

	do {
		last = take(z, 1);
		switch (take(z, 2)) {
		case 0:
			rc = stored_block(z);
			break;
		case 1:
			rc = fixed_codes(z);
			rc = rc ? rc : coded_block(z);
			break;
		case 2:
			rc = dynamic_codes(z);
			rc = rc ? rc : coded_block(z);
			break;
		default:
			rc = -EINVAL;
		}
		if (rc == 0 && ran_out(z))
			rc = -EINVAL;
	} while (rc == 0 && !last);
	return rc ? rc : flush(z, z->total % WINDOW);
}

/* The size of a gzip header with its optional fields, or 0. */
static size_t header_size(const uint8_t *in, size_t len)
{
	size_t at = 10;

	if (len < 18 || in[0] != 0x1f || in[1] != 0x8b || in[2] != 8)
		return 0;
	if (in[3] & 4)		/* extra field */
		at += 2u + in[at] + in[at + 1] * 256u;
	for (unsigned int text = 8; text <= 16; text *= 2)
		if (in[3] & text) {	/* name, comment */
			while (at < len && in[at])
				at++;
			at++;
		}
	if (in[3] & 2)		/* header checksum */
		at += 2;
	return at < len ? at : 0;
}

static void crc_init(struct inflate *z)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
		z->crc_table[i] = c;
	}
	z->crc = UINT32_MAX;
}

long gunzip(const uint8_t *in, size_t len, inflate_sink sink, void *ctx)
{
	size_t start = header_size(in, len);
	struct inflate *z;
	uint32_t crc, size;
	long rc;

	if (!start)
		return -EINVAL;
	z = kzalloc(sizeof(*z));
	if (!z)
		return -ENOMEM;
	z->in = in;
	z->len = len;
	z->at = start;
	z->sink = sink;
	z->ctx = ctx;
	crc_init(z);
	rc = blocks(z);
	if (rc == 0) {
		drop(z, z->bits % 8);
		crc = take(z, 16);
		crc |= take(z, 16) << 16;
		size = take(z, 16);
		size |= take(z, 16) << 16;
		if (ran_out(z) || crc != ~z->crc || size != (uint32_t)z->total)
			rc = -EINVAL;
		else
			rc = (long)(z->at - (z->bits / 8 - z->missing));
	}
	kfree(z);
	return rc;
}
