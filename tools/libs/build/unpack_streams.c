/* SPDX-License-Identifier: MIT */
/* unpack_streams.c - gzip, xz and zstd, by zlib, liblzma and libzstd.
 *
 * Guards: output only where image_grow made room, and no loop that neither
 * takes nor gives a byte. All three libraries judge the stream's checksums.
 * Not here: which of them is wanted, and the sentences (unpack.c).
 */
#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "build/unpack.h"

#define STEP_LEAST (64UL << 10)
#define STEP_MOST  (2UL << 20)

/* One call of a library: takes what it likes from p->bytes, appends what it likes
 * to p->out, and sets *ended at the stream's end. */
typedef int step_fn(void *library, struct packed *p, bool *ended);

/* Both steps are parts of IMAGE_MAX_BYTES, and so is what is left of it. */
static int make_room(struct image *out)
{
	size_t step = out->room < STEP_LEAST ? STEP_LEAST :
		      out->room < STEP_MOST ? out->room : STEP_MOST;

	if (out->size < out->room)
		return 0;
	return image_grow(out, out->room + step);
}

static int unpack_stream(struct packed *p, step_fn *step, void *library)
{
	bool ended = false;

	while (!ended) {
		size_t left = p->size, given = p->out->size;
		int rc = make_room(p->out);

		if (!rc)
			rc = step(library, p, &ended);
		if (rc)
			return rc;
		/* There was room: so the input has run out. */
		if (!ended && p->size == left && p->out->size == given)
			return -EBADMSG;
	}
	return 0;
}

static int gzip_step(void *library, struct packed *p, bool *ended)
{
	z_stream *z = library;
	struct image *out = p->out;
	int zrc;

	z->next_in = (Bytef *)p->bytes;
	z->avail_in = (uInt)p->size;
	z->next_out = out->bytes + out->size;
	z->avail_out = (uInt)(out->room - out->size);
	zrc = inflate(z, Z_NO_FLUSH);
	p->bytes = z->next_in;
	p->size = z->avail_in;
	out->size = out->room - z->avail_out;
	*ended = zrc == Z_STREAM_END;
	if (*ended || zrc == Z_OK)
		return 0;
	if (zrc == Z_MEM_ERROR)
		return -ENOMEM;
	p->fault = z->msg;
	return -EBADMSG;
}

int unpack_gzip(struct packed *p)
{
	enum { GZIP_WINDOW = 15 + 16 };	/* zlib: +16 expects a gzip header */
	z_stream z = { 0 };
	int rc;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return -ENOMEM;
	rc = unpack_stream(p, gzip_step, &z);
	inflateEnd(&z);
	return rc;
}

static int xz_error(lzma_ret ret, struct packed *p)
{
	switch (ret) {
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	case LZMA_MEMLIMIT_ERROR:
		p->fault = "its dictionary is too large";
		return -EFBIG;
	case LZMA_OPTIONS_ERROR:
		p->fault = "it asks for what liblzma does not know";
		return -EBADMSG;
	default:
		p->fault = "its data or their checksum is wrong";
		return -EBADMSG;
	}
}

static int xz_step(void *library, struct packed *p, bool *ended)
{
	lzma_stream *s = library;
	struct image *out = p->out;
	lzma_ret ret;

	s->next_in = p->bytes;
	s->avail_in = p->size;
	s->next_out = out->bytes + out->size;
	s->avail_out = out->room - out->size;
	ret = lzma_code(s, LZMA_FINISH);
	p->bytes = s->next_in;
	p->size = s->avail_in;
	out->size = out->room - s->avail_out;
	*ended = ret == LZMA_STREAM_END;
	return *ended || ret == LZMA_OK ? 0 : xz_error(ret, p);
}

int unpack_xz(struct packed *p)
{
	lzma_stream s = LZMA_STREAM_INIT;
	int rc;

	if (lzma_stream_decoder(&s, UNPACK_MEMORY_MAX, 0) != LZMA_OK)
		return -ENOMEM;
	rc = unpack_stream(p, xz_step, &s);
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

static int zstd_step(void *library, struct packed *p, bool *ended)
{
	ZSTD_inBuffer in = { p->bytes, p->size, 0 };
	ZSTD_outBuffer out = { p->out->bytes, p->out->room, p->out->size };
	size_t left = ZSTD_decompressStream(library, &out, &in);

	p->bytes += in.pos;
	p->size -= in.pos;
	p->out->size = out.pos;
	*ended = !left;
	return ZSTD_isError(left) ? zstd_error(left, p) : 0;
}

int unpack_zstd(struct packed *p)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	int rc;

	if (!z)
		return -ENOMEM;
	ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, UNPACK_WINDOW_LOG);
	rc = unpack_stream(p, zstd_step, z);
	ZSTD_freeDStream(z);
	return rc;
}
