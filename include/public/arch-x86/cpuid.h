/* SPDX-License-Identifier: MIT */
/* arch-x86/cpuid.h - the CPUID leaves by which a guest knows us.
 *
 * From 0x40000000; a PV guest sees them by XEN_CPUID or where CPUID faults.
 *   +0  EAX last leaf; EBX ECX EDX "XenVMMXenVMM"
 *   +1  EAX version, major << 16 | minor
 *   +2  EAX pages of call stubs; EBX base of their MSR; ECX FEAT1 bits
 *   +3  time: by subleaf, TSC mode, frequency in kHz, scale
 *   +5  EBX bits of machine addresses (PV)
 */
#ifndef __XEN_PUBLIC_ARCH_X86_CPUID_H__
#define __XEN_PUBLIC_ARCH_X86_CPUID_H__

#define XEN_CPUID_FIRST_LEAF	0x40000000
#define XEN_CPUID_LEAF(i)	(XEN_CPUID_FIRST_LEAF + (i))
#define XEN_CPUID_MAX_NUM_LEAVES 5

#define XEN_CPUID_SIGNATURE_EBX	0x566e6558	/* "XenV" */
#define XEN_CPUID_SIGNATURE_ECX	0x65584d4d	/* "MMXe" */
#define XEN_CPUID_SIGNATURE_EDX	0x4d4d566e	/* "nVMM" */

/* +2 ECX: PT_UPDATE_PRESERVE_AD is offered. */
#define _XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD	0
#define XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD	(1u << 0)

/* +4 EAX, HVM guests only. */
#define XEN_HVM_CPUID_APIC_ACCESS_VIRT	(1u << 0)
#define XEN_HVM_CPUID_X2APIC_VIRT	(1u << 1)
#define XEN_HVM_CPUID_IOMMU_MAPPINGS	(1u << 2)
#define XEN_HVM_CPUID_VCPU_ID_PRESENT	(1u << 3)
#define XEN_HVM_CPUID_DOMID_PRESENT	(1u << 4)
#define XEN_HVM_CPUID_EXT_DEST_ID	(1u << 5)
#define XEN_HVM_CPUID_UPCALL_VECTOR	(1u << 6)

/* +5 EBX */
#define XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK	(0xffu << 0)

#endif
