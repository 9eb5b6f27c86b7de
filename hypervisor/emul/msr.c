/* SPDX-License-Identifier: MIT */
/* msr.c - model-specific registers, default deny.
 *
 * Guards: a guest reads and writes only what is listed here; everything
 * else is the #GP it would be on a machine without it. Of the hardware's
 * own only the segment bases, the TSC and its companion are reached, which
 * are the guest's, and the microcode's revision is read.
 */
#include "cpu/bits.h"
#include "cpu/features.h"
#include "cpu/safe.h"
#include "emul/emul.h"
#include "time/time.h"

#define MSR_TSC			0x10
#define MSR_UCODE_REV		0x8b

#define APIC_BASE_ENABLED	0xfee00800UL
#define APIC_BASE_BSP		0x100UL
#define EFER_GUEST		0xd01UL		/* SCE LME LMA NX */

/* Registers that CPUID promises, or that kernels touch without asking: they
 * exist, and do nothing. */
enum writes {
	NEVER,			/* any write is #GP */
	ZERO,			/* only 0 may be written */
	DROPPED,
};
/* Whose processor, or what only the first domain looks at. */
enum whose { AMD = 1, INTEL = 2, ANY = 3, AMD_FIRST = 4 };

static const struct inert {
	uint32_t first, last;
	uint64_t value;
	uint8_t writes, whose;
} inert[] = {
	{ 0x00000000, 0x00000001, 0,              NEVER,   ANY },	/* Pentium's MCA */
	{ 0x00000017, 0x00000017, 0,              NEVER,   INTEL },	/* platform id */
	{ 0x0000003a, 0x0000003a, 1,              NEVER,   INTEL },	/* features, locked */
	{ 0x000000c1, 0x000000c8, 0,              DROPPED, INTEL },	/* counters */
	{ 0x000000ce, 0x000000ce, 0,              NEVER,   ANY },	/* platform info */
	{ 0x00000140, 0x00000140, 0,              ZERO,    ANY },	/* misc features */
	{ 0x00000179, 0x00000179, 2,              DROPPED, AMD },	/* MCG_CAP */
	{ 0x00000179, 0x00000179, 0x1000c02,      DROPPED, INTEL },
	{ 0x0000017a, 0x0000017b, 0,              DROPPED, ANY },	/* MCG status, control */
	{ 0x00000186, 0x0000018d, 0,              DROPPED, INTEL },	/* event selects */
	{ 0x00000198, 0x00000198, 0,              NEVER,   INTEL },	/* speed */
	{ 0x00000199, 0x00000199, 0,              DROPPED, INTEL },
	{ 0x0000019c, 0x0000019c, 0,              NEVER,   INTEL },	/* temperature */
	{ 0x000001a0, 0x000001a0, 0x801801,       DROPPED, ANY },	/* misc enable */
	{ MSR_PAT,    MSR_PAT,    PAT_OF_THE_ABI, NEVER,   ANY },
	{ 0x00000280, 0x0000029f, 0,              DROPPED, ANY },	/* MCi_CTL2 */
	{ 0x00000309, 0x0000030b, 0,              DROPPED, INTEL },	/* fixed counters */
	{ 0x00000345, 0x00000345, 0,              NEVER,   ANY },	/* perf capabilities */
	{ 0x0000038d, 0x00000390, 0,              DROPPED, INTEL },
	{ 0x00000400, 0x00000400, ~0UL,           DROPPED, ANY },	/* two MCA banks */
	{ 0x00000401, 0x00000403, 0,              ZERO,    ANY },
	{ 0x00000404, 0x00000404, ~0UL,           DROPPED, ANY },
	{ 0x00000405, 0x00000407, 0,              ZERO,    ANY },
	{ 0x00000408, 0x0000047f, 0,              DROPPED, ANY },
	{ 0x40000000, 0x40000000, 0,              NEVER,   ANY },	/* hypercall page */
	{ 0xc0010000, 0xc0010007, 0,              DROPPED, AMD },	/* counters */
	{ 0xc0010010, 0xc0010010, 0,              NEVER,   AMD_FIRST },	/* SYSCFG */
	{ 0xc0010015, 0xc0010015, 0,              DROPPED, AMD },	/* HWCR */
	{ 0xc0010016, 0xc001001a, 0,              NEVER,   AMD_FIRST },	/* I/O ranges, top of RAM */
	{ 0xc001001d, 0xc001001d, 0,              NEVER,   AMD_FIRST },
	{ 0xc001001f, 0xc001001f, 0,              DROPPED, ANY },	/* NB_CFG */
	{ 0xc0010041, 0xc0010042, 0,              DROPPED, AMD },	/* speed, of old */
	{ 0xc0010061, 0xc001006b, 0,              DROPPED, AMD },	/* P-states */
	{ 0xc0010112, 0xc0010113, 0,              NEVER,   AMD_FIRST },	/* SMM's RAM */
	{ 0xc0010200, 0xc001020b, 0,              DROPPED, AMD },	/* counters */
	{ 0xc0011029, 0xc0011029, 2,              DROPPED, AMD },	/* LFENCE serializes */
};

static const struct inert *inert_find(const struct vcpu *v, uint32_t msr)
{
	unsigned here = cpu_features.intel ? INTEL : v->domain->control ? AMD | AMD_FIRST : AMD;

	for (unsigned i = 0; i < ARRAY_SIZE(inert); i++)
		if (msr >= inert[i].first && msr <= inert[i].last && (inert[i].whose & here))
			return &inert[i];
	return NULL;
}

static uint64_t efer(void)
{
	return EFER_GUEST & ~(cpu_features.nx ? 0 : 0x800UL);
}

bool emul_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
	const struct inert *i;

	switch (msr) {
	case MSR_TSC:
		*value = guest_tsc_read(v->domain);
		return true;
	case MSR_APIC_BASE:
		*value = APIC_BASE_ENABLED | (v->id ? 0 : APIC_BASE_BSP);
		return true;
	case MSR_UCODE_REV:
		return !safe_rdmsr(msr, value);
	case MSR_EFER:
		*value = efer();
		return true;
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		*value = rdmsr(msr);
		return true;
	case MSR_TSC_AUX:
		*value = v->emul.tsc_aux;
		return cpu_features.rdtscp;
	}
	i = inert_find(v, msr);
	if (i)
		*value = i->value;
	return i;
}

bool emul_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
	const struct inert *i;

	switch (msr) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		if (!is_canonical(value))
			return false;
		wrmsr(msr, value);
		return true;
	case MSR_EFER:
		return value == efer();	/* only what it is already */
	case MSR_UCODE_REV:		/* how Intel's is asked for */
		return cpu_features.intel && !value;
	case MSR_TSC_AUX:
		if (!cpu_features.rdtscp || value >> 32)
			return false;
		v->emul.tsc_aux = (uint32_t)value;
		wrmsr(msr, value);
		return true;
	}
	i = inert_find(v, msr);
	return i && (i->writes == DROPPED || (i->writes == ZERO && !value));
}
