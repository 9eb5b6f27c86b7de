/* SPDX-License-Identifier: MIT */
/* watch.h - who wants to know about which nodes. */
#ifndef XENSTORED_WATCH_H
#define XENSTORED_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct perms;
struct store;

struct watch {
	struct watch *next_in_bucket;
	uint64_t hash;
	struct conn *conn;
	struct watch *next, *previous;
	/* older watches hear first */
	uint64_t age;
	/* leading bytes of `path` that its owner does not see */
	uint32_t relative;
	uint32_t path_length;
	const char *token;
	char path[];
};

struct watches {
	struct watch **buckets;
	size_t bucket_count;
	size_t count;
};

int watches_open(struct watches *watches);
void watches_close(struct watches *watches);

bool watch_known(const struct store *s, const struct conn *conn,
		 const char *path, const char *token);

/* One that is not known yet. -ENOMEM. The first event is the caller's. */
int watch_add(struct store *s, struct conn *conn, const char *path,
	      const char *token, size_t relative, struct watch **out);
/* -ENOENT. */
int watch_remove(struct store *s, struct conn *conn, const char *path,
		 const char *token);
void watch_remove_all(struct store *s, struct conn *conn);

/* One event, as the watch's owner wants the path named. */
void watch_tell(struct store *s, const struct watch *watch, const char *path);

/* What decides who may hear of a change: readers of any of these. */
struct audience {
	const struct perms *now, *before, *parent;
};

/* Tells all who watch `path`, or, unless `exact`, a node above it. */
void watch_fire(struct store *s, const char *path, bool exact,
		const struct audience *audience);

#endif
