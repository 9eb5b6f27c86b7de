/* SPDX-License-Identifier: MIT */
/* msr.c - model-specific registers, default deny.
 *
 * Guards: a guest reads and writes only what is listed here; everything
 * else is the #GP it would be on a machine without it. No read reaches the
 * hardware but of the segment bases, which are the guest's own.
 */
#include "cpu/features.h"
#include "cpu/insn.h"
#include "emul/emul.h"

#define MSR_TSC			0x10
#define MSR_APIC_BASE		0x1b
#define MSR_UCODE_REV		0x8b
#define MSR_PLATFORM_INFO	0xce
#define MSR_MISC_FEATURES	0x140
#define MSR_MCG_CAP		0x179
#define MSR_MCG_STATUS		0x17a
#define MSR_MISC_ENABLE		0x1a0
#define MSR_PAT			0x277
#define MSR_MC0_CTL		0x400
#define MSR_MC_LAST		0x41f
#define MSR_EFER		0xc0000080
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102
#define MSR_K7_FIRST		0xc0010000	/* performance counters */
#define MSR_K7_LAST		0xc0010007
#define MSR_HWCR		0xc0010015
#define MSR_DE_CFG		0xc0011029

#define PAT_OF_THE_ABI		0x0000050100070406UL
#define APIC_BASE_ENABLED	0xfee00800UL
#define APIC_BASE_BSP		0x100UL
#define EFER_GUEST		0xd01UL		/* SCE LME LMA NX */

static bool is_mca(uint32_t msr)
{
	return msr == MSR_MCG_CAP || msr == MSR_MCG_STATUS ||
	       (msr >= MSR_MC0_CTL && msr <= MSR_MC_LAST);
}

/* Reads as zero, writes are dropped: the CPUID bits a guest sees promise
 * that these exist, not that they do anything. */
static bool is_inert(uint32_t msr)
{
	if (is_mca(msr))
		return true;
	if (cpu_features.intel)
		return false;
	return (msr >= MSR_K7_FIRST && msr <= MSR_K7_LAST) || msr == MSR_HWCR ||
	       msr == MSR_DE_CFG;
}

bool emul_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
	switch (msr) {
	case MSR_TSC:
		*value = rdtsc();
		return true;
	case MSR_APIC_BASE:
		*value = APIC_BASE_ENABLED | (v->id ? 0 : APIC_BASE_BSP);
		return true;
	case MSR_UCODE_REV:
	case MSR_PLATFORM_INFO:
	case MSR_MISC_FEATURES:
	case MSR_MISC_ENABLE:
		*value = 0;
		return true;
	case MSR_PAT:
		*value = PAT_OF_THE_ABI;
		return true;
	case MSR_EFER:
		*value = EFER_GUEST & ~(cpu_features.nx ? 0 : 0x800UL);
		return true;
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		*value = rdmsr(msr);
		return true;
	}
	*value = 0;
	return is_inert(msr);
}

bool emul_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		if (!is_canonical(value))
			return false;
		wrmsr(msr, value);
		return true;
	case MSR_PAT:
		return value == PAT_OF_THE_ABI;
	case MSR_EFER:
		/* Only what it is already. */
		return value == (EFER_GUEST & ~(cpu_features.nx ? 0 : 0x800UL));
	case MSR_UCODE_REV:
		return true;
	}
	return is_inert(msr);
}
