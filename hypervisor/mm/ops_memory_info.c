/* SPDX-License-Identifier: MIT */
/* ops_memory_info.c - memory_op's questions, and the calls that are not for
 * PV domains.
 *
 * Order of checks: the structure is copied (EFAULT), then the domain is
 * found (ESRCH), then power over it is asked for (EPERM).
 */
#include "base/errno.h"
#include "domain/domain.h"
#include "guest/rows.h"
#include "mm/machine_map.h"
#include "mm/memory_op.h"
#include "mm/mm.h"

#include <public/memory.h>

/* Entries of a map the tools may set; what one frame of ours holds. */
#define MAX_MAP_ENTRIES		1024
#define MAP_ROOM		(PAGE_SIZE / sizeof(struct e820_entry))
/* The machine-to-physical table is listed in pieces of 2 MiB. */
#define M2P_PIECE_FRAMES	512
#define M2P_PIECE_ENTRIES	(M2P_PIECE_FRAMES * PAGE_SIZE / 8)

struct e820_entry machine_map[MACHINE_MAP_MAX];
unsigned machine_map_entries;

static long domain_info(struct vcpu *v, uint64_t arg, unsigned cmd)
{
	struct xen_memory_domain req;
	struct domain *d;
	uint64_t nr;
	long rc;

	if (copy_from_guest(&req, arg, sizeof(req)))
		return -EFAULT;
	rc = domain_get_target(v, req.domid, &d);
	if (rc)
		return rc;
	switch (cmd) {
	case XENMEM_current_reservation:
		rc = d->mm.frames;
		break;
	case XENMEM_maximum_reservation:
		rc = d->mm.max_frames;
		break;
	default:	/* the guest says how many it has; its last one is wanted */
		spin_lock(&d->lock);	/* it goes at the domain's end */
		nr = d->shared ? READ_ONCE(d->shared->arch.max_pfn) : 0;
		spin_unlock(&d->lock);
		rc = (long)(nr ? nr - 1 : 0);
	}
	domain_put(d);
	return rc;
}

static long m2p_list(uint64_t arg)
{
	struct xen_machphys_mfn_list req;
	uint64_t mfn = virt_to_mfn(m2p_write).n, i;

	if (copy_from_guest(&req, arg, sizeof(req)))
		return -EFAULT;
	for (i = 0; i < req.max_extents && i * M2P_PIECE_ENTRIES < max_mfn; i++)
		if (guest_write_u64((uint64_t)(req.extent_start.p + i),
				    mfn + i * M2P_PIECE_FRAMES))
			return -EFAULT;
	return guest_write_u32(arg + offsetof(struct xen_machphys_mfn_list, nr_extents),
			       (uint32_t)i);
}

/* Plain domains hear the most that the table may ever hold, as upstream's do. */
static long m2p_place(struct vcpu *v, uint64_t arg)
{
	const struct xen_machphys_mapping where = {
		.v_start = MACH2PHYS_VIRT_START,
		.v_end = MACH2PHYS_VIRT_END,
		.max_mfn = (v->domain->control ? max_mfn :
			    (MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) / 8) - 1,
	};

	return copy_to_guest(arg, &where, sizeof(where));
}

/* A map into the caller's buffer; nr_entries says how many it got. */
static long map_out(uint64_t arg, struct xen_memory_map *req,
		    const struct e820_entry *map, unsigned nr)
{
	req->nr_entries = MIN(req->nr_entries, nr);
	if (copy_to_guest((uint64_t)req->buffer.p, map, req->nr_entries * sizeof(*map)) ||
	    copy_to_guest(arg, req, sizeof(*req)))
		return -EFAULT;
	return 0;
}

static long machine_map_out(struct vcpu *v, uint64_t arg)
{
	struct xen_memory_map req;

	if (!v->domain->control)
		return -EPERM;
	if (copy_from_guest(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.nr_entries < machine_map_entries + 1)
		return -EINVAL;
	return map_out(arg, &req, machine_map, machine_map_entries);
}

static long domain_map_out(struct domain *d, uint64_t arg)
{
	struct xen_memory_map req;
	long rc = -ENOSYS;

	if (copy_from_guest(&req, arg, sizeof(req)))
		return -EFAULT;
	spin_lock(&d->lock);
	if (d->mm.e820 && d->mm.e820_entries)
		rc = map_out(arg, &req, d->mm.e820, d->mm.e820_entries);
	spin_unlock(&d->lock);
	return rc;
}

static long map_in(struct vcpu *v, const struct xen_foreign_memory_map *req)
{
	const uint32_t n = req->map.nr_entries;
	void *page, *old;
	struct domain *d;
	long rc;

	if (n > MAX_MAP_ENTRIES)
		return -EINVAL;
	rc = domain_get_target(v, req->domid, &d);
	if (rc)
		return rc;
	rc = -ENOMEM;
	page = n <= MAP_ROOM ? page_alloc() : NULL;
	if (!page)
		goto out;
	old = page;
	rc = copy_from_guest(page, (uint64_t)req->map.buffer.p, n * sizeof(struct e820_entry));
	if (!rc) {
		spin_lock(&d->lock);
		old = d->mm.e820;
		d->mm.e820 = page;
		d->mm.e820_entries = n;
		spin_unlock(&d->lock);
	}
	if (old)
		page_free(old);
out:
	domain_put(d);
	return rc;
}

/* A claim is checked against what is free now; nothing is set aside. */
static long claim(struct vcpu *v, const struct xen_memory_reservation *req)
{
	struct domain *d;
	long rc = 0;

	if (req->extent_start.p || req->extent_order || req->mem_flags)
		return -EINVAL;
	d = domain_get_by_id(req->domid);
	if (!d)
		return -EINVAL;
	if (!v->domain->control)
		rc = domain_refuse();
	else if (!req->nr_extents)
		rc = 0;
	else if (req->nr_extents > d->mm.max_frames || req->nr_extents <= d->mm.frames)
		rc = -EINVAL;
	else if (req->nr_extents - d->mm.frames > heap_free_frames())
		rc = -ENOMEM;
	domain_put(d);
	return rc;
}

/* An error for who has power over the domain meant. */
static long refuse(struct vcpu *v, domid_t id, long error)
{
	struct domain *d;
	long rc = domain_get_target(v, id, &d);

	if (rc)
		return rc;
	domain_put(d);
	return error;
}

static long vnuma(struct vcpu *v, const struct xen_vnuma_topology_info *req)
{
	return req->pad ? -EINVAL : refuse(v, req->domid, -EOPNOTSUPP);
}

static long add_to_physmap(struct vcpu *v, const struct xen_add_to_physmap *req)
{
	return req->space == XENMAPSPACE_gmfn_foreign ? -ENOSYS :
	       refuse(v, req->domid, -EACCES);
}

static long add_batch(struct vcpu *v, const struct xen_add_to_physmap_batch *req)
{
	return refuse(v, req->domid,
		      req->space == XENMAPSPACE_gmfn_range ? -EOPNOTSUPP : -EACCES);
}

static long remove(struct vcpu *v, const struct xen_remove_from_physmap *req)
{
	return refuse(v, req->domid, -EACCES);
}

static long pod_target(struct vcpu *v, const struct xen_pod_target *req)
{
	return refuse(v, req->domid, -EINVAL);
}

/* Firmware keeps no device memory to itself that we know of. */
static long reserved_device_map(uint64_t arg)
{
	struct xen_reserved_device_memory_map req;

	if (copy_from_guest(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.flags & ~XENMEM_RDM_ALL)
		return -EINVAL;
	return guest_write_u32(arg + offsetof(struct xen_reserved_device_memory_map,
					      nr_entries), 0);
}

/* Budget units of the longest of them: a memory map. */
#define LIST_UNITS	64

long memory_other(struct vcpu *v, uint64_t arg, unsigned cmd)
{
	(void)budget_left(LIST_UNITS);
	switch (cmd) {
	case XENMEM_maximum_ram_page:
		return (long)max_mfn;
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
	case XENMEM_maximum_gpfn:
		return domain_info(v, arg, cmd);
	case XENMEM_machphys_mapping:
		return m2p_place(v, arg);
	case XENMEM_machphys_mfn_list:
		return m2p_list(arg);
	case XENMEM_machphys_compat_mfn_list:
		return -EOPNOTSUPP;
	case XENMEM_memory_map:
		return domain_map_out(v->domain, arg);
	case XENMEM_machine_memory_map:
		return machine_map_out(v, arg);
	ARG(XENMEM_set_memory_map, map_in, struct xen_foreign_memory_map)
	ARG(XENMEM_claim_pages, claim, struct xen_memory_reservation)
	case XENMEM_get_sharing_freed_pages:
	case XENMEM_get_sharing_shared_pages:
		return 0;
	case XENMEM_access_op:
		return -EPERM;
	case XENMEM_reserved_device_memory_map:
		return reserved_device_map(arg);
	ARG(XENMEM_add_to_physmap, add_to_physmap, struct xen_add_to_physmap)
	ARG(XENMEM_add_to_physmap_batch, add_batch, struct xen_add_to_physmap_batch)
	ARG(XENMEM_remove_from_physmap, remove, struct xen_remove_from_physmap)
	ARG(XENMEM_set_pod_target, pod_target, struct xen_pod_target)
	ARG(XENMEM_get_pod_target, pod_target, struct xen_pod_target)
	ARG(XENMEM_get_vnumainfo, vnuma, struct xen_vnuma_topology_info)
	}
	return -ENOSYS;
}
