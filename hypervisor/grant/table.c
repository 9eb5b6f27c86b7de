/* SPDX-License-Identifier: MIT */
/* table.c - the frames of a domain's grant table.
 *
 * Guards: at most max_frames of them, ours, lent to the domain, and given
 * back at its end. Not here: mappings.
 */
#include "base/errno.h"
#include "grant/grant.h"
#include "mm/mm.h"

int grant_domain_init(struct domain *d, uint32_t max_frames, uint32_t max_maptrack)
{
	struct grant_domain *g = &d->grant;

	spin_init(&g->lock, RANK_GRANT);
	g->max_frames = MIN(max_frames, (uint32_t)(PAGE_SIZE / sizeof(mfn_t)));
	g->max_maptrack = max_maptrack;
	g->frame = page_alloc();
	return g->frame ? 0 : -ENOMEM;
}

int grant_domain_release(struct domain *d)
{
	(void)d;
	return 0;
}

int grant_domain_free(struct domain *d)
{
	struct grant_domain *g = &d->grant;

	if (!g->frame)
		return 0;
	for (uint32_t i = 0; i < g->frames; i++)
		frame_unlend(mfn_to_virt(g->frame[i]));
	g->frames = 0;
	page_free(g->frame);
	g->frame = NULL;
	return 0;
}

int grant_table_frame(struct domain *d, uint32_t index, mfn_t *out)
{
	struct grant_domain *g = &d->grant;
	int rc = 0;

	if (index >= g->max_frames)
		return -EINVAL;
	spin_lock(&g->lock);
	while (!rc && g->frames <= index) {
		void *page = page_alloc();

		if (!page) {
			rc = -ENOMEM;
			break;
		}
		frame_lend(page, d, true);
		g->frame[g->frames++] = virt_to_mfn(page);
	}
	if (!rc)
		*out = g->frame[array_index_nospec(index, g->max_frames)];
	spin_unlock(&g->lock);
	return rc;
}
