/* SPDX-License-Identifier: MIT */
/* features.c - reading CPUID once, setting up control registers.
 *
 * Guards: SMEP, SMAP, NX, write protection and the ABI's PAT are on from
 * here where the CPU has them; a guest can change none of them.
 */
#include "cpu/features.h"

#include <public/xen.h>

#include "cpu/bits.h"
#include "cpu/cpu.h"
#include "cpu/insn.h"

extern char syscall_stub[], syscall32_stub[];	/* entry/entry.S */

#define MSR_SYSENTER_CS		0x174
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SFMASK		0xc0000084
#define EFER_SCE		0x1UL
#define EFER_NX			0x800UL
/* AC NT IOPL DF IF TF RF VM: clear while we run. */
#define SYSCALL_FLAGS_CLEARED	0x77700UL

AFTER_BOOT_RO struct cpu_features cpu_features;

/* x87, SSE, AVX and AVX-512: what XSAVE keeps for a guest. */
#define XCR0_WANTED		0xe7UL

static void detect_xsave(struct cpu_features *f)
{
	struct cpuid_regs r = cpuid(0xd, 0);

	f->xcr0 = ((uint64_t)r.d << 32 | r.a) & XCR0_WANTED;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	__asm__ volatile("xsetbv" :: "c"(0), "a"((uint32_t)f->xcr0),
			 "d"((uint32_t)(f->xcr0 >> 32)));
	f->xstate_size = cpuid(0xd, 0).b;
	if (f->xstate_size > PAGE_SIZE) {
		/* More than our one frame holds: go without the largest part. */
		f->xcr0 &= 7;
		__asm__ volatile("xsetbv" :: "c"(0), "a"((uint32_t)f->xcr0), "d"(0));
		f->xstate_size = cpuid(0xd, 0).b;
	}
}

static void detect(struct cpu_features *f)
{
	struct cpuid_regs one = cpuid(1, 0), seven = { 0 }, ext = { 0 }, power = { 0 };
	uint32_t max = cpuid(0, 0).a, max_ext = cpuid(0x80000000, 0).a;

	f->last_leaf = max;
	f->last_extended = max_ext;
	f->intel = cpuid(0, 0).b == 0x756e6547;		/* "Genu" */
	if (max >= 7)
		seven = cpuid(7, 0);
	if (max_ext >= 0x80000001)
		ext = cpuid(0x80000001, 0);
	if (max_ext >= 0x80000007)
		power = cpuid(0x80000007, 0);
	f->phys_bits = max_ext >= 0x80000008 ? cpuid(0x80000008, 0).a & 0xff : 36;
	f->nx = ext.d & (1u << 20);
	if (f->nx)			/* the tables that come next use it */
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NX);
	f->rdtscp = ext.d & (1u << 27);
	f->invariant_tsc = power.d & (1u << 8);
	f->pge = one.d & (1u << 13);
	f->smep = seven.b & (1u << 7);
	f->smap = seven.b & (1u << 20);
	f->fsgsbase = seven.b & (1u << 0);
	f->xsave = (one.c & (1u << 26)) && max >= 0xd;
	f->xcr0 = 3;
	f->xstate_size = 512;
	if (f->xsave)
		detect_xsave(f);
	f->cr4 = CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT |
		 (f->pge ? CR4_PGE : 0) | (f->fsgsbase ? CR4_FSGSBASE : 0) |
		 (f->xsave ? CR4_OSXSAVE : 0) | (f->smep ? CR4_SMEP : 0) |
		 (f->smap ? CR4_SMAP : 0);
}

INIT void cpu_detect(void)
{
	detect(&cpu_features);
}

INIT const char *cpu_lacks(void)
{
	struct cpu_features mine = { 0 };

	detect(&mine);
	cpu_features.invariant_tsc &= mine.invariant_tsc;
#define LACKS(field)	if (cpu_features.field && !mine.field) return "it lacks " #field
	LACKS(nx);
	LACKS(smep);
	LACKS(smap);
	LACKS(pge);
	LACKS(xsave);
	LACKS(fsgsbase);
	LACKS(rdtscp);
#undef LACKS
	if (cpu_features.xcr0 & ~mine.xcr0 || cpu_features.xstate_size != mine.xstate_size)
		return "its extended state is another";
	if (mine.phys_bits < cpu_features.phys_bits)
		return "its addresses are narrower";
	return NULL;
}

void cpu_setup(void)
{
	const struct cpu_features *f = &cpu_features;
	uint64_t block = (uint64_t)this_cpu() & ~(CPU_BLOCK_SIZE - 1);

	write_cr0(CR0_SETTING);
	write_cr4(f->cr4);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_PAT, PAT_OF_THE_ABI);
	wrmsr(MSR_SYSENTER_CS, 0);		/* #GP, whatever the firmware left there */
	wrmsr(MSR_STAR, (uint64_t)FLAT_RING3_CS32 << 48 | (uint64_t)HYPERVISOR_CS << 32);
	wrmsr(MSR_LSTAR, block);		/* page 0 of the block has the stubs */
	wrmsr(MSR_CSTAR, block + (uint64_t)(syscall32_stub - syscall_stub));
	wrmsr(MSR_SFMASK, SYSCALL_FLAGS_CLEARED);
}
