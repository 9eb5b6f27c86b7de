/* SPDX-License-Identifier: MIT */
/* fuzz_xenstored.c - the store daemon's parsers: requests, and its own state.
 *
 * The input is messages, each sent by one of three clients: domain 0's, and
 * domains 1 and 2, which have a ring of their own. Nothing they say may hurt
 * the daemon; its tree stays whole, and what it would keep of it reads back
 * as the same number of nodes. Input that begins with a byte of 255 is read
 * back as state instead: whatever a damaged file says must leave a whole tree.
 */
/* link: tools/xenstored/access.c tools/xenstored/change.c tools/xenstored/commit.c */
/* link: tools/xenstored/conn.c tools/xenstored/control.c tools/xenstored/domain.c */
/* link: tools/xenstored/journal.c tools/xenstored/log.c tools/xenstored/ops_domain.c */
/* link: tools/xenstored/ops_node.c tools/xenstored/ops_perms.c tools/xenstored/ops_watch.c */
/* link: tools/xenstored/pack.c tools/xenstored/path.c tools/xenstored/perms.c */
/* link: tools/xenstored/quota.c tools/xenstored/record.c tools/xenstored/replay.c */
/* link: tools/xenstored/request.c tools/xenstored/ring.c tools/xenstored/snapshot.c */
/* link: tools/xenstored/state_file.c tools/xenstored/store.c tools/xenstored/transaction.c */
/* link: tools/xenstored/tree.c tools/xenstored/watch.c tools/libs/base/reason.c */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "xenstored/record.h"
#include "xenstored/request.h"
#include "xenstored/ring.h"

#define CLIENTS 3
#define MESSAGES_MAX 64

static struct store s, again;
static struct xenstore_domain_interface pages[CLIENTS];
/* domain 0's client */
static struct conn *own;

/* No hypervisor: pages are given, and no new domain is found. */
struct hv_domain hv_domain(struct hv *hv, uint32_t id)
{
	return (struct hv_domain){ 0 };
}

void hv_look(struct hv *hv)
{
}

struct hv_domain hv_seen(struct hv *hv, uint32_t id)
{
	return hv_domain(hv, id);
}

struct xenstore_domain_interface *hv_map(struct hv *hv, uint32_t id,
					 uint64_t gfn, uint32_t *port)
{
	return NULL;
}

void hv_unmap(struct hv *hv, struct xenstore_domain_interface *page)
{
}

int hv_bind(struct hv *hv, uint32_t id, uint32_t remote_port)
{
	return -1;
}

void hv_unbind(struct hv *hv, int port)
{
}

void hv_notify(struct hv *hv, int port)
{
}

static void check_tree(const struct store *st)
{
	size_t count = 0;

	for (const struct node *n = st->tree.first_made; n; n = n->next_made) {
		size_t names = 0;

		CHECK(tree_find(&st->tree, n->path, n->path_length) == n);
		for (const struct node *c = n->first_child; c;
		     c = c->next_sibling) {
			CHECK(c->parent == n);
			names += strlen(strrchr(c->path, '/'));
		}
		CHECK(names == n->names_bytes);
		count++;
	}
	CHECK(count == st->tree.count);
}

/* A domain whose page is in this program. */
static struct conn *client(struct store *st, uint32_t id)
{
	static const uint8_t handle[16];
	struct domain *d = domain_find(st, id);
	struct conn *c;

	if (!d)
		d = domain_add(st, id, ++st->tree.generation, handle, false);
	c = d ? conn_open(st, d) : NULL;
	if (!c || !id)
		return c;
	c->ring = calloc(1, sizeof(*c->ring));
	if (!c->ring)
		return NULL;
	c->ring->page = &pages[id];
	c->ring->port = -1;
	d->conn = c;
	return c;
}

/* The bytes a client sends come from a ring, so any will do. */
static size_t send(struct conn *c, const uint8_t *data, size_t size)
{
	size_t used = 0;
	int missing;

	while ((missing = conn_missing(c)) > 0 && used < size) {
		size_t count = (size_t)missing < size - used ?
			       (size_t)missing : size - used;

		memcpy(c->in + c->in_used, data + used, count);
		c->in_used += (uint32_t)count;
		used += count;
	}
	if (missing < 0)
		conn_break(&s, c, XENSTORE_ERROR_PROTO, "too long");
	else if (!missing && !c->broken)
		request_serve(&s, c);
	c->in_used = 0;
	conn_sweep(&s);
	if (c->broken)
		conn_reset(&s, c);
	while (c->out_first)
		conn_sent(&s, c, c->out_first->length);
	return used;
}

/* Types and lengths that are possible are more telling than noise. */
static size_t one_message(const uint8_t *data,
			  size_t size)
{
	struct domain *d;
	uint8_t message[MESSAGE_MAX];
	struct xsd_sockmsg header = { 0 };
	size_t length;

	if (size < 4)
		return size;
	header.type = data[0] % 24;
	header.tx_id = data[1] % 4;
	header.req_id = data[1];
	length = data[2] < size - 3 ? data[2] : size - 3;
	header.len = (uint32_t)length;
	memcpy(message, &header, sizeof(header));
	memcpy(message + sizeof(header), data + 3, length);
	/* '|' stands for the zero that ends a string */
	for (size_t i = 0; i < length; i++)
		if (message[sizeof(header) + i] == '|')
			message[sizeof(header) + i] = 0;
	/* RELEASE may have ended a domain: then it comes again */
	d = domain_find(&s, (data[1] >> 4) % CLIENTS);
	if (!d || (d->id && !d->conn))
		CHECK(client(&s, (data[1] >> 4) % CLIENTS));
	d = domain_find(&s, (data[1] >> 4) % CLIENTS);
	send(d->id ? d->conn : own, message, sizeof(header) + length);
	return 3 + length;
}

static void read_back(void)
{
	struct unpack items;
	struct pack *record = &s.journal.record;

	s.journal.dir = 0;
	for (const struct node *n = s.tree.first_made; n; n = n->next_made)
		record_node(&s, n);
	s.journal.dir = -1;
	items = (struct unpack){ .bytes = record->bytes,
				 .left = record->used };
	CHECK(!store_open(&again));
	CHECK(!record_replay(&again, &items));
	CHECK(again.tree.count == s.tree.count);
	check_tree(&again);
	store_close(&again);
	record->used = 0;
}

static void read_noise(const uint8_t *data, size_t size)
{
	struct unpack items = { .bytes = (const char *)data, .left = size };

	s.journal.quiet = true;
	record_replay(&s, &items);
	check_tree(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool quiet;

	if (!quiet)
		log_open("/dev/null");
	quiet = true;
	CHECK(!store_open(&s));
	own = client(&s, 0);
	CHECK(own && client(&s, 1) && client(&s, 2));
	if (size && data[0] == 255) {
		read_noise(data + 1, size - 1);
	} else {
		for (int i = 0; i < MESSAGES_MAX && size; i++) {
			size_t used = one_message(data, size);

			data += used;
			size -= used;
		}
		check_tree(&s);
		read_back();
	}
	store_close(&s);
	return 0;
}
