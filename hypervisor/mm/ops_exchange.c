/* SPDX-License-Identifier: MIT */
/* ops_exchange.c - XENMEM_exchange: frames traded one for one.
 *
 * Guards: a frame is taken only if nothing but its owner refers to it, and
 * only when its successor is there already; the list and its progress live
 * in the guest and are checked anew at each continuation.
 * Extents of order 0 only; others answer ENOMEM, as a full machine would.
 */
#include "base/errno.h"
#include "domain/domain.h"
#include "guest/access.h"
#include "mm/memory_op.h"
#include "mm/mm.h"

#include <public/memory.h>

/* Upstream's limits; above them the call is refused, below them memory is what
 * lacks. */
#define EXCHANGE_MAX_ORDER	9
#define EXCHANGE_MAX_ORDER_CONTROL 18
/* Budget units of one, besides what becomes of its frames. */
#define EXTENT_UNITS	16

static int check(const struct vcpu *v, const struct xen_memory_exchange *x)
{
	unsigned in = x->in.extent_order, out = x->out.extent_order;

	if (MAX(in, out) >
	    (v->domain->control ? EXCHANGE_MAX_ORDER_CONTROL : EXCHANGE_MAX_ORDER))
		return -EPERM;
	if (x->nr_exchanged > x->in.nr_extents || x->in.domid != x->out.domid ||
	    ~0UL >> in < x->in.nr_extents || ~0UL >> out < x->out.nr_extents ||
	    x->in.nr_extents << in != x->out.nr_extents << out)
		return -EINVAL;
	return 0;
}

static bool lists_ok(const struct xen_memory_exchange *x)
{
	return x->in.nr_extents <= ~0UL >> 4 && x->out.nr_extents <= ~0UL >> 4 &&
	       guest_range_ok((uint64_t)x->in.extent_start.p, x->in.nr_extents * 8) &&
	       guest_range_ok((uint64_t)x->out.extent_start.p, x->out.nr_extents * 8);
}

static int exchange_one(struct domain *d, uint64_t in, uint64_t out)
{
	struct frame *old, *new;
	uint64_t mfn, pfn;
	int rc;

	if (guest_read_u64(&mfn, in))
		return -EFAULT;
	old = frame_lookup(mfn);
	if (!old || !frame_get(old, d->mm.slot))
		return -EINVAL;
	new = domain_frame_alloc_over(d);
	if (!new || !frame_steal(old)) {
		frame_put(old);
		if (!new)
			return -ENOMEM;
		(void)!frame_disown(new);
		frame_put(new);
		return -EINVAL;
	}
	/* from here on it is done; a list that cannot be read or written is
	 * reported, not undone */
	rc = guest_read_u64(&pfn, out);
	if (!rc) {
		m2p_write[mfn_of(new).n] = pfn;
		rc = guest_write_u64(out, mfn_of(new).n);
	}
	frame_put(new);
	return rc;
}

long memory_exchange(struct vcpu *v, uint64_t arg)
{
	const uint64_t progress = arg + offsetof(struct xen_memory_exchange, nr_exchanged);
	struct xen_memory_exchange x;
	struct domain *d;
	int rc;

	if (copy_from_guest(&x, arg, sizeof(x)))
		return -EFAULT;
	rc = check(v, &x);
	if (rc)
		goto out;
	if (x.nr_exchanged == x.in.nr_extents)
		return 0;
	rc = -EFAULT;
	if (!lists_ok(&x))
		goto out;
	rc = domain_get_target(v, x.in.domid, &d);
	if (rc)
		goto out;
	while (!rc && x.nr_exchanged < x.in.nr_extents) {
		rc = -ENOMEM;
		if (x.in.extent_order || x.out.extent_order)
			break;
		rc = exchange_one(d, (uint64_t)(x.in.extent_start.p + x.nr_exchanged),
				  (uint64_t)(x.out.extent_start.p + x.nr_exchanged));
		if (!rc)
			x.nr_exchanged++;
		if (!rc && !budget_left(EXTENT_UNITS) && x.nr_exchanged < x.in.nr_extents)
			rc = -ERESTART;
	}
	domain_put(d);
out:
	if (guest_write_u64(progress, x.nr_exchanged))
		rc = -EFAULT;
	return rc;
}
