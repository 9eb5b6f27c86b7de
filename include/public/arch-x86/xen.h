/* SPDX-License-Identifier: MIT */
/* arch-x86/xen.h - the x86 half of xen.h: traps, vCPU state, domain settings.
 *
 * Also the guest handle macros: a handle is a pointer into the caller's
 * address space, wrapped in a structure so that the compiler tells one kind
 * from another.  Include xen.h; this file is a part of it.
 */
#include "../xen.h"

#ifndef __XEN_PUBLIC_ARCH_X86_XEN_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_H__

#define ___DEFINE_XEN_GUEST_HANDLE(name, type) \
	typedef struct { type *p; } __guest_handle_##name
#define __DEFINE_XEN_GUEST_HANDLE(name, type) \
	___DEFINE_XEN_GUEST_HANDLE(name, type); \
	___DEFINE_XEN_GUEST_HANDLE(const_##name, const type)
#define DEFINE_XEN_GUEST_HANDLE(name)	__DEFINE_XEN_GUEST_HANDLE(name, name)
#define __XEN_GUEST_HANDLE(name)	__guest_handle_##name
#define XEN_GUEST_HANDLE(name)		__XEN_GUEST_HANDLE(name)
#define XEN_GUEST_HANDLE_PARAM(name)	XEN_GUEST_HANDLE(name)
#define XEN_GUEST_HANDLE_64(name)	XEN_GUEST_HANDLE(name)
#define set_xen_guest_handle_raw(hnd, val) do { (hnd).p = (val); } while (0)
#define set_xen_guest_handle(hnd, val)	set_xen_guest_handle_raw(hnd, val)

#ifndef __ASSEMBLY__
/* Frame numbers and machine words, 64 bits both. */
typedef unsigned long xen_pfn_t;
typedef unsigned long xen_ulong_t;
#define PRI_xen_pfn	"lx"
#define PRIu_xen_pfn	"lu"
#define PRI_xen_ulong	"lx"

/* 64-bit integers of tool structures; aligned to 8 here without more ado. */
#ifndef uint64_aligned_t
#define uint64_aligned_t uint64_t
#endif
#ifndef int64_aligned_t
#define int64_aligned_t int64_t
#endif
#endif

#define XEN_HAVE_PV_GUEST_ENTRY		1
#define XEN_HAVE_PV_UPCALL_MASK		1

/* A GDT has 16 pages; the guest's frames fill up to 14 of them, the rest is
 * the hypervisor's.  The entry number is also set_gdt's limit. */
#define FIRST_RESERVED_GDT_PAGE		14
#define FIRST_RESERVED_GDT_BYTE		(FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY	(FIRST_RESERVED_GDT_BYTE / 8)

/* vCPUs whose vcpu_info lies in shared_info; further ones register their own. */
#define XEN_LEGACY_MAX_VCPUS		32

/* Bytes that make a following CPUID trap, so that the answer is ours. */
#ifdef __ASSEMBLY__
#define XEN_EMULATE_PREFIX .byte 0x0f, 0x0b, 0x78, 0x65, 0x6e ;
#define XEN_CPUID          XEN_EMULATE_PREFIX cpuid
#else
#define XEN_EMULATE_PREFIX ".byte 0x0f,0x0b,0x78,0x65,0x6e ; "
#define XEN_CPUID          XEN_EMULATE_PREFIX "cpuid"
#endif

/* The port that prints for HVM guests; a name kept for portable sources. */
#define XEN_HVM_DEBUGCONS_IOPORT	0xe9

#include "xen-x86_64.h"

#ifndef __ASSEMBLY__

/* One gate of the trap table.  flags: bits 0-1 the lowest ring that may raise
 * it by INT, bit 2 masks events at entry.  set_trap_table takes an array that
 * ends with address 0, or NULL to forget all gates. */
struct trap_info {
	uint8_t  vector;
	uint8_t  flags;
	uint16_t cs;
	unsigned long address;
};
typedef struct trap_info trap_info_t;
DEFINE_XEN_GUEST_HANDLE(trap_info_t);

#define TI_GET_DPL(ti)		((ti)->flags & 3)
#define TI_GET_IF(ti)		((ti)->flags & 4)
#define TI_SET_DPL(ti, dpl)	((ti)->flags |= (dpl))
#define TI_SET_IF(ti, on)	((ti)->flags |= (!!(on)) << 2)

typedef uint64_t tsc_timestamp_t;

/* All of a vCPU's state: what VCPUOP_initialise and the setvcpucontext domctl
 * read.  5168 bytes.  Frame numbers are machine frames. */
struct vcpu_guest_context {
	struct { char x[512]; } fpu_ctxt;	/* FXSAVE form */
	unsigned long flags;			/* VGCF_* below */
	struct cpu_user_regs user_regs;
	struct trap_info trap_ctxt[256];	/* by vector */
	unsigned long ldt_base, ldt_ents;
	unsigned long gdt_frames[16], gdt_ents;
	unsigned long kernel_ss, kernel_sp;	/* stack for entries from user */
	unsigned long ctrlreg[8];		/* [1] is the user-mode CR3 */
	unsigned long debugreg[8];
	unsigned long event_callback_eip;
	unsigned long failsafe_callback_eip;
	unsigned long syscall_callback_eip;
	unsigned long vm_assist;		/* bit per VMASST_TYPE */
	uint64_t fs_base;
	uint64_t gs_base_kernel;
	uint64_t gs_base_user;
};
typedef struct vcpu_guest_context vcpu_guest_context_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_guest_context_t);

#define _VGCF_i387_valid		0	/* fpu_ctxt has content */
#define VGCF_i387_valid			(1 << _VGCF_i387_valid)
#define VGCF_I387_VALID			(1 << 0)
#define _VGCF_in_kernel			2	/* starts in guest kernel mode */
#define VGCF_in_kernel			(1 << _VGCF_in_kernel)
#define VGCF_IN_KERNEL			(1 << 2)
#define _VGCF_failsafe_disables_events	3
#define VGCF_failsafe_disables_events	(1 << _VGCF_failsafe_disables_events)
#define _VGCF_syscall_disables_events	4
#define VGCF_syscall_disables_events	(1 << _VGCF_syscall_disables_events)
#define _VGCF_online			5	/* runnable as soon as it is set */
#define VGCF_online			(1 << _VGCF_online)

/* The part of shared_info that differs by architecture: how tools find the
 * guest's own list of its frames (either of two ways), and NMI reasons. */
struct arch_shared_info {
	unsigned long max_pfn;			/* entries of that list */
	xen_pfn_t pfn_to_mfn_frame_list_list;	/* three-level form */
	unsigned long nmi_reason;		/* XEN_NMIREASON_* */
	unsigned long p2m_cr3;			/* linear form, if not 0: */
	unsigned long p2m_vaddr;
	unsigned long p2m_generation;		/* odd while it changes */
};
typedef struct arch_shared_info arch_shared_info_t;

/* createdomain's x86 part.  A PV domain wants emulation_flags 0. */
struct xen_arch_domainconfig {
	uint32_t emulation_flags;		/* XEN_X86_EMU_* */
	uint32_t misc_flags;			/* XEN_X86_MSR_RELAXED */
};
#define _XEN_X86_EMU_LAPIC	0
#define XEN_X86_EMU_LAPIC	(1U << _XEN_X86_EMU_LAPIC)
#define _XEN_X86_EMU_HPET	1
#define XEN_X86_EMU_HPET	(1U << _XEN_X86_EMU_HPET)
#define _XEN_X86_EMU_PM		2
#define XEN_X86_EMU_PM		(1U << _XEN_X86_EMU_PM)
#define _XEN_X86_EMU_RTC	3
#define XEN_X86_EMU_RTC		(1U << _XEN_X86_EMU_RTC)
#define _XEN_X86_EMU_IOAPIC	4
#define XEN_X86_EMU_IOAPIC	(1U << _XEN_X86_EMU_IOAPIC)
#define _XEN_X86_EMU_PIC	5
#define XEN_X86_EMU_PIC		(1U << _XEN_X86_EMU_PIC)
#define _XEN_X86_EMU_VGA	6
#define XEN_X86_EMU_VGA		(1U << _XEN_X86_EMU_VGA)
#define _XEN_X86_EMU_IOMMU	7
#define XEN_X86_EMU_IOMMU	(1U << _XEN_X86_EMU_IOMMU)
#define _XEN_X86_EMU_PIT	8
#define XEN_X86_EMU_PIT		(1U << _XEN_X86_EMU_PIT)
#define _XEN_X86_EMU_USE_PIRQ	9
#define XEN_X86_EMU_USE_PIRQ	(1U << _XEN_X86_EMU_USE_PIRQ)
#define _XEN_X86_EMU_VPCI	10
#define XEN_X86_EMU_VPCI	(1U << _XEN_X86_EMU_VPCI)
#define XEN_X86_EMU_ALL		((1U << 11) - 1)
#define XEN_X86_MSR_RELAXED	(1u << 0)
#define XEN_X86_MISC_FLAGS_MAX	XEN_X86_MSR_RELAXED

/* One CPUID answer; subleaf is XEN_CPUID_NO_SUBLEAF where there is none. */
#define XEN_CPUID_NO_SUBLEAF	0xffffffffu
typedef struct xen_cpuid_leaf {
	uint32_t leaf, subleaf;
	uint32_t a, b, c, d;
} xen_cpuid_leaf_t;
DEFINE_XEN_GUEST_HANDLE(xen_cpuid_leaf_t);

/* One model-specific register; flags must be 0. */
typedef struct xen_msr_entry {
	uint32_t idx;
	uint32_t flags;
	uint64_t val;
} xen_msr_entry_t;
DEFINE_XEN_GUEST_HANDLE(xen_msr_entry_t);

#endif /* !__ASSEMBLY__ */
#endif
