/* SPDX-License-Identifier: MIT */
/* fpu.c - extended state, switched eagerly.
 *
 * Guards: no guest computes with, or sees, another's x87, SSE or AVX
 * registers: all state that the machine has enabled is saved and loaded at
 * every switch between vCPUs, whatever the guest says about CR0.TS. So are
 * the few other registers that user code reads without a trap.
 * Invariant: the area is one frame, zero where the CPU did not write, so
 * XRSTOR of our own content cannot fault; a context from outside is
 * sanitised first.
 */
#include "base/string.h"
#include "cpu/bits.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/safe.h"
#include "emul/emul.h"

#define FCW_RESET	0x037f
#define MXCSR_RESET	0x1f80
#define MXCSR_MASK	0xffffU
#define XSAVE_HEADER	512

/* The legacy area's fields that matter here. */
struct fxsave {
	uint16_t fcw, fsw;
	uint8_t ftw, zero;
	uint16_t fop;
	uint64_t fip, fdp;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t registers[480];
};
_Static_assert(sizeof(struct fxsave) == 512, "as the CPU writes it");

void emul_save_xstate(struct vcpu *v)
{
	uint32_t low = (uint32_t)cpu_features.xcr0, high = (uint32_t)(cpu_features.xcr0 >> 32);

	if (v->emul.cr0_ts)
		clts();
	if (unlikely(v->emul.tsc_aux))
		wrmsr(MSR_TSC_AUX, 0);
	if (!cpu_features.xsave) {
		__asm__ volatile("fxsave64 (%0)" :: "r"(v->emul.xstate) : "memory");
		return;
	}
	if (v->emul.xcr0 != cpu_features.xcr0)
		BUG_ON(safe_xsetbv(0, cpu_features.xcr0));
	__asm__ volatile("xsave64 (%0)" :: "r"(v->emul.xstate), "a"(low), "d"(high) : "memory");
}

void emul_load_xstate(struct vcpu *v)
{
	/* AMD's restore leaves pointers of the last x87 instruction alone. */
	if (!cpu_features.intel)
		__asm__ volatile("fninit");
	if (cpu_features.xsave)
		BUG_ON(safe_xrstor(v->emul.xstate, cpu_features.xcr0));
	else
		BUG_ON(safe_fxrstor(v->emul.xstate));
	if (cpu_features.xsave && v->emul.xcr0 != cpu_features.xcr0)
		BUG_ON(safe_xsetbv(0, v->emul.xcr0));
	if (v->emul.cr0_ts)
		write_cr0(read_cr0() | CR0_TS);
	if (unlikely(v->emul.tsc_aux))
		wrmsr(MSR_TSC_AUX, v->emul.tsc_aux);
	emul_load_cr4(v);
}

void emul_set_fpu(struct vcpu *v, const void *image)
{
	struct fxsave *f = v->emul.xstate;
	uint64_t *header = (uint64_t *)((char *)v->emul.xstate + XSAVE_HEADER);

	memset(v->emul.xstate, 0, PAGE_SIZE);
	if (image) {
		memcpy(f, image, sizeof(*f));
		f->mxcsr &= MXCSR_MASK;
		f->mxcsr_mask = 0;
	} else {
		f->fcw = FCW_RESET;
		f->mxcsr = MXCSR_RESET;
	}
	header[0] = 3;		/* x87 and SSE come from the area, the rest is reset */
}

void emul_get_fpu(const struct vcpu *v, void *image)
{
	memcpy(image, v->emul.xstate, sizeof(struct fxsave));
}

void emul_set_cr0_ts(struct vcpu *v, bool on)
{
	v->emul.cr0_ts = on;
	if (v != current())
		return;
	if (on)
		write_cr0(read_cr0() | CR0_TS);
	else
		clts();
}
