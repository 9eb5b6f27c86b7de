/* SPDX-License-Identifier: MIT */
/* cpu.c - processor features and extended state.
 *
 * User programs choose their instructions by CPUID and XCR0, so the kernel
 * switches on what it can save, and saves all that is on.
 */
#include "platform/cpu.h"

#include "lib/string.h"
#include "mm/page.h"
#include "mm/pte.h"

#define XSTATE_OFFERED 0xe7ul	/* x87, SSE, AVX, AVX-512: no supervisor tricks */
#define CPUID1_ECX_XSAVE (1u << 26)
#define CR4_OSXSAVE (1ul << 18)
#define FXSAVE_SIZE 512
#define MXCSR_OFFSET 24
#define DEFAULT_FCW 0x37f
#define DEFAULT_MXCSR 0x1f80

uint64_t pte_nx;

static uint64_t xstate_mask;	/* 0: FXSAVE only */
static size_t state_size = FXSAVE_SIZE;
static unsigned state_order;

static void enable_xsave(void)
{
	uint32_t r[4];
	uint64_t mask;

	cpuid(1, 0, r);
	if (!(r[2] & CPUID1_ECX_XSAVE) || raw_cr4_set(CR4_OSXSAVE))
		return;
	cpuid(0xd, 0, r);
	mask = (r[0] | (uint64_t)r[3] << 32) & XSTATE_OFFERED;
	if (raw_xsetbv(mask)) {
		mask = 3;
		if (raw_xsetbv(mask))
			return;
	}
	cpuid(0xd, 0, r);
	xstate_mask = mask;
	state_size = r[1];
}

void cpu_init(void)
{
	uint32_t r[4];

	cpuid(0x80000001, 0, r);
	if (r[3] & (1u << 20))
		pte_nx = PTE_NX;
}

void fpu_init(void)
{
	enable_xsave();
	while ((PAGE_SIZE << state_order) < state_size)
		state_order++;
}

size_t fpu_size(void)
{
	return state_size;
}

void fpu_reset(void *area)
{
	memset(area, 0, state_size);
	*(uint16_t *)area = DEFAULT_FCW;
	*(uint32_t *)((char *)area + MXCSR_OFFSET) = DEFAULT_MXCSR;
}

void *fpu_alloc(void)
{
	struct page *p = page_alloc(state_order);

	if (!p)
		return NULL;
	fpu_reset(page_virt(p));
	return page_virt(p);
}

void fpu_free(void *area)
{
	if (area)
		page_put(virt_page(area));
}

void fpu_save(void *area)
{
	if (xstate_mask)
		asm volatile("xsave64 (%0)" : : "r" (area), "a" ((uint32_t)xstate_mask),
			     "d" ((uint32_t)(xstate_mask >> 32)) : "memory");
	else
		asm volatile("fxsave64 (%0)" : : "r" (area) : "memory");
}

/* The processor itself is the judge: it refuses reserved bits. */
bool fpu_restore(const void *area)
{
	return (xstate_mask ? raw_xrstor(area, xstate_mask) : raw_fxrstor(area)) == 0;
}
