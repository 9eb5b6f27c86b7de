/* SPDX-License-Identifier: MIT */
/* unpack_streams.c - gzip, xz and zstd, by zlib, liblzma and libzstd.
 *
 * Guards: output only where image_grow made room, and no loop that neither
 * takes nor gives a byte. All three libraries judge the stream's checksums.
 * Not here: which of them is wanted, and the sentences (unpack.c).
 */
#include <errno.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "build/unpack.h"

#define STEP_LEAST (64UL << 10)
#define STEP_MOST  (2UL << 20)

/* Both steps are parts of IMAGE_MAX_BYTES, and so is what is left of it. */
static int make_room(struct image *out)
{
	size_t step = out->room < STEP_LEAST ? STEP_LEAST :
		      out->room < STEP_MOST ? out->room : STEP_MOST;

	if (out->size < out->room)
		return 0;
	return image_grow(out, out->room + step);
}

static int gzip_stream(z_stream *z, struct packed *p)
{
	struct image *out = p->out;

	for (;;) {
		int rc = make_room(out);
		int zrc;

		if (rc)
			return rc;
		z->next_out = out->bytes + out->size;
		z->avail_out = (uInt)(out->room - out->size);
		zrc = inflate(z, Z_NO_FLUSH);
		out->size = out->room - z->avail_out;
		if (zrc == Z_STREAM_END)
			return 0;
		if (zrc == Z_MEM_ERROR)
			return -ENOMEM;
		/* Z_OK with room left means that the input ran out. */
		if (zrc != Z_OK || z->avail_out) {
			p->fault = z->msg;
			return -EBADMSG;
		}
	}
}

int unpack_gzip(struct packed *p)
{
	enum { GZIP_WINDOW = 15 + 16 };	/* zlib: +16 expects a gzip header */
	z_stream z = { .next_in = (Bytef *)p->bytes, .avail_in = (uInt)p->size };
	int rc;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return -ENOMEM;
	rc = gzip_stream(&z, p);
	p->bytes = z.next_in;
	p->size = z.avail_in;
	inflateEnd(&z);
	return rc;
}

static int xz_error(lzma_ret ret, struct packed *p)
{
	switch (ret) {
	case LZMA_STREAM_END:
		return 0;
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	case LZMA_MEMLIMIT_ERROR:
		p->fault = "its dictionary is too large";
		return -EFBIG;
	case LZMA_OPTIONS_ERROR:
		p->fault = "it asks for what liblzma does not know";
		return -EBADMSG;
	case LZMA_BUF_ERROR:
		return -EBADMSG;
	default:
		p->fault = "its data or their checksum is wrong";
		return -EBADMSG;
	}
}

static int xz_stream(lzma_stream *s, struct packed *p)
{
	struct image *out = p->out;
	lzma_ret ret;

	do {
		int rc = make_room(out);

		if (rc)
			return rc;
		s->next_out = out->bytes + out->size;
		s->avail_out = out->room - out->size;
		ret = lzma_code(s, LZMA_FINISH);
		out->size = out->room - s->avail_out;
	} while (ret == LZMA_OK);
	return xz_error(ret, p);
}

int unpack_xz(struct packed *p)
{
	lzma_stream s = LZMA_STREAM_INIT;
	int rc;

	if (lzma_stream_decoder(&s, UNPACK_MEMORY_MAX, 0) != LZMA_OK)
		return -ENOMEM;
	s.next_in = p->bytes;
	s.avail_in = p->size;
	rc = xz_stream(&s, p);
	p->bytes = s.next_in;
	p->size = s.avail_in;
	lzma_end(&s);
	return rc;
}

static int zstd_error(size_t error, struct packed *p)
{
	ZSTD_ErrorCode code = ZSTD_getErrorCode(error);

	if (code == ZSTD_error_memory_allocation)
		return -ENOMEM;
	p->fault = ZSTD_getErrorName(error);
	return code == ZSTD_error_frameParameter_windowTooLarge ? -EFBIG :
								  -EBADMSG;
}

static int zstd_stream(ZSTD_DStream *z, ZSTD_inBuffer *in, struct packed *p)
{
	struct image *out = p->out;

	for (;;) {
		ZSTD_outBuffer to;
		size_t left;
		int rc = make_room(out);

		if (rc)
			return rc;
		to = (ZSTD_outBuffer){ out->bytes, out->room, out->size };
		left = ZSTD_decompressStream(z, &to, in);
		out->size = to.pos;
		if (!left)
			return 0;
		if (ZSTD_isError(left))
			return zstd_error(left, p);
		if (to.pos < to.size && in->pos == in->size)
			return -EBADMSG;
	}
}

int unpack_zstd(struct packed *p)
{
	ZSTD_inBuffer in = { p->bytes, p->size, 0 };
	ZSTD_DStream *z = ZSTD_createDStream();
	int rc;

	if (!z)
		return -ENOMEM;
	ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, UNPACK_WINDOW_LOG);
	rc = zstd_stream(z, &in, p);
	p->bytes += in.pos;
	p->size -= in.pos;
	ZSTD_freeDStream(z);
	return rc;
}
