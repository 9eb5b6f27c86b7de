/* SPDX-License-Identifier: MIT */
/* cpuid.c - the processor a PV guest is told it has.
 *
 * Guards: features that PV guests cannot use (large pages, global pages,
 * virtualization, power management) are hidden; extended state is what we
 * switch. User code that executes CPUID itself sees the hardware: this is
 * what the forced-emulation prefix and the tools are answered.
 */
#include <public/arch-x86/cpuid.h>

#include "cpu/features.h"
#include "emul/emul.h"

/* Hidden bits, by leaf and register. */
#define HIDE_1_ECX	(1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | \
			 1u << 8 | 1u << 10 | 1u << 11 | 1u << 14 | 1u << 15 |	\
			 1u << 17 | 1u << 18 | 1u << 21 | 1u << 24)
#define HIDE_1_EDX	(1u << 1 | 1u << 3 | 1u << 12 | 1u << 13 | 1u << 17 |	\
			 1u << 21 | 1u << 22 | 1u << 29 | 1u << 31)
#define HYPERVISOR	(1u << 31)
#define HIDE_7_EBX	(1u << 1 | 1u << 2 | 1u << 7 | 1u << 10 | 1u << 12 |	\
			 1u << 14 | 1u << 15 | 1u << 20 | 1u << 25)
#define SHOW_7_ECX	(1u << 1 | 1u << 5 | 1u << 6 | 1u << 8 | 1u << 9 |	\
			 1u << 10 | 1u << 11 | 1u << 12 | 1u << 14 | 1u << 22)
#define SHOW_7_EDX	(1u << 2 | 1u << 3 | 1u << 8 | 1u << 14)
#define HIDE_E1_ECX	(1u << 2 | 1u << 3 | 1u << 9 | 1u << 10 | 1u << 12 |	\
			 1u << 13 | 1u << 15 | 1u << 19 | 1u << 22 | 1u << 23 |	\
			 1u << 24 | 1u << 27 | 1u << 28 | 1u << 29)
#define HIDE_E1_EDX	(1u << 1 | 1u << 3 | 1u << 12 | 1u << 13 | 1u << 17 |	\
			 1u << 26)

#define XEN_VERSION	(4u << 16 | 17)
#define M2P_WIDTH	47		/* bits of machine address a guest may hold */

static struct cpuid_regs hypervisor_leaf(uint32_t leaf)
{
	struct cpuid_regs r = { 0 };

	switch (leaf & 0xff) {
	case 0:
		r.a = XEN_CPUID_LEAF(5);
		r.b = XEN_CPUID_SIGNATURE_EBX;
		r.c = XEN_CPUID_SIGNATURE_ECX;
		r.d = XEN_CPUID_SIGNATURE_EDX;
		break;
	case 1:
		r.a = XEN_VERSION;
		break;
	case 2:
		r.a = 1;		/* one hypercall page, by this MSR */
		r.b = 0x40000000;
		r.c = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
		break;
	case 5:
		r.b = M2P_WIDTH;
		break;
	}
	return r;
}

static struct cpuid_regs extended_state(uint32_t sub)
{
	struct cpuid_regs r = cpuid(0xd, sub);

	if (!cpu_features.xsave)
		return (struct cpuid_regs){ 0 };
	if (sub == 0) {
		r.a = (uint32_t)cpu_features.xcr0;
		r.d = (uint32_t)(cpu_features.xcr0 >> 32);
		r.b = r.c = cpu_features.xstate_size;
	} else if (sub == 1) {
		r.a &= 7;		/* XSAVEOPT, XSAVEC, XGETBV(1) */
		r.b = r.c = r.d = 0;
	} else if (sub > 62 || !(cpu_features.xcr0 >> sub & 1)) {
		r = (struct cpuid_regs){ 0 };
	}
	return r;
}

struct cpuid_regs emul_cpuid_leaf(const struct domain *d, uint32_t leaf, uint32_t sub)
{
	struct cpuid_regs r;

	if (leaf >= 0x40000000 && leaf < 0x50000000)
		return leaf < 0x40000100 ? hypervisor_leaf(leaf) : (struct cpuid_regs){ 0 };
	if (leaf == 0xd)
		return extended_state(sub);
	r = cpuid(leaf, sub);
	switch (leaf) {
	case 1:
		r.c = (r.c & ~HIDE_1_ECX) | HYPERVISOR;
		r.d &= ~HIDE_1_EDX;
		break;
	case 5: case 6: case 0xa: case 0xf: case 0x10: case 0x12: case 0x14:
	case 0x8000000a: case 0x8000001b: case 0x8000001f:
		r = (struct cpuid_regs){ 0 };
		break;
	case 7:
		r.a = 0;
		r.b = sub ? 0 : r.b & ~HIDE_7_EBX;
		r.c = sub ? 0 : r.c & SHOW_7_ECX;
		r.d = sub ? 0 : r.d & SHOW_7_EDX;
		break;
	case 0x80000001:
		r.c &= ~HIDE_E1_ECX;
		r.d &= ~HIDE_E1_EDX;
		break;
	case 0x80000007:
		r.a = r.b = r.c = 0;
		r.d &= d->control ? 1u << 8 : 0;	/* invariant TSC */
		break;
	}
	return r;
}
