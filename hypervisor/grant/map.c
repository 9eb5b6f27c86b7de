/* SPDX-License-Identifier: MIT */
/* map.c - mapping a granted frame, and taking the mapping back.
 *
 * Guards: the entry in the caller's page table holds references of its own,
 * as any foreign mapping (mm/grant_map.c); the record holds the use of the
 * grant. The use ends after the translation is gone, from every CPU's memory,
 * too; many are unmapped with one flush.
 * A mapping for devices has no IOMMU to enter it into: it is the use and the
 * machine address.
 */
#include "cpu/features.h"
#include "grant/entry.h"
#include "mm/grant_map.h"
#include "mm/mm.h"

/* What a record must remember. */
#define MAP_KEPT	(MAP_PARTS | GNTMAP_readonly | GNTMAP_contains_pte)

static uint64_t entry_bits(uint32_t flags)
{
	uint64_t avail = (uint64_t)(flags >> _GNTMAP_guest_avail0) << 9;

	return PTE_P | PTE_A | PTE_D | (cpu_features.nx ? PTE_NX : 0) |
	       (flags & GNTMAP_readonly ? 0 : PTE_RW) |
	       (flags & GNTMAP_application_map ? PTE_U : 0) | (avail & PTE_AVAIL);
}

/* tour 19: a frame of another's, because it said so in its table. */
/* The use, then the entry; the record afterwards cannot fail. */
static int map(struct vcpu *v, struct mappings m, struct domain *granter,
	       struct gnttab_map_grant_ref *req)
{
	const struct grant_use use = {
		.user = v->domain->id, .write = !(req->flags & GNTMAP_readonly), .map = true,
	};
	grant_handle_t handle = mapping_next(m);
	struct grants g;
	mfn_t frame;
	int rc;

	if (handle == MAPPING_NONE)
		return GNTST_no_space;
	g = grants_lock(granter);
	rc = grant_pin(g, req->ref, use, &frame);
	grants_unlock(g);
	if (rc)
		return rc;
	if ((req->flags & GNTMAP_host_map) &&
	    mm_grant_map(v, req->host_addr, req->flags & GNTMAP_contains_pte, frame,
			 granter->mm.slot, entry_bits(req->flags))) {
		g = grants_lock(granter);
		grant_unpin(g, req->ref, use.write);
		grants_unlock(g);
		return GNTST_general_error;
	}
	mapping_make(m, handle, (struct grant_mapping){
		.granter = granter, .ref = req->ref, .flags = req->flags & MAP_KEPT,
	});
	req->handle = handle;
	req->dev_bus_addr = mfn_to_maddr(frame).a;
	return GNTST_okay;
}

void grant_map(struct vcpu *v, struct gnttab_map_grant_ref *req)
{
	struct domain *granter;
	struct mappings m;

	if (!(req->flags & MAP_PARTS)) {
		req->status = GNTST_bad_gntref;
		return;
	}
	granter = domain_get_by_id(req->dom);
	if (!granter) {
		req->status = GNTST_bad_domain;
		return;
	}
	m = mappings_lock(v->domain);
	req->status = (int16_t)map(v, m, granter, req);
	mappings_unlock(m);
	if (req->status)
		domain_put(granter);
}

/* The entry at host_addr goes, or takes over the one at new_addr. */
static int unmap_host(struct vcpu *v, const struct grant_unmapping *req,
		      uint32_t flags, mfn_t frame, uint64_t *old)
{
	bool is_pte = flags & GNTMAP_contains_pte;
	uint64_t entry = 0;

	if (req->new_addr) {
		if (is_pte || mm_grant_take_entry(v, req->new_addr, &entry))
			return GNTST_general_error;
	}
	if (!mm_grant_unmap(v, req->host_addr, is_pte, frame,
			    !(flags & GNTMAP_readonly), entry, old))
		return GNTST_okay;
	/* It left its old place already: gone, as upstream has it. */
	if (entry & PTE_P)
		l1_entry_put(entry);
	return GNTST_general_error;
}

static int unmap(struct vcpu *v, struct mappings m, const struct grant_unmapping *req,
		 struct unmap_batch *b)
{
	struct grant_mapping *r = mapping_find(m, req->handle);
	uint64_t old = 0;
	mfn_t frame;
	int rc;

	if (!r)
		return GNTST_bad_handle;
	frame = grant_pinned_frame(r->granter, r->ref);
	if (req->dev_bus_addr && (r->flags & GNTMAP_device_map) &&
	    req->dev_bus_addr != mfn_to_maddr(frame).a)
		return GNTST_bad_dev_addr;
	if (req->host_addr && (r->flags & GNTMAP_host_map)) {
		rc = unmap_host(v, req, r->flags, frame, &old);
		if (rc)
			return rc;
		r->flags &= ~(uint32_t)GNTMAP_host_map;
		b->flush = true;
	}
	if (req->dev_bus_addr)
		r->flags &= ~(uint32_t)GNTMAP_device_map;
	/* Who ends it may not be who took the entry out, and has not flushed yet. */
	if (!(r->flags & MAP_PARTS))
		b->flush = true;
	b->at[b->nr].entry = old;
	b->at[b->nr++].ended = r->flags & MAP_PARTS ? MAPPING_NONE : req->handle;
	return GNTST_okay;
}

int grant_unmap(struct vcpu *v, const struct grant_unmapping *req, struct unmap_batch *b)
{
	struct mappings m = mappings_lock(v->domain);
	int rc = unmap(v, m, req, b);

	mappings_unlock(m);
	return rc;
}

static void end(struct mappings m, grant_handle_t handle)
{
	struct grant_mapping *r = mapping_ended(m, handle);
	struct grants g = grants_lock(r->granter);

	grant_unpin(g, r->ref, !(r->flags & GNTMAP_readonly));
	grants_unlock(g);
	mapping_end(m, handle);
}

void grant_unmap_finish(struct vcpu *v, struct unmap_batch *b)
{
	struct mappings m;

	if (!b->nr)
		return;
	if (b->flush)
		mm_grant_forget(v);
	m = mappings_lock(v->domain);
	for (unsigned i = 0; i < b->nr; i++) {
		if (b->at[i].entry)
			l1_entry_put(b->at[i].entry);
		if (b->at[i].ended != MAPPING_NONE)
			end(m, b->at[i].ended);
	}
	mappings_unlock(m);
	b->nr = 0;
	b->flush = false;
}
