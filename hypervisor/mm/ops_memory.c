/* SPDX-License-Identifier: MIT */
/* ops_memory.c - front of memory_op, and its reservation calls.
 *
 * Guards: a domain never owns more than its limit; a frame given back is
 * freed when the last reference to it goes, not before. These calls answer
 * how many extents they did; the number already done travels above the
 * command when the budget ends.
 */
#include "base/errno.h"
#include "domain/domain.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "mm/heap.h"
#include "mm/memory_op.h"
#include "mm/mm.h"

#include <public/memory.h>

/* Budget units of an extent, beside what its frames take for themselves; of
 * a frame, whether it is got and cleaned or given back. */
#define EXTENT_UNITS	16
#define FRAME_UNITS	26
#define RELEASE_UNITS	2

/* One reservation call's surroundings. */
struct reservation {
	struct domain *d;
	uint64_t list;		/* guest array of frame numbers, or 0 */
	unsigned order;
};

static bool put_mfn(struct reservation *r, uint64_t i, struct frame *f)
{
	return !guest_write_u64(r->list + i * 8, mfn_of(f).n);
}

/* Frames out; a list that cannot be written stops the call, and the frames
 * stay the domain's, as upstream has it. */
static bool increase_one(struct reservation *r, uint64_t i)
{
	struct frame *f = domain_frame_alloc(r->d, r->order);

	return f && (!r->list || put_mfn(r, i, f));
}

static bool populate_one(struct reservation *r, uint64_t i)
{
	struct frame *f;
	uint64_t pfn;

	if (guest_read_u64(&pfn, r->list + i * 8))
		return false;
	f = domain_frame_alloc(r->d, r->order);
	if (!f)
		return false;
	for (unsigned j = 0; j < 1u << r->order; j++)
		frame_set_m2p(f + j, r->d->mm.slot, pfn + j);
	return put_mfn(r, i, f);
}

static bool release_frame(struct domain *d, uint64_t mfn)
{
	struct frame *f = frame_lookup(mfn);

	if (!f || !frame_get(f, d->mm.slot))
		return false;
	/* given back before and still in use, or lent: no harm, no effect */
	(void)!frame_disown(f);
	frame_put(f);
	return true;
}

static bool decrease_one(struct reservation *r, uint64_t i)
{
	uint64_t mfn;

	if (guest_read_u64(&mfn, r->list + i * 8))
		return false;
	for (uint64_t j = 0; j < 1UL << r->order; j++)
		if (!release_frame(r->d, mfn + j))
			return false;
	(void)budget_left(RELEASE_UNITS << r->order);
	return true;
}

/* What has been taken from the heap and is nobody's yet goes back, in the few
 * blocks that it consists of. */
static void extent_end(struct extent_part *e)
{
	struct frame *f = frame_of(mfn_make(e->first));
	uint32_t size = 1u << e->order;

	while (e->serial && e->command != XENMEM_decrease_reservation && e->done < size) {
		unsigned order = e->done ? (unsigned)__builtin_ctz(e->done) : e->order;

		heap_give(f + e->done, order);
		e->done += 1u << order;
	}
	e->serial = 0;
}

static bool extent_begin(struct extent_part *e, const struct reservation *r, unsigned cmd,
			 uint64_t i)
{
	struct extent_part want = {
		.serial = r->d->mm.serial, .list = r->list, .index = i,
		.command = cmd, .order = r->order,
	};
	struct frame *f;

	if (e->serial == want.serial && e->list == want.list && e->index == i &&
	    e->command == cmd && e->order == want.order)
		return true;
	extent_end(e);
	if (cmd == XENMEM_decrease_reservation) {
		if (guest_read_u64(&want.first, r->list + i * 8))
			return false;
	} else {
		f = domain_has_room(r->d, 1u << r->order) ? heap_take(r->order) : NULL;
		if (!f)
			return false;
		want.first = mfn_of(f).n;
	}
	*e = want;
	return true;
}

/* An extent too large for one entry, a frame at a time. A caller that does
 * another such call before it comes back with this one keeps what it has got of
 * it, and begins anew. 0, -ERESTART or another error. */
static int large_extent(struct vcpu *v, struct reservation *r, unsigned cmd, uint64_t i)
{
	struct extent_part *e = &v->mm.extent;
	uint64_t pfn = 0;

	if (!extent_begin(e, r, cmd, i))
		return -ENOMEM;
	if (cmd == XENMEM_populate_physmap && guest_read_u64(&pfn, r->list + i * 8))
		goto fail;
	while (e->done < 1u << r->order) {
		struct frame *f = frame_of(mfn_make(e->first + e->done));

		if (cmd == XENMEM_decrease_reservation ?
		    !release_frame(r->d, e->first + e->done) : !domain_frame_add(r->d, f))
			goto fail;
		if (cmd == XENMEM_populate_physmap)
			frame_set_m2p(f, r->d->mm.slot, pfn + e->done);
		e->done++;
		if (!budget_left(EXTENT_UNITS) && e->done < 1u << r->order)
			return -ERESTART;
	}
	e->serial = 0;
	if (cmd == XENMEM_decrease_reservation || !r->list)
		return 0;
	return guest_write_u64(r->list + i * 8, e->first);
fail:
	extent_end(e);
	return -ENOMEM;
}

static bool one_extent(struct reservation *r, unsigned cmd, uint64_t i)
{
	switch (cmd) {
	case XENMEM_increase_reservation:
		return increase_one(r, i);
	case XENMEM_decrease_reservation:
		return decrease_one(r, i);
	}
	return populate_one(r, i);
}

/* Can frames below 2^bits be had? Only if that is all of them. */
static bool address_bits_ok(unsigned bits)
{
	return !bits || (bits > PAGE_SHIFT &&
			 (bits >= 64 || max_mfn <= 1UL << (bits - PAGE_SHIFT)));
}

static long memory_reservation(struct vcpu *v, struct hcall *c, unsigned cmd)
{
	uint64_t done = c->arg[0] >> MEMOP_EXTENT_SHIFT;
	unsigned max_order = v->domain->control ? MEMOP_MAX_ORDER_CONTROL : MEMOP_MAX_ORDER;
	struct xen_memory_reservation req;
	struct reservation r;
	int rc = 0;

	if (copy_from_guest(&req, c->arg[1], sizeof(req)))
		return (long)done;
	if (req.nr_extents > ~0u >> MEMOP_EXTENT_SHIFT || done >= req.nr_extents ||
	    req.extent_order > max_order ||
	    !address_bits_ok(XENMEMF_get_address_bits(req.mem_flags)) ||
	    (cmd == XENMEM_populate_physmap &&
	     (req.mem_flags & XENMEMF_populate_on_demand)))
		return (long)done;
	r.list = (uint64_t)req.extent_start.p;
	r.order = req.extent_order;
	if (!guest_range_ok(r.list, req.nr_extents * 8) ||
	    domain_get_target(v, req.domid, &r.d)) {
		extent_end(&v->mm.extent);	/* its domain ended between two pieces */
		return (long)done;
	}
	while (done < req.nr_extents && !rc) {
		const unsigned order = MIN(r.order, (unsigned)MEMOP_MAX_ORDER);

		if (r.order > MEMOP_MAX_ORDER)
			rc = large_extent(v, &r, cmd, done);
		else
			rc = one_extent(&r, cmd, done) ? 0 : -ENOMEM;
		if (rc)
			break;
		done++;
		if (!(budget_left(EXTENT_UNITS) && budget_has(FRAME_UNITS << order)) &&
		    done < req.nr_extents)
			rc = -ERESTART;
	}
	domain_put(r.d);
	if (rc != -ERESTART)
		return (long)done;
	c->arg[0] = cmd | done << MEMOP_EXTENT_SHIFT;
	return rc;
}

/* Sub-calls that upstream asks for no progress above the command; others
 * it takes for commands of their own. */
static bool has_no_progress(unsigned cmd)
{
	switch (cmd) {
	case XENMEM_maximum_ram_page:
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
	case XENMEM_maximum_gpfn:
	case XENMEM_remove_from_physmap:
	case XENMEM_claim_pages:
	case XENMEM_get_vnumainfo:
		return true;
	}
	return false;
}

long hc_memory_op(struct vcpu *v, struct hcall *c)
{
	unsigned cmd = (uint32_t)c->arg[0] & MEMOP_CMD_MASK;
	uint64_t start = c->arg[0] >> MEMOP_EXTENT_SHIFT;

	switch (cmd) {
	case XENMEM_increase_reservation:
	case XENMEM_decrease_reservation:
	case XENMEM_populate_physmap:
		return memory_reservation(v, c, cmd);
	case XENMEM_acquire_resource:
		return memory_acquire_resource(v, c);
	}
	if (start && cmd != XENMEM_add_to_physmap && cmd != XENMEM_add_to_physmap_batch &&
	    cmd != XENMEM_exchange)
		return has_no_progress(cmd) ? -EINVAL : -ENOSYS;
	if (cmd == XENMEM_exchange)
		return memory_exchange(v, c->arg[1]);
	return memory_other(v, c->arg[1], cmd);
}
