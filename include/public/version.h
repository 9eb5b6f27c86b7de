/* SPDX-License-Identifier: MIT */
/* version.h - who the hypervisor is and what it can do.
 *
 * xen_version(cmd, arg).  Every string is at most as long as its type and ends
 * with a zero byte; the call answers its length with it, or 0.  EFAULT.
 */
#ifndef __XEN_PUBLIC_VERSION_H__
#define __XEN_PUBLIC_VERSION_H__

#include "xen.h"
#include "features.h"

#define XENVER_version			0 /* answer: major << 16 | minor */
#define XENVER_extraversion		1
#define XENVER_compile_info		2
#define XENVER_capabilities		3 /* kinds of guests, " " between */
#define XENVER_changeset		4
#define XENVER_platform_parameters	5
#define XENVER_get_features		6
#define XENVER_pagesize			7 /* arg NULL; answer: bytes */
#define XENVER_guest_handle		8 /* the domain's UUID */
#define XENVER_commandline		9 /* control domain, else "<denied>" */
#define XENVER_build_id			10 /* control domain; EPERM */

#ifndef __ASSEMBLY__

typedef char xen_extraversion_t[16];
#define XEN_EXTRAVERSION_LEN		(sizeof(xen_extraversion_t))

typedef char xen_capabilities_info_t[1024];
#define XEN_CAPABILITIES_INFO_LEN	(sizeof(xen_capabilities_info_t))

typedef char xen_changeset_info_t[64];
#define XEN_CHANGESET_INFO_LEN		(sizeof(xen_changeset_info_t))

typedef char xen_commandline_t[1024];

struct xen_compile_info {
	char compiler[64];
	char compile_by[16];
	char compile_domain[32];
	char compile_date[32];
};
typedef struct xen_compile_info xen_compile_info_t;

struct xen_platform_parameters {
	xen_ulong_t virt_start;		/* HYPERVISOR_VIRT_START */
};
typedef struct xen_platform_parameters xen_platform_parameters_t;

/* EINVAL beyond the last submap. */
struct xen_feature_info {
	unsigned int submap_idx;	/* IN: which 32 bits */
	uint32_t     submap;		/* OUT: XENFEAT_* */
};
typedef struct xen_feature_info xen_feature_info_t;

/* With arg NULL the answer is the length needed.  EINVAL ENOBUFS */
struct xen_build_id {
	uint32_t      len;		/* IN: room in buf */
	unsigned char buf[XEN_FLEX_ARRAY_DIM];
};
typedef struct xen_build_id xen_build_id_t;

#endif /* !__ASSEMBLY__ */
#endif
