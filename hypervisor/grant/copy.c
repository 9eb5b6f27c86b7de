/* SPDX-License-Identifier: MIT */
/* copy.c - copying between two frames, either of which may be a granted one.
 *
 * Guards: both frames are held, the target as a writable one, from before
 * the first byte to after the last, and neither end leaves its frame. A
 * frame named by its number is the caller's own.
 */
#include "base/string.h"
#include "grant/entry.h"
#include "mm/mm.h"

struct end {
	struct domain *d;	/* referenced */
	bool granted;		/* by entry `ref`, else the frame is held */
	bool write;
	grant_ref_t ref;
	mfn_t frame;
};

static int hold_own(struct end *e, uint64_t number)
{
	struct frame *f = frame_lookup(number);

	if (!f || !frame_get(f, e->d->mm.slot))
		return GNTST_bad_page;
	if (e->write && !writable_get(f)) {
		frame_put(f);
		return GNTST_general_error;
	}
	e->frame = mfn_of(f);
	return GNTST_okay;
}

static int end_hold(struct vcpu *v, struct end *e, const struct gnttab_copy_ptr *p)
{
	const struct grant_use use = { .user = v->domain->id, .write = e->write };
	struct grants g;
	int rc;

	if (!e->granted)
		return hold_own(e, p->u.gmfn);
	e->ref = p->u.ref;
	g = grants_lock(e->d);
	rc = grant_pin(g, e->ref, use, &e->frame);
	grants_unlock(g);
	return rc;
}

static void end_release(struct end *e)
{
	struct frame *f = frame_of(e->frame);
	struct grants g;

	if (e->granted) {
		g = grants_lock(e->d);
		grant_unpin(g, e->ref, e->write);
		grants_unlock(g);
		return;
	}
	if (e->write)
		writable_put(f);
	frame_put(f);
}

/* Both ends are held: the bytes. */
static int transfer(const struct end *from, const struct end *to,
		    const struct gnttab_copy *req)
{
	if ((uint32_t)req->source.offset + req->len > PAGE_SIZE ||
	    (uint32_t)req->dest.offset + req->len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	memcpy((char *)mfn_to_virt(to->frame) + req->dest.offset,
	       (const char *)mfn_to_virt(from->frame) + req->source.offset, req->len);
	return GNTST_okay;
}

static int copy(struct vcpu *v, struct end *from, struct end *to,
		const struct gnttab_copy *req)
{
	int rc = end_hold(v, from, &req->source);

	if (rc)
		return rc;
	rc = end_hold(v, to, &req->dest);
	if (!rc) {
		rc = transfer(from, to, req);
		end_release(to);
	}
	end_release(from);
	return rc;
}

int grant_copy(struct vcpu *v, const struct gnttab_copy *req)
{
	struct end from = { .granted = req->flags & GNTCOPY_source_gref };
	struct end to = { .granted = req->flags & GNTCOPY_dest_gref, .write = true };
	int rc = GNTST_bad_domain;

	from.d = domain_get_named(v, req->source.domid);
	to.d = domain_get_named(v, req->dest.domid);
	if (from.d && to.d) {
		rc = GNTST_permission_denied;
		if ((from.granted || req->source.domid == DOMID_SELF) &&
		    (to.granted || req->dest.domid == DOMID_SELF))
			rc = copy(v, &from, &to, req);
	}
	if (from.d)
		domain_put(from.d);
	if (to.d)
		domain_put(to.d);
	return rc;
}
