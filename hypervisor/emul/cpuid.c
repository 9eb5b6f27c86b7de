/* SPDX-License-Identifier: MIT */
/* cpuid.c - the processor a PV guest is told it has.
 *
 * Guards: default is zero. Features that PV guests cannot use (large and
 * global pages, virtualization, power management, topology) are hidden;
 * extended state is what we switch. User code that executes CPUID itself
 * sees the hardware: this is what the forced-emulation prefix and the tools
 * are answered.
 */
#include <public/arch-x86/cpuid.h>

#include "cpu/features.h"
#include "emul/emul.h"
#include "mm/mm.h"
#include "time/time.h"

#define ALL		0xffffffffu

#define LAST_BASIC	0xdu
#define HYPERVISOR	(1u << 31)
#define MTRR		(1u << 12)
#define SEP		(1u << 11)
#define LINEAR_BITS	48u

/* VMX, power, monitor, tracing, PCID, x2APIC, deadline timer */
#define HIDE_1_ECX	(1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | \
			 1u << 8 | 1u << 10 | 1u << 11 | 1u << 14 | 1u << 15 |	\
			 1u << 17 | 1u << 18 | 1u << 21 | 1u << 24)
/* VME, large and global pages, MTRR, tracing, thermal */
#define HIDE_1_EDX	(1u << 1 | 1u << 3 | MTRR | 1u << 13 | 1u << 17 | 1u << 21 | \
			 1u << 29 | 1u << 31)
#define HIDE_7_EBX	(1u << 1 | 1u << 2 | 1u << 7 | 1u << 10 | 1u << 12 |	\
			 1u << 14 | 1u << 15 | 1u << 20 | 1u << 25)
#define SHOW_7_ECX	(1u << 1 | 1u << 6 | 1u << 8 | 1u << 9 | 1u << 10 |	\
			 1u << 11 | 1u << 12 | 1u << 14 | 1u << 22)
#define SHOW_7_EDX	(1u << 2 | 1u << 3 | 1u << 4 | 1u << 8 | 1u << 14)
#define SHOW_7_1_EAX	(1u << 4 | 1u << 5 | 1u << 10 | 1u << 11 | 1u << 12)
#define HIDE_E1_ECX	(1u << 2 | 1u << 3 | 1u << 4 | 1u << 9 | 1u << 10 |	\
			 1u << 12 | 1u << 13 | 1u << 15 | 1u << 19 | 1u << 22 |	\
			 1u << 23 | 1u << 24 | 1u << 27 | 1u << 28 | 1u << 29)
#define HIDE_E1_EDX	(1u << 1 | 1u << 3 | MTRR | 1u << 13 | 1u << 17 | 1u << 26)
#define SHOW_E8_EBX	(1u << 0 | 1u << 2)	/* CLZERO, x87 pointers restored */

/* What is shown of a leaf of the hardware's: masks of its registers. */
static struct cpuid_regs shown(uint32_t leaf, uint32_t sub)
{
	switch (leaf) {
	case 0: case 2: case 4:
	case 0x80000000: case 0x80000002: case 0x80000003: case 0x80000004:
	case 0x80000005: case 0x80000006:
		return (struct cpuid_regs){ ALL, ALL, ALL, ALL };
	case 1:
		/* EBX without the local APIC's number: a vCPU may be on any CPU */
		return (struct cpuid_regs){ ALL, ALL >> 8, ~HIDE_1_ECX, ~HIDE_1_EDX };
	case 7:
		if (sub == 0)
			return (struct cpuid_regs){ ALL, ~HIDE_7_EBX, SHOW_7_ECX, SHOW_7_EDX };
		return (struct cpuid_regs){ .a = sub == 1 ? SHOW_7_1_EAX : 0 };
	case 0x80000001:
		return (struct cpuid_regs){ ALL, ALL, ~HIDE_E1_ECX, ~HIDE_E1_EDX };
	case 0x80000007:
		return (struct cpuid_regs){ .d = 1u << 8 };	/* invariant TSC */
	case 0x80000008:
		/* ECX: how many CPUs, and the width of their numbers */
		return (struct cpuid_regs){ .a = 0xff, .b = SHOW_E8_EBX, .c = 0xf0ff };
	}
	return (struct cpuid_regs){ 0 };
}

#define XEN_VERSION	(4u << 16 | 17)

static struct cpuid_regs time_leaf(const struct domain *d, uint32_t sub)
{
	const struct guest_tsc *t = &d->time.tsc;
	struct cpuid_regs r = { 0 };

	if (sub == 0) {		/* emulated; reliable; RDTSCP there */
		r.a = t->emulated | (uint32_t)cpu_features.invariant_tsc << 1 |
		      (uint32_t)cpu_features.rdtscp << 2;
		r.b = t->mode;
		r.c = d->control ? 0 : t->khz;
		r.d = t->incarnation;
	} else if (sub == 1 && t->emulated) {
		r.c = t->scale.mul;
		r.d = (uint32_t)t->scale.shift;
	} else if (sub == 2) {
		r.a = (uint32_t)(time_tsc_hz() / 1000);
	}
	return r;
}

static struct cpuid_regs hypervisor_leaf(const struct domain *d, uint32_t leaf,
					 uint32_t sub)
{
	struct cpuid_regs r = { 0 };

	switch (leaf) {
	case XEN_CPUID_LEAF(0):
		r.a = XEN_CPUID_LEAF(5);
		r.b = XEN_CPUID_SIGNATURE_EBX;
		r.c = XEN_CPUID_SIGNATURE_ECX;
		r.d = XEN_CPUID_SIGNATURE_EDX;
		break;
	case XEN_CPUID_LEAF(1):
		r.a = XEN_VERSION;
		break;
	case XEN_CPUID_LEAF(2):
		r.a = 1;		/* one hypercall page, by this MSR */
		r.b = 0x40000000;
		r.c = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
		break;
	case XEN_CPUID_LEAF(3):
		return time_leaf(d, sub);
	case XEN_CPUID_LEAF(5):		/* bits of the highest machine address */
		if (!sub)
			r.b = 64 - (uint32_t)__builtin_clzl(max_mfn - 1) + PAGE_SHIFT;
		break;
	}
	return r;
}

static struct cpuid_regs extended_state(uint32_t sub)
{
	struct cpuid_regs r = { 0 };

	if (!cpu_features.xsave || sub > 62 ||
	    (sub > 1 && !(cpu_features.xcr0 >> sub & 1)))
		return r;
	r = cpuid(LAST_BASIC, sub);
	if (sub == 0) {
		r.a = (uint32_t)cpu_features.xcr0;
		r.c = cpu_features.xstate_size;
		r.d = 0;
	} else if (sub == 1) {
		r.a &= 7;		/* XSAVEOPT, XSAVEC, XGETBV(1) */
		r.b = r.c = r.d = 0;
	}
	return r;
}

static struct cpuid_regs hardware_leaf(uint32_t leaf, uint32_t sub)
{
	uint32_t last = leaf >> 31 ? cpu_features.last_extended : cpu_features.last_leaf;
	struct cpuid_regs mask, r = { 0 };

	if (leaf > last)
		return r;
	mask = shown(leaf, sub);
	r = cpuid(leaf, sub);
	r.a &= mask.a;
	r.b &= mask.b;
	r.c &= mask.c;
	r.d &= mask.d;
	return r;
}

struct cpuid_regs emul_cpuid_leaf(const struct domain *d, uint32_t leaf, uint32_t sub)
{
	struct cpuid_regs r;

	if (leaf >> 28 == 4)
		return hypervisor_leaf(d, leaf, sub);
	if (leaf == LAST_BASIC)
		return extended_state(sub);
	r = hardware_leaf(leaf, sub);
	switch (leaf) {
	case 0:
		r.a = MIN(r.a, LAST_BASIC);
		break;
	case 1:
		r.c |= HYPERVISOR;
		if (!cpu_features.intel)
			r.d &= ~SEP;	/* not in 64-bit mode */
		FALLTHROUGH;
	case 0x80000001:
		if (d->control)
			r.d |= MTRR;	/* by platform_op */
		break;
	case 0x80000008:
		r.a |= LINEAR_BITS << 8;
		break;
	}
	return r;
}
