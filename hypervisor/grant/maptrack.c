/* SPDX-License-Identifier: MIT */
/* maptrack.c - one record for each mapping of another's frame.
 *
 * Guards: a handle names a mapping in being or nothing, and what is undone
 * is what was done. free -> mapped -> ended (no part of it is left) -> free,
 * under one lock.
 * Invariant: a record in being holds a reference on the granter and one use
 * of its entry; both go with the record.
 * Records lie in pages of our own, made when needed, max_maptrack at most.
 */
#include "base/errno.h"
#include "grant/entry.h"
#include "mm/mm.h"

/* Budget units of a page of new records; of giving a mapping, or a page, back. */
#define GROW_UNITS	60
#define RELEASE_UNITS	8

static struct grant_mapping *record(struct mappings m, uint64_t handle)
{
	struct grant_domain *t = &m.d->grant;

	return &t->map[handle / MAPPINGS_PER_FRAME][handle % MAPPINGS_PER_FRAME];
}

struct grant_mapping *mapping_find(struct mappings m, grant_handle_t handle)
{
	uint64_t limit = m.d->grant.map_frames * MAPPINGS_PER_FRAME;
	struct grant_mapping *r;

	if (handle >= limit)
		return NULL;
	r = record(m, array_index_nospec(handle, limit));
	return r->flags & MAP_PARTS ? r : NULL;
}

struct grant_mapping *mapping_ended(struct mappings m, grant_handle_t handle)
{
	return record(m, handle);
}

/* One page more of free records. */
static bool grow(struct mappings m)
{
	struct grant_domain *t = &m.d->grant;
	uint32_t first = (uint32_t)(t->map_frames * MAPPINGS_PER_FRAME);
	struct grant_mapping *page;

	if (t->map_frames >= t->max_maptrack)
		return false;
	if (!t->map)
		t->map = page_alloc();
	page = t->map ? page_alloc() : NULL;
	if (!page)
		return false;
	for (uint32_t i = 0; i < MAPPINGS_PER_FRAME; i++)
		page[i].ref = first + i + 1;
	page[MAPPINGS_PER_FRAME - 1].ref = MAPPING_NONE;
	t->map[t->map_frames++] = page;
	t->map_free = first;
	(void)budget_left(GROW_UNITS);
	return true;
}

grant_handle_t mapping_next(struct mappings m)
{
	if (m.d->grant.map_free == MAPPING_NONE && !grow(m))
		return MAPPING_NONE;
	return m.d->grant.map_free;
}

void mapping_make(struct mappings m, grant_handle_t handle, struct grant_mapping what)
{
	struct grant_mapping *r = record(m, handle);

	m.d->grant.map_free = r->ref;
	*r = what;
}

void mapping_end(struct mappings m, grant_handle_t handle)
{
	struct grant_mapping *r = record(m, handle);
	struct domain *granter = r->granter;

	*r = (struct grant_mapping){ .ref = m.d->grant.map_free };
	m.d->grant.map_free = handle;
	domain_put(granter);
}

static int free_records(struct mappings m)
{
	struct grant_domain *t = &m.d->grant;

	t->max_maptrack = 0;
	t->map_free = MAPPING_NONE;
	while (t->map_frames) {
		page_free(t->map[--t->map_frames]);
		if (!budget_left(RELEASE_UNITS) && t->map_frames)
			return -ERESTART;
	}
	if (t->map)
		page_free(t->map);
	t->map = NULL;
	return 0;
}

/* No vCPU of d runs again: entries of its tables are mm's to take down. */
int grant_domain_release(struct domain *d)
{
	struct grant_domain *t = &d->grant;
	struct mappings m = mappings_lock(d);
	struct grant_mapping *r;
	struct grants g;
	int rc = 0;

	while (!rc && t->release_at < t->map_frames * MAPPINGS_PER_FRAME) {
		r = mapping_find(m, t->release_at);
		if (r) {
			g = grants_lock(r->granter);
			grant_unpin(g, r->ref, !(r->flags & GNTMAP_readonly));
			grants_unlock(g);
			mapping_end(m, t->release_at);
		}
		t->release_at++;
		if (!budget_left(RELEASE_UNITS))
			rc = -ERESTART;
	}
	if (!rc)
		rc = free_records(m);
	mappings_unlock(m);
	return rc;
}
