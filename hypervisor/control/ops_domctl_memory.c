/* SPDX-License-Identifier: MIT */
/* ops_domctl_memory.c - domctl: a domain's memory.
 *
 * Guards: a frame of another domain is written to only under a reference
 * that keeps it a writable page of that domain.
 */
#include "control/domctl.h"

#include "base/errno.h"
#include "control/machine.h"
#include "control/hypercall_page.h"
#include "guest/access.h"
#include "mm/mm.h"

#define PAGEFRAMES_MAX	1024U
#define PAGEFRAME_UNITS	4	/* of the budget */

long domctl_max_mem(struct domctl *k)
{
	uint64_t frames = k->op.u.max_mem.max_memkb >> (PAGE_SHIFT - 10);
	struct mm_domain *m = &k->d->mm;

	spin_lock(&m->list_lock);
	m->max_frames = (uint32_t)MIN(frames, (uint64_t)UINT32_MAX);
	spin_unlock(&m->list_lock);
	return 0;
}

/* A reference on one of d's frames, or NULL. */
static struct frame *frame_of_domain(const struct domain *d, uint64_t mfn)
{
	struct frame *f = frame_lookup(mfn);

	return f && frame_get(f, d->mm.slot) ? f : NULL;
}

long domctl_hypercall_init(struct domctl *k)
{
	struct frame *f = frame_of_domain(k->d, k->op.u.hypercall_init.gmfn);
	long rc = -EPERM;	/* in another use */

	if (!f)
		return -EINVAL;
	if (writable_get(f)) {
		hypercall_page_fill(mfn_to_virt(mfn_of(f)));
		writable_put(f);
		rc = 0;
	}
	frame_put(f);
	return rc;
}

static uint64_t frame_kind(const struct domain *d, uint64_t mfn)
{
	static const uint32_t kinds[] = {
		[PT_L1] = XEN_DOMCTL_PFINFO_L1TAB, [PT_L2] = XEN_DOMCTL_PFINFO_L2TAB,
		[PT_L3] = XEN_DOMCTL_PFINFO_L3TAB, [PT_L4] = XEN_DOMCTL_PFINFO_L4TAB,
	};
	struct frame *f = frame_of_domain(d, mfn);
	uint64_t use, kind = XEN_DOMCTL_PFINFO_NOTAB;

	if (!f)
		return XEN_DOMCTL_PFINFO_XTAB;
	use = READ_ONCE(f->use);
	if (type_is_table(use_type(use)))
		kind = kinds[use_type(use)];
	if (use & USE_PINNED)
		kind |= XEN_DOMCTL_PFINFO_LPINTAB;
	frame_put(f);
	return kind;
}

/* Progress: how many are done, above `num`. */
long domctl_getpageframeinfo3(struct domctl *k)
{
	struct xen_domctl_getpageframeinfo3 *g = &k->op.u.getpageframeinfo3;
	uint64_t i = k->resumed ? g->num >> 32 : 0, mfn;

	if (k->resumed)
		g->num = (uint32_t)g->num;
	if (g->num > PAGEFRAMES_MAX)
		return -E2BIG;
	for (; i < g->num; i++) {
		uint64_t at = (uint64_t)(g->array.p + i);

		if (guest_read_u64(&mfn, at) || guest_write_u64(at, frame_kind(k->d, mfn)))
			return -EFAULT;
		if (!budget_left(PAGEFRAME_UNITS) && i + 1 < g->num) {
			g->num |= (i + 1) << 32;
			k->reply = true;
			return -ERESTART;
		}
	}
	return 0;
}

/* There is one node, so a wish for any set with it in it is granted. */
long domctl_setnodeaffinity(struct domctl *k)
{
	uint64_t nodes;
	long rc = bitmap_from_caller(&nodes, &k->op.u.nodeaffinity.nodemap);

	if (rc)
		return rc;
	return nodes & 1 ? 0 : -EINVAL;
}

long domctl_getnodeaffinity(struct domctl *k)
{
	return bitmap_to_caller(&k->op.u.nodeaffinity.nodemap, 1);
}
