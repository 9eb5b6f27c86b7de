/* SPDX-License-Identifier: MIT */
/* ops.c - the front of grant tables: grant_table_op.
 *
 * The call answers 0, or an error for the array as a whole; each element has
 * a status. Every element is copied in once, and back at least its status;
 * an array too long for one entry goes on from where it was.
 */
#include "base/errno.h"
#include "grant/entry.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "mm/mm.h"

/* Budget units of an element: a walk and a few counts; a page of bytes; little
 * more than its own copying. */
#define MAP_UNITS	34
#define COPY_UNITS	50
#define SHORT_UNITS	8
#define LIST_UNITS	2		/* to tell of one frame of the table */

/* Elements of an array: one at a time, within the budget. */
typedef long element_fn(struct vcpu *v, uint64_t at);

static long each(struct vcpu *v, struct hcall *c, element_fn *one, size_t size, int units)
{
	uint64_t at = c->arg[1];
	uint32_t left = (uint32_t)c->arg[2];
	long rc = 0;

	if (!guest_range_ok(at, left * size))
		return -EFAULT;
	while (left && !rc) {
		rc = one(v, at);
		at += size;
		left--;
		if (!budget_left(units) && left && !rc) {
			c->arg[1] = at;
			c->arg[2] = left;
			rc = -ERESTART;
		}
	}
	return rc;
}

/* The one field that every element has: what became of it. */
#define put_status(at, req)						\
	copy_to_guest((at) + offsetof(__typeof__(req), status), &(req).status, \
		      sizeof((req).status))

static long map_one(struct vcpu *v, uint64_t at)
{
	struct gnttab_map_grant_ref req;

	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	grant_map(v, &req);
	return copy_to_guest(at, &req, sizeof(req));
}

/* One element of an unmapping: what it says, and where its status goes. */
static long unmap_one(struct vcpu *v, uint64_t at, struct unmap_batch *b)
{
	struct gnttab_unmap_grant_ref req;

	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	req.status = (int16_t)grant_unmap(v, &(struct grant_unmapping){
		.handle = req.handle, .host_addr = req.host_addr,
		.dev_bus_addr = req.dev_bus_addr,
	}, b);
	return put_status(at, req);
}

static long replace_one(struct vcpu *v, uint64_t at, struct unmap_batch *b)
{
	struct gnttab_unmap_and_replace req;

	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	req.status = (int16_t)grant_unmap(v, &(struct grant_unmapping){
		.handle = req.handle, .host_addr = req.host_addr, .new_addr = req.new_addr,
	}, b);
	return put_status(at, req);
}

/* Unmappings: as many as come together wait for one flush. Before the call
 * is left, all that was unmapped is gone. */
static long unmap_each(struct vcpu *v, struct hcall *c, bool replace)
{
	const size_t size = replace ? sizeof(struct gnttab_unmap_and_replace) :
				      sizeof(struct gnttab_unmap_grant_ref);
	uint64_t at = c->arg[1];
	uint32_t left = (uint32_t)c->arg[2];
	struct unmap_batch b;
	long rc = 0;

	b.nr = 0;
	b.flush = false;
	if (!guest_range_ok(at, left * size))
		return -EFAULT;
	while (left && !rc) {
		rc = replace ? replace_one(v, at, &b) : unmap_one(v, at, &b);
		at += size;
		left--;
		if (b.nr == UNMAP_BATCH)
			grant_unmap_finish(v, &b);
		if (!budget_left(MAP_UNITS) && left && !rc) {
			c->arg[1] = at;
			c->arg[2] = left;
			rc = -ERESTART;
		}
	}
	grant_unmap_finish(v, &b);
	return rc;
}

static long copy_one(struct vcpu *v, uint64_t at)
{
	struct gnttab_copy req;

	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	req.status = (int16_t)grant_copy(v, &req);
	return put_status(at, req);
}

static long swap_one(struct vcpu *v, uint64_t at)
{
	struct gnttab_swap_grant_ref req;
	struct grants g;

	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	g = grants_lock(v->domain);
	req.status = (int16_t)grant_swap(g, req.ref_a, req.ref_b);
	grants_unlock(g);
	return put_status(at, req);
}

/* Frames never change hands by a grant here: docs/divergences.md. */
static long transfer_one(struct vcpu *v, uint64_t at)
{
	struct gnttab_transfer req;

	(void)v;
	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	req.status = GNTST_general_error;
	return put_status(at, req);
}

/* A TARGET argument's status, and the domain held if it is okay. */
static int16_t target(struct vcpu *v, domid_t id, struct domain **d)
{
	switch (domain_get_target(v, id, d)) {
	case 0:
		return GNTST_okay;
	case -ESRCH:
		return GNTST_bad_domain;
	}
	return GNTST_permission_denied;
}

/* The list is written with the lock held: the frames stay what it says. */
static int16_t list_frames(struct grants g, const struct gnttab_setup_table *req)
{
	int16_t status = GNTST_okay;

	for (uint32_t i = 0; i < req->nr_frames; i++)
		if (guest_write_u64((uint64_t)(req->frame_list.p + i), grants_frame(g, i).n))
			status = GNTST_bad_virt_addr;
	return status;
}

static long setup_table(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_setup_table req;
	struct domain *d;
	struct grants g;
	int rc;

	if (count != 1)
		return -EINVAL;
	if (copy_from_guest(&req, at, sizeof(req)) ||
	    !guest_range_ok((uint64_t)req.frame_list.p, req.nr_frames * sizeof(uint64_t)))
		return -EFAULT;
	req.status = target(v, req.dom, &d);
	if (!req.status) {
		(void)budget_left((int)MIN(req.nr_frames, d->grant.max_frames) * LIST_UNITS);
		g = grants_lock(d);
		rc = grants_grow(g, req.nr_frames);
		req.status = rc ? GNTST_general_error : list_frames(g, &req);
		grants_unlock(g);
		domain_put(d);
		if (rc == -ERESTART)
			return rc;
	}
	return put_status(at, req);
}

static long query_size(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_query_size req;
	struct domain *d;

	if (count != 1)
		return -EINVAL;
	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	req.status = target(v, req.dom, &d);
	if (!req.status) {
		req.nr_frames = READ_ONCE(d->grant.frames);
		req.max_nr_frames = d->grant.max_frames;
		domain_put(d);
	}
	return copy_to_guest(at, &req, sizeof(req));
}

static long set_version(uint64_t at)
{
	struct gnttab_set_version req;
	long rc = 0;

	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	if (req.version != 1)
		rc = req.version == 2 ? -ENOSYS : -EINVAL;
	req.version = 1;
	return copy_to_guest(at, &req, sizeof(req)) ? -EFAULT : rc;
}

static long get_version(struct vcpu *v, uint64_t at)
{
	struct gnttab_get_version req;
	struct domain *d;
	int rc;

	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	rc = domain_get_target(v, req.dom, &d);
	if (rc)
		return rc;
	domain_put(d);
	req.version = 1;
	return copy_to_guest(at, &req, sizeof(req));
}

/* Version 1 has no status frames: a list of none is what can be had. */
static long get_status_frames(struct vcpu *v, uint64_t at, uint32_t count)
{
	struct gnttab_get_status_frames req;
	struct domain *d;

	if (count != 1)
		return -EINVAL;
	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	req.status = target(v, req.dom, &d);
	if (!req.status) {
		if (req.nr_frames)
			req.status = GNTST_general_error;
		domain_put(d);
	}
	return put_status(at, req);
}

/* Memory that no device shares needs none; the answers are upstream's. */
static long cache_flush_one(struct vcpu *v, uint64_t at)
{
	struct gnttab_cache_flush req;
	struct frame *f;

	if (copy_from_guest(&req, at, sizeof(req)))
		return -EFAULT;
	if (req.offset >= PAGE_SIZE || (uint32_t)req.offset + req.length > PAGE_SIZE ||
	    req.op & ~(GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL))
		return -EINVAL;
	if (!req.length || !req.op)
		return 0;
	f = frame_lookup(req.a.dev_bus_addr >> PAGE_SHIFT);
	if (!f)
		return -EINVAL;
	if (frame_owner(f) != v->domain->mm.slot)
		return -EPERM;
	if (req.op == GNTTAB_CACHE_INVAL)
		return -EOPNOTSUPP;
	if (v->domain->mm.io)
		wbinvd();
	return 0;
}

long hc_grant_table_op(struct vcpu *v, struct hcall *c)
{
	uint64_t at = c->arg[1];
	uint32_t count = (uint32_t)c->arg[2];

	if ((int32_t)count < 0)
		return -EINVAL;
	switch ((uint32_t)c->arg[0]) {
	case GNTTABOP_map_grant_ref:
		return each(v, c, map_one, sizeof(struct gnttab_map_grant_ref), MAP_UNITS);
	case GNTTABOP_unmap_grant_ref:
		return unmap_each(v, c, false);
	case GNTTABOP_unmap_and_replace:
		return unmap_each(v, c, true);
	case GNTTABOP_copy:
		return each(v, c, copy_one, sizeof(struct gnttab_copy), COPY_UNITS);
	case GNTTABOP_transfer:
		return each(v, c, transfer_one, sizeof(struct gnttab_transfer), SHORT_UNITS);
	case GNTTABOP_swap_grant_ref:
		return each(v, c, swap_one, sizeof(struct gnttab_swap_grant_ref),
			    SHORT_UNITS);
	case GNTTABOP_setup_table:
		return setup_table(v, at, count);
	case GNTTABOP_query_size:
		return query_size(v, at, count);
	case GNTTABOP_set_version:
		return set_version(at);
	case GNTTABOP_get_version:
		return get_version(v, at);
	case GNTTABOP_get_status_frames:
		return get_status_frames(v, at, count);
	case GNTTABOP_cache_flush:
		return each(v, c, cache_flush_one, sizeof(struct gnttab_cache_flush),
			    SHORT_UNITS);
	}
	return -ENOSYS;
}
