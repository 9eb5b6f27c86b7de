/* SPDX-License-Identifier: MIT */
/* ops_memory_resource.c - XENMEM_acquire_resource: frames of another
 * domain's workings, for the control domain to map.
 *
 * Only the grant table is such a resource here. Mapping them afterwards is
 * an ordinary foreign mapping, with its own checks.
 */
#include "base/errno.h"
#include "domain/domain.h"
#include "grant/grant.h"
#include "guest/access.h"
#include "mm/memory_op.h"

#include <public/memory.h>

/* Budget units of telling one. */
#define FRAME_UNITS	4

static uint32_t resource_frames(const struct domain *d,
				const struct xen_mem_acquire_resource *req)
{
	if (req->type == XENMEM_resource_grant_table &&
	    req->id == XENMEM_resource_grant_table_id_shared)
		return d->grant.max_frames;
	return 0;
}

static long acquire(struct domain *d, struct hcall *c,
		    const struct xen_mem_acquire_resource *req)
{
	uint32_t done = (uint32_t)c->arg[0] >> MEMOP_EXTENT_SHIFT;
	uint32_t max = resource_frames(d, req);
	mfn_t m;
	int rc;

	if (!max)
		return -EINVAL;
	if (!req->frame_list.p) {
		if (req->nr_frames)
			return -EINVAL;
		return guest_write_u32(c->arg[1] + offsetof(struct xen_mem_acquire_resource,
							    nr_frames), max);
	}
	if (req->nr_frames > ~0u >> MEMOP_EXTENT_SHIFT)
		return -EINVAL;
	while (done < req->nr_frames) {
		if (req->frame + done >= max)
			return -EINVAL;
		rc = grant_table_frame(d, (uint32_t)req->frame + done, &m);
		if (!rc) {
			if (guest_write_u64((uint64_t)(req->frame_list.p + done), m.n))
				return -EFAULT;
			done++;
			if (!budget_left(FRAME_UNITS) && done < req->nr_frames)
				rc = -ERESTART;
		}
		if (rc == -ERESTART)
			c->arg[0] = XENMEM_acquire_resource |
				    (uint64_t)done << MEMOP_EXTENT_SHIFT;
		if (rc)
			return rc;
	}
	return 0;
}

long memory_acquire_resource(struct vcpu *v, struct hcall *c)
{
	struct xen_mem_acquire_resource req;
	struct domain *d;
	long rc;

	if (copy_from_guest(&req, c->arg[1], sizeof(req)))
		return -EFAULT;
	if (req.pad || req.frame >> 32 || (req.frame + req.nr_frames) >> 32)
		return -EINVAL;
	d = domain_get_by_id(req.domid);
	if (!d)
		return -ESRCH;
	if (d == v->domain || !v->domain->control)
		rc = -EPERM;
	else
		rc = acquire(d, c, &req);
	domain_put(d);
	return rc;
}
