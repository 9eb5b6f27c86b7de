/* SPDX-License-Identifier: MIT */
/* request.c - one request of one client, and its answer.
 *
 * Guards: every complete request gets exactly one answer, in order; one that
 * fails has changed nothing. What a request needs is a row of ops.def.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "request.h"
#include "store.h"

#define OWN_TX  1U
#define PRIV    2U
#define CHANGES 4U

#define OP(type, name, flags) [type] = { op_##name, flags },
static const struct {
	int (*serve)(struct request *r);
	unsigned int flags;
} table[XS_TYPE_COUNT] = {
#include "ops.def"
};
#undef OP

int request_strings(struct request *r, const char **list, size_t count,
		    const char **rest)
{
	const char *at = r->in;
	const char *end = r->in + r->in_used;

	for (size_t i = 0; i < count; i++) {
		const char *zero = memchr(at, 0, (size_t)(end - at));

		if (!zero)
			return -EINVAL;
		list[i] = at;
		at = zero + 1;
	}
	if (rest)
		*rest = at;
	return 0;
}

int request_one(struct request *r, const char **out)
{
	const char *rest;
	int rc = request_strings(r, out, 1, &rest);

	return rc ? rc : rest == r->in + r->in_used ? 0 : -EINVAL;
}

size_t request_count(const struct request *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->in_used; i++)
		count += r->in[i] == '\0';
	return count;
}

int answer_bytes(struct request *r, const void *bytes, size_t count)
{
	if (count > sizeof(r->out) - r->out_used)
		return -E2BIG;
	if (count)
		memcpy(r->out + r->out_used, bytes, count);
	r->out_used += count;
	return 0;
}

int answer_text(struct request *r, const char *format, ...)
{
	size_t room = sizeof(r->out) - r->out_used;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(r->out + r->out_used, room, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= room)
		return -E2BIG;
	r->out_used += (size_t)length;
	return 0;
}

static const char *error_name(int error)
{
	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		if (xsd_errors[i].errnum == error)
			return xsd_errors[i].errstring;
	return "EINVAL";
}

static void answer(struct request *r, int rc)
{
	struct xsd_sockmsg header = r->header;
	const void *payload = r->out;

	header.len = (uint32_t)r->out_used;
	if (rc) {
		payload = error_name(-rc);
		header.type = XS_ERROR;
		header.len = (uint32_t)strlen(payload) + 1;
	}
	conn_send(r->s, r->conn, &header, payload);
}

/* What needs no answer of its own says so. */
static void acknowledge(struct request *r)
{
	if (!r->out_used)
		answer_bytes(r, "OK", 3);
}

static int in_single(struct request *r,
		     int (*serve)(struct request *r))
{
	struct transaction *tx = transaction_new(r->conn, 0);
	int rc;

	if (!tx)
		return -ENOMEM;
	tx->single = true;
	r->tx = tx;
	rc = serve(r);
	if (!rc)
		rc = transaction_commit(r->s, tx);
	transaction_free(tx);
	return rc;
}

/* Half of what a client wanted is not what it wanted. */
static int in_transaction(struct request *r,
			  int (*serve)(struct request *r))
{
	struct transaction *tx = r->tx;
	int rc = serve(r);

	if (tx && r->header.type != XS_TRANSACTION_END &&
	    (rc == -ENOSPC || rc == -ENOMEM))
		tx->failed = true;
	return rc;
}

static int serve(struct request *r)
{
	uint32_t type = r->header.type;
	unsigned int flags;

	if (type >= XS_TYPE_COUNT || !table[type].serve)
		return -ENOSYS;
	flags = table[type].flags;
	if ((flags & PRIV) && !conn_privileged(r->conn))
		return -EACCES;
	if (!(flags & OWN_TX) && r->header.tx_id) {
		r->tx = transaction_find(r->conn, r->header.tx_id);
		if (!r->tx)
			return -ENOENT;
	}
	if ((flags & CHANGES) && !r->tx)
		return in_single(r, table[type].serve);
	return in_transaction(r, table[type].serve);
}

static bool answers_nothing_with_ok(uint32_t type)
{
	return type != XS_READ && type != XS_DIRECTORY;
}

void request_serve(struct store *s, struct conn *c)
{
	/* r.out is large and filled as it is used */
	struct request r;
	int rc;

	r.s = s;
	r.conn = c;
	r.tx = NULL;
	r.out_used = 0;
	r.answered = false;
	memcpy(&r.header, c->in, sizeof(r.header));
	r.in = c->in + sizeof(r.header);
	r.in_used = r.header.len;
	rc = serve(&r);
	if (!rc && answers_nothing_with_ok(r.header.type))
		acknowledge(&r);
	if (!r.answered)
		answer(&r, rc);
	conn_consumed(c, sizeof(r.header) + r.in_used);
}
