/* SPDX-License-Identifier: MIT */
/* memory.h - how much memory a domain has, and which.
 *
 * memory_op(cmd, arg).  The reservation calls answer how many extents they
 * did, never an error: less than asked means that the next one was refused.
 * An extent is 2^extent_order frames.
 */
#ifndef __XEN_PUBLIC_MEMORY_H__
#define __XEN_PUBLIC_MEMORY_H__

#include "xen.h"
#include "physdev.h"

#define XENMEM_increase_reservation		0
#define XENMEM_decrease_reservation		1
#define XENMEM_maximum_ram_page			2
#define XENMEM_current_reservation		3
#define XENMEM_maximum_reservation		4
#define XENMEM_machphys_mfn_list		5
#define XENMEM_populate_physmap			6
#define XENMEM_add_to_physmap			7
#define XENMEM_memory_map			9
#define XENMEM_machine_memory_map		10
#define XENMEM_exchange				11
#define XENMEM_machphys_mapping			12
#define XENMEM_set_memory_map			13
#define XENMEM_maximum_gpfn			14
#define XENMEM_remove_from_physmap		15
#define XENMEM_set_pod_target			16
#define XENMEM_get_pod_target			17
#define XENMEM_get_sharing_freed_pages		18
#define XENMEM_get_sharing_shared_pages		19
#define XENMEM_paging_op			20
#define XENMEM_access_op			21
#define XENMEM_sharing_op			22
#define XENMEM_add_to_physmap_batch		23
#define XENMEM_claim_pages			24
#define XENMEM_machphys_compat_mfn_list		25
#define XENMEM_get_vnumainfo			26
#define XENMEM_reserved_device_memory_map	27
#define XENMEM_acquire_resource			28

/* xen_memory_reservation.mem_flags: highest usable address bits, node. */
#define XENMEMF_address_bits(x)		(x)
#define XENMEMF_get_address_bits(x)	((x) & 0xffu)
#define XENMEMF_node(x)			(((x) + 1) << 8)
#define XENMEMF_get_node(x)		((((x) >> 8) - 1) & 0xffu)
#define XENMEMF_populate_on_demand	(1 << 16)
#define XENMEMF_exact_node_request	(1 << 17)
#define XENMEMF_exact_node(n) \
	(XENMEMF_node(n) | XENMEMF_exact_node_request)
#define XENMEMF_vnode			(1 << 18)

#ifndef __ASSEMBLY__

/* increase: frames come OUT.  decrease: frames go IN.  populate: pfns go IN,
 * their frames come OUT, and the machine-to-physical table is set; claim_pages
 * uses nr_extents only.  domid other than self needs power over it.  32 bytes */
struct xen_memory_reservation {
	XEN_GUEST_HANDLE(xen_pfn_t) extent_start;	/* may be NULL: OUT */
	xen_ulong_t  nr_extents;
	unsigned int extent_order;
	unsigned int mem_flags;			/* XENMEMF_* */
	domid_t      domid;
};
typedef struct xen_memory_reservation xen_memory_reservation_t;
DEFINE_XEN_GUEST_HANDLE(xen_memory_reservation_t);

/* exchange: give frames (in), get as much memory back in other extents (out)
 * at the pfns given there.  nr_exchanged starts 0 and counts input extents.
 * EFAULT EPERM EINVAL ESRCH ENOMEM */
struct xen_memory_exchange {
	struct xen_memory_reservation in;
	struct xen_memory_reservation out;
	xen_ulong_t nr_exchanged;		/* IN 0, OUT */
};
typedef struct xen_memory_exchange xen_memory_exchange_t;
DEFINE_XEN_GUEST_HANDLE(xen_memory_exchange_t);

/* current_reservation, maximum_reservation, maximum_gpfn: the answer is the
 * number.  EFAULT ESRCH EPERM.  (maximum_ram_page takes no argument.) */
struct xen_memory_domain {
	domid_t domid;
};

/* machphys_mfn_list: frames of the machine-to-physical table, one per 2 MiB
 * of it.  EFAULT */
struct xen_machphys_mfn_list {
	unsigned int max_extents;			/* IN */
	XEN_GUEST_HANDLE(xen_pfn_t) extent_start;	/* OUT */
	unsigned int nr_extents;			/* OUT */
};
typedef struct xen_machphys_mfn_list xen_machphys_mfn_list_t;
DEFINE_XEN_GUEST_HANDLE(xen_machphys_mfn_list_t);

/* machphys_mapping: where that table is mapped.  EFAULT */
struct xen_machphys_mapping {
	xen_ulong_t v_start, v_end;		/* OUT: addresses */
	xen_ulong_t max_mfn;			/* OUT: its last index */
};
typedef struct xen_machphys_mapping xen_machphys_mapping_t;
DEFINE_XEN_GUEST_HANDLE(xen_machphys_mapping_t);

/* add_to_physmap, its batch form and remove_from_physmap: for domains whose
 * frames the hypervisor translates.  A PV domain gets EACCES. */
#define XENMAPSPACE_shared_info		0
#define XENMAPSPACE_grant_table		1
#define XENMAPSPACE_gmfn		2
#define XENMAPSPACE_gmfn_range		3
#define XENMAPSPACE_gmfn_foreign	4
#define XENMAPSPACE_dev_mmio		5
#define XENMAPIDX_grant_table_status	0x80000000

struct xen_add_to_physmap {
	domid_t      domid;
	uint16_t     size;			/* frames, gmfn_range only */
	unsigned int space;			/* XENMAPSPACE_* */
	xen_ulong_t  idx;
	xen_pfn_t    gpfn;
};
typedef struct xen_add_to_physmap xen_add_to_physmap_t;
DEFINE_XEN_GUEST_HANDLE(xen_add_to_physmap_t);

struct xen_add_to_physmap_batch {
	domid_t  domid;
	uint16_t space;
	uint16_t size;				/* entries of the arrays */
	union xen_add_to_physmap_batch_extra {
		domid_t  foreign_domid;
		uint16_t res0;
	} u;
	XEN_GUEST_HANDLE(xen_ulong_t) idxs;
	XEN_GUEST_HANDLE(xen_pfn_t) gpfns;
	XEN_GUEST_HANDLE(int) errs;		/* OUT: each one's errno */
};
typedef struct xen_add_to_physmap_batch xen_add_to_physmap_batch_t;
DEFINE_XEN_GUEST_HANDLE(xen_add_to_physmap_batch_t);

struct xen_remove_from_physmap {
	domid_t   domid;
	xen_pfn_t gpfn;
};
typedef struct xen_remove_from_physmap xen_remove_from_physmap_t;
DEFINE_XEN_GUEST_HANDLE(xen_remove_from_physmap_t);

/* memory_map: the map the toolstack gave this domain (ENOSYS: none).
 * machine_memory_map: the firmware's, control domain only (EPERM).  Entries
 * have E820 form: u64 start, u64 length, u32 type, 20 bytes each.  EFAULT */
struct xen_memory_map {
	unsigned int nr_entries;		/* IN room, OUT used */
	XEN_GUEST_HANDLE(void) buffer;		/* OUT */
};
typedef struct xen_memory_map xen_memory_map_t;
DEFINE_XEN_GUEST_HANDLE(xen_memory_map_t);

/* set_memory_map: what memory_map is to answer.  EFAULT EINVAL ESRCH EPERM
 * ENOMEM */
struct xen_foreign_memory_map {
	domid_t domid;
	struct xen_memory_map map;
};
typedef struct xen_foreign_memory_map xen_foreign_memory_map_t;
DEFINE_XEN_GUEST_HANDLE(xen_foreign_memory_map_t);

/* set_pod_target, get_pod_target: HVM only, EINVAL here. */
struct xen_pod_target {
	uint64_t target_pages;
	uint64_t tot_pages;
	uint64_t pod_cache_pages;
	uint64_t pod_entries;
	domid_t  domid;
};
typedef struct xen_pod_target xen_pod_target_t;

/* acquire_resource: frames that belong to another domain's workings, for the
 * control domain to map.  nr_frames 0 asks how many there are.
 * EFAULT EINVAL ESRCH EPERM */
struct xen_mem_acquire_resource {
	domid_t  domid;				/* IN */
	uint16_t type;				/* IN: XENMEM_resource_* */
	uint32_t id;				/* IN: by type */
	uint32_t nr_frames;			/* IN, OUT when it was 0 */
	uint32_t pad;
	uint64_t frame;				/* IN: the first one */
	XEN_GUEST_HANDLE(xen_pfn_t) frame_list;	/* OUT */
};
typedef struct xen_mem_acquire_resource xen_mem_acquire_resource_t;
DEFINE_XEN_GUEST_HANDLE(xen_mem_acquire_resource_t);
#define XENMEM_resource_ioreq_server			0
#define XENMEM_resource_ioreq_server_frame_bufioreq	0
#define XENMEM_resource_ioreq_server_frame_ioreq(n)	(1 + (n))
#define XENMEM_resource_grant_table			1
#define XENMEM_resource_grant_table_id_shared		0
#define XENMEM_resource_grant_table_id_status		1
#define XENMEM_resource_vmtrace_buf			2

/* A range of guest memory on one virtual node. */
struct xen_vmemrange {
	uint64_t start, end;
	unsigned int flags;
	unsigned int nid;
};
typedef struct xen_vmemrange xen_vmemrange_t;
DEFINE_XEN_GUEST_HANDLE(xen_vmemrange_t);

/* get_vnumainfo.  EFAULT ESRCH EPERM EOPNOTSUPP (none set) ENOBUFS */
struct xen_vnuma_topology_info {
	domid_t  domid;
	uint16_t pad;
	unsigned int nr_vnodes;			/* IN room, OUT used */
	unsigned int nr_vcpus;
	unsigned int nr_vmemranges;
	union {
		XEN_GUEST_HANDLE(uint) h;
		uint64_t pad;
	} vdistance;
	union {
		XEN_GUEST_HANDLE(uint) h;
		uint64_t pad;
	} vcpu_to_vnode;
	union {
		XEN_GUEST_HANDLE(xen_vmemrange_t) h;
		uint64_t pad;
	} vmemrange;
};
typedef struct xen_vnuma_topology_info xen_vnuma_topology_info_t;
DEFINE_XEN_GUEST_HANDLE(xen_vnuma_topology_info_t);

/* reserved_device_memory_map: firmware's own device ranges. */
struct xen_reserved_device_memory {
	xen_pfn_t   start_pfn;
	xen_ulong_t nr_pages;
};
typedef struct xen_reserved_device_memory xen_reserved_device_memory_t;
DEFINE_XEN_GUEST_HANDLE(xen_reserved_device_memory_t);

#define XENMEM_RDM_ALL	1
struct xen_reserved_device_memory_map {
	uint32_t flags;				/* XENMEM_RDM_ALL or 0 */
	unsigned int nr_entries;		/* IN room, OUT needed */
	XEN_GUEST_HANDLE(xen_reserved_device_memory_t) buffer;
	union {
		physdev_pci_device_t pci;
	} dev;
};
typedef struct xen_reserved_device_memory_map xen_reserved_device_memory_map_t;
DEFINE_XEN_GUEST_HANDLE(xen_reserved_device_memory_map_t);

#endif /* !__ASSEMBLY__ */
#endif
