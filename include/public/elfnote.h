/* SPDX-License-Identifier: MIT */
/* elfnote.h - notes by which a kernel says how it wants to be started.
 *
 * Name "Xen"; type one of these; the content is a number of 4 or 8 bytes (N)
 * or a string (S).  Types without a comment are not for 64-bit PV kernels.
 */
#ifndef __XEN_PUBLIC_ELFNOTE_H__
#define __XEN_PUBLIC_ELFNOTE_H__

#define XEN_ELFNOTE_INFO		0	/* S: free text */
#define XEN_ELFNOTE_ENTRY		1	/* N: start address */
#define XEN_ELFNOTE_HYPERCALL_PAGE	2	/* N: page to fill with stubs */
#define XEN_ELFNOTE_VIRT_BASE		3	/* N: where pfn 0 is mapped */
#define XEN_ELFNOTE_PADDR_OFFSET	4	/* N: p_paddr minus pfn 0 */
#define XEN_ELFNOTE_XEN_VERSION		5	/* S: "xen-3.0" */
#define XEN_ELFNOTE_GUEST_OS		6	/* S */
#define XEN_ELFNOTE_GUEST_VERSION	7	/* S */
#define XEN_ELFNOTE_LOADER		8	/* S: "generic" */
#define XEN_ELFNOTE_PAE_MODE		9
#define XEN_ELFNOTE_FEATURES		10	/* S: names, "|" between */
#define XEN_ELFNOTE_BSD_SYMTAB		11	/* S: "yes": load symbols */
#define XEN_ELFNOTE_HV_START_LOW	12
#define XEN_ELFNOTE_L1_MFN_VALID	13	/* N N: mask, value */
#define XEN_ELFNOTE_SUSPEND_CANCEL	14	/* N: suspend may return 1 */
#define XEN_ELFNOTE_INIT_P2M		15	/* N: where mfn_list goes */
#define XEN_ELFNOTE_MOD_START_PFN	16	/* N: 1: ramdisk unmapped */
#define XEN_ELFNOTE_SUPPORTED_FEATURES	17	/* N: bits of features.h */
#define XEN_ELFNOTE_PHYS32_ENTRY	18
#define XEN_ELFNOTE_MAX			XEN_ELFNOTE_PHYS32_ENTRY

/* Notes of a crash image. */
#define XEN_ELFNOTE_CRASH_INFO			0x1000001
#define XEN_ELFNOTE_CRASH_REGS			0x1000002

/* Notes of a dumped guest. */
#define XEN_ELFNOTE_DUMPCORE_NONE		0x2000000
#define XEN_ELFNOTE_DUMPCORE_HEADER		0x2000001
#define XEN_ELFNOTE_DUMPCORE_XEN_VERSION	0x2000002
#define XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION	0x2000003

#endif
