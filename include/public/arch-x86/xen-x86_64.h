/* SPDX-License-Identifier: MIT */
/* arch-x86/xen-x86_64.h - what is true of 64-bit PV guests only.
 *
 * Flat selectors, the address range that belongs to the hypervisor, the frame
 * that the iret call pops, the register block of a vCPU.  Include xen.h; this
 * file is a part of it.
 */
#include "../xen.h"

#ifndef __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__

/* Selectors of flat segments in the part of every GDT that the hypervisor
 * fills.  They work before and after set_gdt, for guest kernel and guest user
 * alike: both run in ring 3. */
#define FLAT_RING3_CS32  0xe023
#define FLAT_RING3_DS32  0xe02b
#define FLAT_RING3_SS32  0xe02b
#define FLAT_RING3_CS64  0xe033
#define FLAT_RING3_DS64  0x0000
#define FLAT_RING3_SS64  0xe02b

#define FLAT_KERNEL_CS64 FLAT_RING3_CS64
#define FLAT_KERNEL_CS32 FLAT_RING3_CS32
#define FLAT_KERNEL_CS   FLAT_KERNEL_CS64
#define FLAT_KERNEL_DS64 FLAT_RING3_DS64
#define FLAT_KERNEL_DS32 FLAT_RING3_DS32
#define FLAT_KERNEL_DS   FLAT_KERNEL_DS64
#define FLAT_KERNEL_SS64 FLAT_RING3_SS64
#define FLAT_KERNEL_SS32 FLAT_RING3_SS32
#define FLAT_KERNEL_SS   FLAT_KERNEL_SS64

#define FLAT_USER_CS64   FLAT_RING3_CS64
#define FLAT_USER_CS32   FLAT_RING3_CS32
#define FLAT_USER_CS     FLAT_USER_CS64
#define FLAT_USER_DS64   FLAT_RING3_DS64
#define FLAT_USER_DS32   FLAT_RING3_DS32
#define FLAT_USER_DS     FLAT_USER_DS64
#define FLAT_USER_SS64   FLAT_RING3_SS64
#define FLAT_USER_SS32   FLAT_RING3_SS32
#define FLAT_USER_SS     FLAT_USER_SS64

/* Sixteen top-level page table slots, 256 to 271, are the hypervisor's in
 * every address space.  The first of them begins with the machine-to-physical
 * table: one 64-bit word per machine frame, readable by guests. */
#define __HYPERVISOR_VIRT_START 0xFFFF800000000000
#define __HYPERVISOR_VIRT_END   0xFFFF880000000000
#define __MACH2PHYS_VIRT_START  0xFFFF800000000000
#define __MACH2PHYS_VIRT_END    0xFFFF804000000000

#ifndef HYPERVISOR_VIRT_START
#define HYPERVISOR_VIRT_START xen_mk_ulong(__HYPERVISOR_VIRT_START)
#define HYPERVISOR_VIRT_END   xen_mk_ulong(__HYPERVISOR_VIRT_END)
#endif
#define MACH2PHYS_VIRT_START  xen_mk_ulong(__MACH2PHYS_VIRT_START)
#define MACH2PHYS_VIRT_END    xen_mk_ulong(__MACH2PHYS_VIRT_END)
#define MACH2PHYS_NR_ENTRIES  ((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 3)
#ifndef machine_to_phys_mapping
#define machine_to_phys_mapping ((unsigned long *)HYPERVISOR_VIRT_START)
#endif

/* set_segment_base(which, value): a base address, or for the last one a
 * selector to load into the user GS. */
#define SEGBASE_FS          0
#define SEGBASE_GS_USER     1
#define SEGBASE_GS_KERNEL   2
#define SEGBASE_GS_USER_SEL 3

/* iret_context.flags: the guest was entered by SYSCALL, so RCX and R11 need
 * not be restored (they are taken from rip and rflags). */
#define _VGCF_in_syscall    8
#define VGCF_in_syscall     (1 << _VGCF_in_syscall)
#define VGCF_IN_SYSCALL     VGCF_in_syscall

#ifndef __ASSEMBLY__

/* What the iret call finds at the caller's RSP, lowest address first.  RPL 3
 * in cs means guest user mode; rflags.IF set means events are delivered. */
struct iret_context {
	uint64_t rax, r11, rcx;
	uint64_t flags;			/* VGCF_in_syscall or 0 */
	uint64_t rip, cs, rflags, rsp, ss;
};

/* One register, under the names each kind of program knows it by: tools see
 * the widths as the processor names them, guest kernels see rNN and eNN as
 * the whole register.  Strict C99 has no anonymous unions: one name. */
#if defined(__XEN_TOOLS__)
#define XEN_REG_LETTER_(c) union { \
		uint64_t r##c##x; uint32_t e##c##x; uint16_t c##x; \
		struct { uint8_t c##l; uint8_t c##h; }; }
#define XEN_REG_BYTE_(x) union { \
		uint64_t r##x; uint32_t e##x; uint16_t x; uint8_t x##l; }
#define XEN_REG_WORD_(x) union { \
		uint64_t r##x; uint32_t e##x; uint16_t x; }
#define XEN_REG_NUMBER_(n) union { \
		uint64_t r##n; uint32_t r##n##d; uint16_t r##n##w; \
		uint8_t r##n##b; }
#elif defined(__GNUC__) && !defined(__STRICT_ANSI__)
#define XEN_REG_WORD_(x) union { uint64_t r##x, e##x; uint32_t _e##x; }
#else
#define XEN_REG_WORD_(x) uint64_t r##x
#endif
#ifndef XEN_REG_NUMBER_
#define XEN_REG_LETTER_(c) XEN_REG_WORD_(c##x)
#define XEN_REG_BYTE_(x)   XEN_REG_WORD_(x)
#define XEN_REG_NUMBER_(n) uint64_t r##n
#endif

/* A vCPU's integer registers.  200 bytes. */
struct cpu_user_regs {
	XEN_REG_NUMBER_(15);
	XEN_REG_NUMBER_(14);
	XEN_REG_NUMBER_(13);
	XEN_REG_NUMBER_(12);
	XEN_REG_BYTE_(bp);
	XEN_REG_LETTER_(b);
	XEN_REG_NUMBER_(11);
	XEN_REG_NUMBER_(10);
	XEN_REG_NUMBER_(9);
	XEN_REG_NUMBER_(8);
	XEN_REG_LETTER_(a);
	XEN_REG_LETTER_(c);
	XEN_REG_LETTER_(d);
	XEN_REG_BYTE_(si);
	XEN_REG_BYTE_(di);
	uint32_t error_code;		/* the hypervisor's own use */
	uint32_t entry_vector;		/* the hypervisor's own use */
	XEN_REG_WORD_(ip);
	uint16_t cs, _pad0[1];
	uint8_t  saved_upcall_mask;	/* events were masked at the trap */
	uint8_t  _pad1[3];
	XEN_REG_WORD_(flags);
	XEN_REG_BYTE_(sp);
	uint16_t ss, _pad2[3];
	uint16_t es, _pad3[3];
	uint16_t ds, _pad4[3];
	uint16_t fs, _pad5[3];
	uint16_t gs, _pad6[3];
};
typedef struct cpu_user_regs cpu_user_regs_t;
DEFINE_XEN_GUEST_HANDLE(cpu_user_regs_t);

#undef XEN_REG_LETTER_
#undef XEN_REG_BYTE_
#undef XEN_REG_WORD_
#undef XEN_REG_NUMBER_

/* vcpu_guest_context.ctrlreg[3] holds a frame number in CR3's form. */
#define xen_pfn_to_cr3(pfn) ((unsigned long)(pfn) << 12)
#define xen_cr3_to_pfn(cr3) ((unsigned long)(cr3) >> 12)

/* The part of vcpu_info that differs by architecture. */
struct arch_vcpu_info {
	unsigned long cr2;		/* address of the last page fault */
	unsigned long pad;
};
typedef struct arch_vcpu_info arch_vcpu_info_t;

/* Where a callback enters the guest kernel: an address, CS being flat. */
typedef unsigned long xen_callback_t;

#endif /* !__ASSEMBLY__ */
#endif
