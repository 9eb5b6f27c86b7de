/* SPDX-License-Identifier: MIT */
/* watch.c - who wants to know about which nodes.
 *
 * Guards: a change costs the depth of its node and the number of those who
 * hear of it, not the number of watches. Nobody hears of a node that neither
 * it nor its parent lets it read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "record.h"
#include "store.h"

#define FIRST_BUCKETS 256
/* an event's watches are gathered in batches of this many */
#define GATHER 64

int watches_open(struct watches *w)
{
	w->count = 0;
	w->bucket_count = FIRST_BUCKETS;
	w->buckets = calloc(FIRST_BUCKETS, sizeof(struct watch *));
	return w->buckets ? 0 : -ENOMEM;
}

void watches_close(struct watches *w)
{
	free(w->buckets);
	w->buckets = NULL;
}

static struct watch **bucket_of(const struct store *s, uint64_t hash)
{
	return &s->watches.buckets[hash & (s->watches.bucket_count - 1)];
}

static struct watch *find(const struct store *s, const struct conn *c,
			  const char *path, const char *token)
{
	size_t length = strlen(path);
	uint64_t hash = tree_hash(&s->tree, path, length);
	struct watch *w = *bucket_of(s, hash);

	while (w && (w->hash != hash || w->conn != c ||
		     strcmp(w->path, path) || strcmp(w->token, token)))
		w = w->next_in_bucket;
	return w;
}

bool watch_known(const struct store *s, const struct conn *c,
		 const char *path, const char *token)
{
	return find(s, c, path, token) != NULL;
}

static size_t memory_of(const struct watch *w)
{
	return sizeof(*w) + w->path_length + strlen(w->token) + 2;
}

/* Twice as many buckets; without memory the old ones will do. */
static void grow(struct store *s)
{
	size_t count = 2 * s->watches.bucket_count;
	struct watch **buckets = calloc(count, sizeof(struct watch *));

	if (!buckets)
		return;
	free(s->watches.buckets);
	s->watches.buckets = buckets;
	s->watches.bucket_count = count;
	for (const struct conn *c = s->first_conn; c; c = c->next)
		for (struct watch *w = c->first_watch; w; w = w->next) {
			struct watch **bucket = bucket_of(s, w->hash);

			w->next_in_bucket = *bucket;
			*bucket = w;
		}
}

int watch_add(struct store *s, struct conn *c, const char *path,
	      const char *token, size_t relative, struct watch **out)
{
	size_t length = strlen(path);
	size_t token_bytes = strlen(token) + 1;
	struct watch **bucket;
	struct watch *w;

	w = calloc(1, sizeof(*w) + length + 1 + token_bytes);
	if (!w)
		return -ENOMEM;
	w->conn = c;
	w->age = ++s->last_age;
	w->relative = (uint32_t)relative;
	w->path_length = (uint32_t)length;
	memcpy(w->path, path, length + 1);
	w->token = memcpy(w->path + length + 1, token, token_bytes);
	w->hash = tree_hash(&s->tree, path, length);
	if (s->watches.count >= s->watches.bucket_count)
		grow(s);
	bucket = bucket_of(s, w->hash);
	w->next_in_bucket = *bucket;
	*bucket = w;
	w->previous = c->last_watch;
	if (c->last_watch)
		c->last_watch->next = w;
	else
		c->first_watch = w;
	c->last_watch = w;
	s->watches.count++;
	c->domain->usage.watches++;
	c->domain->usage.memory += memory_of(w);
	*out = w;
	return 0;
}

static void remove_one(struct store *s, struct watch *w)
{
	struct conn *c = w->conn;
	struct watch **link = bucket_of(s, w->hash);

	while (*link != w)
		link = &(*link)->next_in_bucket;
	*link = w->next_in_bucket;
	if (w->previous)
		w->previous->next = w->next;
	else
		c->first_watch = w->next;
	if (w->next)
		w->next->previous = w->previous;
	else
		c->last_watch = w->previous;
	s->watches.count--;
	c->domain->usage.watches--;
	c->domain->usage.memory -= memory_of(w);
	free(w);
}

int watch_remove(struct store *s, struct conn *c, const char *path,
		 const char *token)
{
	struct watch *w = find(s, c, path, token);

	if (!w)
		return -ENOENT;
	remove_one(s, w);
	return 0;
}

void watch_remove_all(struct store *s, struct conn *c)
{
	while (c->first_watch)
		remove_one(s, c->first_watch);
}

void watch_tell(struct store *s, const struct watch *w, const char *path)
{
	struct xsd_sockmsg header = { .type = XS_WATCH_EVENT };
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t path_bytes = strlen(path + w->relative) + 1;
	size_t token_bytes = strlen(w->token) + 1;

	if (path_bytes + token_bytes > sizeof(payload))
		return;
	memcpy(payload, path + w->relative, path_bytes);
	memcpy(payload + path_bytes, w->token, token_bytes);
	header.len = (uint32_t)(path_bytes + token_bytes);
	conn_send(s, w->conn, &header, payload);
}

static bool may_hear(const struct store *s, const struct conn *c,
		     const struct audience *a)
{
	return (a->now && store_rights(s, c, a->now) & PERM_READ) ||
	       (a->before && store_rights(s, c, a->before) & PERM_READ) ||
	       (a->parent && store_rights(s, c, a->parent) & PERM_READ);
}

struct heard {
	const struct watch **list;
	size_t count, room;
	const struct watch *first[GATHER];
};

static void gather(struct store *s, struct heard *h, const char *path,
		   size_t length, uint64_t hash,
		   const struct audience *audience)
{
	const struct watch *w = *bucket_of(s, hash);

	for (; w; w = w->next_in_bucket) {
		const struct watch **more;

		if (w->hash != hash || w->path_length != length ||
		    memcmp(w->path, path, length) ||
		    !may_hear(s, w->conn, audience))
			continue;
		if (h->count == h->room) {
			more = malloc(2 * h->room * sizeof(*more));
			if (!more) {
				conn_break(s, w->conn, XENSTORE_ERROR_COMM,
					   "out of memory");
				continue;
			}
			memcpy(more, h->list, h->count * sizeof(*more));
			if (h->list != h->first)
				free(h->list);
			h->list = more;
			h->room *= 2;
		}
		h->list[h->count++] = w;
	}
}

/* Older clients first; of one client, older watches first. */
static int by_age(const void *left, const void *right)
{
	const struct watch *a = *(const struct watch *const *)left;
	const struct watch *b = *(const struct watch *const *)right;

	if (a->conn->age != b->conn->age)
		return a->conn->age < b->conn->age ? -1 : 1;
	return a->age < b->age ? -1 : 1;
}

/* Those who watch a node above: the hash of each is on the way to the hash of
 * the whole. */
static void gather_above(struct store *s, struct heard *h, const char *path,
			 size_t length, const struct audience *audience)
{
	uint64_t hash = tree_hash_on(s->tree.seed, path, 1);
	size_t done = 1;

	if (length > 1)
		gather(s, h, path, 1, hash, audience);
	for (size_t i = 1; i < length; i++) {
		if (path[i] != '/')
			continue;
		hash = tree_hash_on(hash, path + done, i - done);
		done = i;
		gather(s, h, path, i, hash, audience);
	}
}

void watch_fire(struct store *s, const char *path, bool exact,
		const struct audience *audience)
{
	struct heard h = { .room = GATHER };
	size_t length = strlen(path);

	h.list = h.first;
	if (!s->watches.count)
		return;
	gather(s, &h, path, length, tree_hash(&s->tree, path, length),
	       audience);
	if (!exact && path[0] == '/')
		gather_above(s, &h, path, length, audience);
	qsort(h.list, h.count, sizeof(h.list[0]), by_age);
	for (size_t i = 0; i < h.count; i++)
		watch_tell(s, h.list[i], path);
	if (h.list != h.first)
		free(h.list);
}
