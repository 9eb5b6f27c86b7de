/* SPDX-License-Identifier: MIT */
/* ops_domain.c - requests about domains coming, going and being.
 *
 * Guards: a domain gets a ring only while it exists; a second introduction
 * gives it a fresh start, but for domain 0, which is never introduced twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "request.h"
#include "ring.h"
#include "store.h"

#define DOMID_MEANS_SELF 0x7ff0U

static int first_introduction(struct store *s, struct domain *d, uint64_t gfn,
			      uint32_t port)
{
	struct conn *c = conn_open(s, d);
	int rc;

	if (!c)
		return -ENOMEM;
	rc = ring_open(s, c, gfn, port);
	if (rc) {
		conn_close(s, c);
		return rc;
	}
	d->conn = c;
	if (d->id)
		ring_reset(c->ring);
	else
		ring_continue(c->ring);
	record_introduced(s, c);
	store_fire_special(s, SPECIAL_INTRODUCE);
	return 0;
}

int store_introduce(struct store *s, uint32_t id, uint64_t gfn, uint32_t port)
{
	struct domain *d = domain_know(s, id);
	int rc;

	if (!d)
		return -errno;
	if (!d->conn)
		return s->hv ? first_introduction(s, d, gfn, port) : -ENOENT;
	rc = ring_rebind(s, d->conn, port);
	conn_reset(s, d->conn);
	if (id)
		ring_reset(d->conn->ring);
	record_introduced(s, d->conn);
	conn_wake(s, d->conn);
	return rc;
}

int op_introduce(struct request *r)
{
	const char *list[3];
	int rc = request_strings(r, list, 3, NULL);
	uint32_t id;
	int port;

	if (rc)
		return rc;
	id = (uint32_t)atoi(list[0]);
	port = atoi(list[2]);
	if (port <= 0)
		return -EINVAL;
	/* its ring is the daemon's own, and may be what this request came by */
	if (!id && r->s->self->domain->conn)
		return -EINVAL;
	return store_introduce(r->s, id, strtoull(list[1], NULL, 10),
			       (uint32_t)port);
}

static int connected(struct request *r, const char *text,
		     struct domain **out)
{
	*out = domain_find(r->s, (uint32_t)atoi(text));
	if (!*out)
		return -ENOENT;
	return (*out)->conn ? 0 : -EINVAL;
}

/* The same for what is never done to domain 0. */
static int introduced(struct request *r, const char *text,
		      struct domain **out)
{
	return atoi(text) ? connected(r, text, out) : -EINVAL;
}

int op_release(struct request *r)
{
	struct domain *d;
	const char *text;
	int rc = request_one(r, &text);

	if (!rc)
		rc = introduced(r, text, &d);
	if (!rc)
		domain_forget(r->s, d);
	return rc;
}

int op_resume(struct request *r)
{
	struct domain *d;
	const char *text;
	int rc = request_one(r, &text);

	if (!rc)
		rc = introduced(r, text, &d);
	if (rc)
		return rc;
	d->shutdown = false;
	record_domain(r->s, d);
	return 0;
}

int op_set_target(struct request *r)
{
	struct domain *d, *target;
	const char *list[2];
	int rc = request_strings(r, list, 2, NULL);

	if (!rc)
		rc = connected(r, list[0], &d);
	if (!rc)
		rc = connected(r, list[1], &target);
	if (rc)
		return rc;
	d->conn->target = target->id;
	record_target(r->s, d->conn);
	return 0;
}

int op_get_domain_path(struct request *r)
{
	const char *text;
	int rc = request_one(r, &text);

	if (!rc)
		rc = answer_text(r, "/local/domain/%u",
				 (unsigned int)atoi(text));
	return rc ? rc : answer_bytes(r, "", 1);
}

int op_is_domain_introduced(struct request *r)
{
	const struct domain *d;
	const char *text;
	uint32_t id;
	int rc = request_one(r, &text);

	if (rc)
		return rc;
	id = (uint32_t)atoi(text);
	d = domain_find(r->s, id);
	return answer_bytes(r, id == DOMID_MEANS_SELF || id == 0 ||
			    (d && d->conn) ? "T" : "F", 2);
}
