/* SPDX-License-Identifier: MIT */
/* balloon.c - giving pages back to the hypervisor, and asking for them again.
 *
 * Invariant: a page on `outside` is allocated, mapped nowhere, and has no
 * machine frame; all others up to the limit have one.
 * The kernel keeps FLOOR free pages to itself: what programs use is never
 * taken from them, so a target below that is reached only as they end.
 */
#include "platform/xen-pv/balloon.h"

#include <public/memory.h>

#include "mm/page.h"
#include "platform/platform.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#define STEP 64u
#define FLOOR (256u + page_total_count / 32)

static struct list outside = LIST_INIT(outside);
static uint64_t held;		/* pages of ours that have a frame */

bool balloon_is_at(uint64_t target)
{
	return held == target;
}

static uint64_t exchange(unsigned cmd, xen_pfn_t *list, uint64_t count)
{
	struct xen_memory_reservation r = { .nr_extents = count, .domid = DOMID_SELF };
	long done;

	set_xen_guest_handle(r.extent_start, list);
	done = hv_memory_op(cmd, &r);
	return done < 0 ? 0 : (uint64_t)done;
}

static void put_inside(struct page *page, uint64_t mfn)
{
	list_remove(&page->node);
	xen_page_arrives(page, mfn);
	page_put(page);
	page_total_count++;
	held++;
}

static uint64_t shrink(uint64_t count)
{
	struct page *pages[STEP];
	xen_pfn_t frames[STEP];
	uint64_t n, done;

	for (n = 0; n < count && page_free_count > FLOOR; n++) {
		pages[n] = page_alloc(0);
		if (!pages[n])
			break;
		frames[n] = xen_page_leaves(pages[n]);
		list_push_front(&outside, &pages[n]->node);
		page_total_count--;
		held--;
	}
	platform_pte_commit(true);
	done = exchange(XENMEM_decrease_reservation, frames, n);
	for (uint64_t i = done; i < n; i++)
		put_inside(pages[i], frames[i]);
	platform_pte_commit(false);
	return done;
}

static uint64_t grow(uint64_t count)
{
	struct page *pages[STEP], *page;
	xen_pfn_t frames[STEP];
	uint64_t n = 0, done;

	list_for_each(page, &outside, node) {
		if (n == count)
			break;
		pages[n] = page;
		frames[n++] = page_pfn(page);
	}
	done = exchange(XENMEM_populate_physmap, frames, n);
	for (uint64_t i = 0; i < done; i++)
		put_inside(pages[i], frames[i]);
	platform_pte_commit(false);
	return done;
}

bool balloon_step(uint64_t target)
{
	if (held == target)
		return false;
	if (held > target)
		return shrink(min_u64(STEP, held - target));
	return grow(min_u64(STEP, target - held));
}

void balloon_init(uint64_t first_pfn, uint64_t end_pfn)
{
	held = first_pfn;
	for (uint64_t pfn = first_pfn; pfn < end_pfn; pfn++) {
		pfn_page(pfn)->refs = 1;
		list_push_back(&outside, &pfn_page(pfn)->node);
	}
}
