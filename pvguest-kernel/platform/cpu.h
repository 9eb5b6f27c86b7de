/* SPDX-License-Identifier: MIT */
/* cpu.h - what all platforms ask of the processor directly, and switch.S. */
#ifndef KERNEL_PLATFORM_CPU_H
#define KERNEL_PLATFORM_CPU_H

#include "core/types.h"

void cpu_init(void);		/* first thing: features that page tables need */
void fpu_init(void);		/* once traps work */

/* Extended state (x87, SSE, AVX, whatever XCR0 holds), saved eagerly at every
 * switch of threads, so that it is never another thread's. */
size_t fpu_size(void);
void *fpu_alloc(void) MUST_CHECK;	/* in the state a new program expects */
void fpu_free(void *area);
void fpu_save(void *area);
/* False, and nothing loaded, if it is not a valid state (a signal frame's). */
bool fpu_restore(const void *area);
void fpu_reset(void *area);

static inline void cpuid(uint32_t leaf, uint32_t sub, uint32_t out[4])
{
	asm volatile("cpuid" : "=a" (out[0]), "=b" (out[1]), "=c" (out[2]), "=d" (out[3])
			     : "a" (leaf), "c" (sub));
}

/* switch.S */
void stack_switch_to(void **save, void *next);
size_t raw_copy(void *dst, const void *src, size_t n);
size_t raw_clear(void *dst, size_t n);
int raw_cr4_set(uint64_t bits);
int raw_xsetbv(uint64_t mask);
int raw_xrstor(const void *area, uint64_t mask);
int raw_fxrstor(const void *area);

struct exception_row {
	uint64_t at, go_on;
};
extern const struct exception_row exception_table[], exception_table_end[];

#endif
