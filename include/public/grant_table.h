/* SPDX-License-Identifier: MIT */
/* grant_table.h - one domain lets another use single frames of its own.
 *
 * The granter writes an entry into the table it shares with the hypervisor
 * and tells the index, the reference, to the other side.  That one asks
 * grant_table_op(cmd, array, count) to map the frame or to copy.  The call
 * answers 0, or EFAULT for the array; each element has a status of its own,
 * GNTST_*.  We offer version 1 of the table.
 */
#ifndef __XEN_PUBLIC_GRANT_TABLE_H__
#define __XEN_PUBLIC_GRANT_TABLE_H__

#include "xen.h"

#define GNTTABOP_map_grant_ref		0
#define GNTTABOP_unmap_grant_ref	1
#define GNTTABOP_setup_table		2
#define GNTTABOP_dump_table		3
#define GNTTABOP_transfer		4
#define GNTTABOP_copy			5
#define GNTTABOP_query_size		6
#define GNTTABOP_unmap_and_replace	7
#define GNTTABOP_set_version		8
#define GNTTABOP_get_status_frames	9
#define GNTTABOP_get_version		10
#define GNTTABOP_swap_grant_ref		11
#define GNTTABOP_cache_flush		12

/* The first references are for pages the toolstack grants at creation. */
#define GNTTAB_NR_RESERVED_ENTRIES	8
#define GNTTAB_RESERVED_CONSOLE		0
#define GNTTAB_RESERVED_XENSTORE	1

/* Entry flags.  The granter sets type and readonly last, after domid and
 * frame; reading and writing are set while the grant is in use, and it may be
 * taken back only when both are clear. */
#define GTF_invalid		(0U << 0)
#define GTF_permit_access	(1U << 0)
#define GTF_accept_transfer	(2U << 0)
#define GTF_transitive		(3U << 0)
#define GTF_type_mask		(3U << 0)
#define _GTF_readonly		(2)
#define GTF_readonly		(1U << _GTF_readonly)
#define _GTF_reading		(3)
#define GTF_reading		(1U << _GTF_reading)
#define _GTF_writing		(4)
#define GTF_writing		(1U << _GTF_writing)
#define _GTF_PWT		(5)
#define GTF_PWT			(1U << _GTF_PWT)
#define _GTF_PCD		(6)
#define GTF_PCD			(1U << _GTF_PCD)
#define _GTF_PAT		(7)
#define GTF_PAT			(1U << _GTF_PAT)
#define _GTF_sub_page		(8)
#define GTF_sub_page		(1U << _GTF_sub_page)
/* Of accept_transfer entries instead: */
#define _GTF_transfer_committed	(2)
#define GTF_transfer_committed	(1U << _GTF_transfer_committed)
#define _GTF_transfer_completed	(3)
#define GTF_transfer_completed	(1U << _GTF_transfer_completed)

/* gnttab_map_grant_ref.flags: map for devices, for the host (at an address,
 * or with contains_pte into the entry at that machine address), for guest
 * user mode; and the available bits to set in the entry. */
#define _GNTMAP_device_map	(0)
#define GNTMAP_device_map	(1 << _GNTMAP_device_map)
#define _GNTMAP_host_map	(1)
#define GNTMAP_host_map		(1 << _GNTMAP_host_map)
#define _GNTMAP_readonly	(2)
#define GNTMAP_readonly		(1 << _GNTMAP_readonly)
#define _GNTMAP_application_map	(3)
#define GNTMAP_application_map	(1 << _GNTMAP_application_map)
#define _GNTMAP_contains_pte	(4)
#define GNTMAP_contains_pte	(1 << _GNTMAP_contains_pte)
#define _GNTMAP_guest_avail0	(16)
#define GNTMAP_guest_avail_mask	((uint32_t)~0 << _GNTMAP_guest_avail0)

/* gnttab_copy.flags: that end is a grant reference, not a frame. */
#define _GNTCOPY_source_gref	(0)
#define GNTCOPY_source_gref	(1 << _GNTCOPY_source_gref)
#define _GNTCOPY_dest_gref	(1)
#define GNTCOPY_dest_gref	(1 << _GNTCOPY_dest_gref)

/* Status of one element. */
#define GNTST_okay		(0)
#define GNTST_general_error	(-1)
#define GNTST_bad_domain	(-2)
#define GNTST_bad_gntref	(-3)
#define GNTST_bad_handle	(-4)
#define GNTST_bad_virt_addr	(-5)
#define GNTST_bad_dev_addr	(-6)
#define GNTST_no_device_space	(-7)
#define GNTST_permission_denied	(-8)
#define GNTST_bad_page		(-9)
#define GNTST_bad_copy_arg	(-10)
#define GNTST_address_too_big	(-11)
#define GNTST_eagain		(-12)
#define GNTST_no_space		(-13)

/* An array of words for them; the index is the status, negated. */
#define GNTTABOP_error_msgs { \
	"no error", \
	"refused", \
	"no such domain", \
	"no such grant", \
	"no such mapping", \
	"bad virtual address", \
	"bad device address", \
	"no room in the IOMMU", \
	"not permitted", \
	"bad page", \
	"copy crosses a page", \
	"address too large", \
	"try again", \
	"no room", \
}

#ifndef __ASSEMBLY__

typedef uint32_t grant_ref_t;		/* index into the granter's table */
typedef uint32_t grant_handle_t;	/* names one mapping, for unmap */

/* A version 1 entry; 512 in a frame. */
struct grant_entry_v1 {
	uint16_t flags;			/* GTF_* */
	domid_t  domid;			/* who may */
	uint32_t frame;
};
typedef struct grant_entry_v1 grant_entry_v1_t;

/* Version 2 entries, refused by us: the type is here so that sources that
 * know both versions compile. */
struct grant_entry_header {
	uint16_t flags;
	domid_t  domid;
};
typedef struct grant_entry_header grant_entry_header_t;

union grant_entry_v2 {
	grant_entry_header_t hdr;
	struct {
		grant_entry_header_t hdr;
		uint32_t pad0;
		uint64_t frame;
	} full_page;
	struct {
		grant_entry_header_t hdr;
		uint16_t page_off;
		uint16_t length;
		uint64_t frame;
	} sub_page;
	struct {
		grant_entry_header_t hdr;
		domid_t  trans_domid;
		uint16_t pad0;
		grant_ref_t gref;
	} transitive;
	uint32_t __spacer[4];
};
typedef union grant_entry_v2 grant_entry_v2_t;
typedef uint16_t grant_status_t;

/* Map.  bad_domain bad_gntref permission_denied no_space general_error */
struct gnttab_map_grant_ref {
	uint64_t host_addr;		/* IN: see GNTMAP_contains_pte */
	uint32_t flags;			/* IN: GNTMAP_* */
	grant_ref_t ref;		/* IN */
	domid_t  dom;			/* IN: the granter */
	int16_t  status;		/* OUT */
	grant_handle_t handle;		/* OUT */
	uint64_t dev_bus_addr;		/* OUT: machine address */
};
typedef struct gnttab_map_grant_ref gnttab_map_grant_ref_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_map_grant_ref_t);

/* Unmap; the addresses must be map's, or 0 for "not that one".
 * bad_handle bad_virt_addr bad_dev_addr */
struct gnttab_unmap_grant_ref {
	uint64_t host_addr;		/* IN */
	uint64_t dev_bus_addr;		/* IN */
	grant_handle_t handle;		/* IN */
	int16_t  status;		/* OUT */
};
typedef struct gnttab_unmap_grant_ref gnttab_unmap_grant_ref_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_unmap_grant_ref_t);

/* Unmap, and give the table entry what new_addr's has. */
struct gnttab_unmap_and_replace {
	uint64_t host_addr;		/* IN */
	uint64_t new_addr;		/* IN */
	grant_handle_t handle;		/* IN */
	int16_t  status;		/* OUT */
};
typedef struct gnttab_unmap_and_replace gnttab_unmap_and_replace_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_unmap_and_replace_t);

/* Grow the table to nr_frames and tell where they are; count must be 1.
 * EINVAL EFAULT; general_error bad_domain permission_denied */
struct gnttab_setup_table {
	domid_t  dom;			/* IN */
	uint32_t nr_frames;		/* IN */
	int16_t  status;		/* OUT */
	XEN_GUEST_HANDLE(xen_pfn_t) frame_list;	/* OUT */
};
typedef struct gnttab_setup_table gnttab_setup_table_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_setup_table_t);

/* Print to the hypervisor's console: ENOSYS. */
struct gnttab_dump_table {
	domid_t dom;
	int16_t status;
};
typedef struct gnttab_dump_table gnttab_dump_table_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_dump_table_t);

/* Give a frame away: refused by us, see docs/divergences.md. */
struct gnttab_transfer {
	xen_pfn_t   mfn;		/* IN */
	domid_t     domid;		/* IN */
	grant_ref_t ref;		/* IN */
	int16_t     status;		/* OUT */
};
typedef struct gnttab_transfer gnttab_transfer_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_transfer_t);

/* Copy up to a page, inside one page at both ends.
 * bad_copy_arg bad_gntref bad_domain permission_denied general_error */
struct gnttab_copy {
	struct gnttab_copy_ptr {
		union {
			grant_ref_t ref;
			xen_pfn_t   gmfn;
		} u;
		domid_t  domid;
		uint16_t offset;	/* bytes */
	} source, dest;
	uint16_t len;			/* bytes */
	uint16_t flags;			/* GNTCOPY_* */
	int16_t  status;		/* OUT */
};
typedef struct gnttab_copy gnttab_copy_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_copy_t);

/* How large the table is and may become; count must be 1. */
struct gnttab_query_size {
	domid_t  dom;			/* IN */
	uint32_t nr_frames;		/* OUT */
	uint32_t max_nr_frames;		/* OUT */
	int16_t  status;		/* OUT */
};
typedef struct gnttab_query_size gnttab_query_size_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_query_size_t);

/* Choose 1 or 2; version comes back as what is in force.
 * EINVAL ENOSYS (2) EBUSY EFAULT */
struct gnttab_set_version {
	uint32_t version;
};
typedef struct gnttab_set_version gnttab_set_version_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_set_version_t);

/* Where version 2 keeps its status words. */
struct gnttab_get_status_frames {
	uint32_t nr_frames;		/* IN */
	domid_t  dom;			/* IN */
	int16_t  status;		/* OUT */
	XEN_GUEST_HANDLE(uint64_t) frame_list;	/* OUT */
};
typedef struct gnttab_get_status_frames gnttab_get_status_frames_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_get_status_frames_t);

/* EFAULT ESRCH EPERM */
struct gnttab_get_version {
	domid_t  dom;			/* IN */
	uint16_t pad;
	uint32_t version;		/* OUT */
};
typedef struct gnttab_get_version gnttab_get_version_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_get_version_t);

/* Exchange two entries of the caller's table.  bad_gntref eagain */
struct gnttab_swap_grant_ref {
	grant_ref_t ref_a;		/* IN */
	grant_ref_t ref_b;		/* IN */
	int16_t     status;		/* OUT */
};
typedef struct gnttab_swap_grant_ref gnttab_swap_grant_ref_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_swap_grant_ref_t);

/* Clean or invalidate caches of a range inside one frame. */
struct gnttab_cache_flush {
	union {
		uint64_t    dev_bus_addr;
		grant_ref_t ref;
	} a;
	uint16_t offset;		/* bytes */
	uint16_t length;		/* bytes */
	uint32_t op;			/* GNTTAB_CACHE_* */
};
typedef struct gnttab_cache_flush gnttab_cache_flush_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_cache_flush_t);
#define GNTTAB_CACHE_CLEAN		(1u << 0)
#define GNTTAB_CACHE_INVAL		(1u << 1)
#define GNTTAB_CACHE_SOURCE_GREF	(1u << 31)

#endif /* !__ASSEMBLY__ */
#endif
