/* SPDX-License-Identifier: MIT */
/* fpu.h - what the files of this suite share.
 */
#ifndef FPU_H
#define FPU_H

#include "lib.h"

/* What FXSAVE writes; XSAVE's header and the upper halves of YMM follow. */
struct image {
	uint16_t fcw, fsw;
	uint8_t ftw, zero;
	uint16_t fop;
	uint64_t fip, fdp;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t st[8][16], xmm[16][16];
	uint8_t reserved[96];
	uint64_t header[8];
	uint8_t ymm[16][16];
} __attribute__((aligned(64)));

void save(struct image *to);
void load(const struct image *from);
/* An image in which every register has a value of its own. */
struct image pattern(uint8_t seed);
/* Registers and controls of both are equal. */
void want_same(const struct image *a, const struct image *b);

/* XCR0 with AVX: false if the processor has none. Off again by avx_close. */
bool avx_open(void);
void avx_close(void);
void save_avx(struct image *to);
void load_avx(const struct image *from);

void first(void);
void kept(void);
void task_switched(void);
void checks(void);
void two_of_them(void);

#endif
