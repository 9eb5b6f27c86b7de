/* SPDX-License-Identifier: MIT */
/* table.c - the frames of a domain's grant table.
 *
 * Guards: at most max_frames of them, ours, lent to the domain, and given
 * back at its end; each comes with a page that says what is in use of it.
 * Invariant: that page outlives the table for as long as anybody uses an
 * entry. Not here: what the entries say (entry.c).
 */
#include "base/errno.h"
#include "grant/entry.h"
#include "mm/mm.h"

/* Budget units of a frame: two pages to clean. */
#define GROW_UNITS	60

static int grow_one(struct grants g)
{
	struct grant_domain *t = &g.d->grant;
	struct grant_frame f = { page_alloc(), page_alloc() };

	if (f.shared && f.active) {
		frame_lend(f.shared, g.d, true);
		t->frame[t->frames++] = f;
		return 0;
	}
	if (f.shared)
		page_free(f.shared);
	if (f.active)
		page_free(f.active);
	return -ENOMEM;
}

int grants_grow(struct grants g, uint32_t frames)
{
	struct grant_domain *t = &g.d->grant;
	int rc = 0;

	if (frames > t->max_frames || t->closed)
		return -EINVAL;
	while (!rc && t->frames < frames) {
		rc = grow_one(g);
		if (!rc && !budget_left(GROW_UNITS) && t->frames < frames)
			rc = -ERESTART;
	}
	return rc;
}

mfn_t grants_frame(struct grants g, uint32_t index)
{
	struct grant_domain *t = &g.d->grant;

	return virt_to_mfn(t->frame[array_index_nospec(index, t->frames)].shared);
}

void grants_free_active(struct grants g)
{
	struct grant_domain *t = &g.d->grant;

	for (uint32_t i = 0; i < t->frames; i++)
		page_free(t->frame[i].active);
	t->frames = 0;
	page_free(t->frame);
	t->frame = NULL;
}

int grant_table_frame(struct domain *d, uint32_t index, mfn_t *out)
{
	struct grants g = grants_lock(d);
	int rc = index < d->grant.max_frames ? grants_grow(g, index + 1) : -EINVAL;

	if (!rc)
		*out = grants_frame(g, index);
	grants_unlock(g);
	return rc;
}

int grant_domain_init(struct domain *d, uint32_t max_frames, uint32_t max_maptrack)
{
	struct grant_domain *t = &d->grant;
	struct grants g;
	int rc;

	spin_init(&t->lock, RANK_GRANT);
	spin_init(&t->map_lock, RANK_MAPTRACK);
	t->max_frames = MIN(max_frames, (uint32_t)(PAGE_SIZE / sizeof(*t->frame)));
	t->max_maptrack = MIN(max_maptrack, (uint32_t)(PAGE_SIZE / sizeof(*t->map)));
	t->map_free = MAPPING_NONE;
	t->frame = page_alloc();
	if (!t->frame)
		return -ENOMEM;
	/* One frame is there from the start, as upstream has it. */
	g = grants_lock(d);
	rc = grants_grow(g, MIN(1u, t->max_frames));
	grants_unlock(g);
	if (rc)
		page_free(t->frame);
	return rc;
}

/* Budget units of freeing what belongs to a frame; a table of the default
 * length, 64 frames, must go in one entry. */
#define FREE_UNITS	14
#define UNLEND_UNITS	2	/* of taking one back from who mapped it */

int grant_domain_free(struct domain *d)
{
	struct grant_domain *t = &d->grant;
	struct grants g = grants_lock(d);
	int rc = 0;

	t->closed = true;
	while (!rc && t->unlent < t->frames) {
		frame_unlend(t->frame[t->unlent++].shared);
		if (!budget_left(UNLEND_UNITS) && t->unlent < t->frames)
			rc = -ERESTART;
	}
	/* A table that never grew goes at once: creation may be undone by this. */
	if (!rc && t->frames > 1 && !budget_has((int)t->frames * FREE_UNITS))
		rc = -ERESTART;
	if (!rc && t->frames && !t->pins)
		grants_free_active(g);
	grants_unlock(g);
	return rc;
}
