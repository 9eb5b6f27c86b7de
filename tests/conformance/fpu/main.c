/* SPDX-License-Identifier: MIT */
/* fpu - x87, SSE and AVX registers: what they are at the start, and that
 * nothing but the guest's own instructions changes them.
 */
#include "fpu.h"

const char suite_name[] = "fpu";

void save(struct image *to)
{
	asm volatile("fxsave64 %0" : "=m"(*to) : : "memory");
}

void load(const struct image *from)
{
	asm volatile("fxrstor64 %0" : : "m"(*from) : "memory");
}

void save_avx(struct image *to)
{
	memset(to, 0, sizeof(*to));
	asm volatile("xsave64 %0" : "+m"(*to) : "a"(7), "d"(0) : "memory");
}

void load_avx(const struct image *from)
{
	asm volatile("xrstor64 %0" : : "m"(*from), "a"(7), "d"(0) : "memory");
}

struct image pattern(uint8_t seed)
{
	struct image i;

	memset(&i, 0, sizeof(i));
	i.fcw = 0x0f7f;			/* rounds to zero */
	i.fsw = 0x3800;			/* the top is register 7 */
	i.ftw = 0xff;			/* all in use */
	i.mxcsr = 0x7f80;		/* rounds to zero */
	for (unsigned int n = 0; n < 8; n++) {
		memset(i.st[n], seed + (int)n, 7);
		i.st[n][7] = 0x80;	/* a normal number */
		i.st[n][8] = 0xff;
		i.st[n][9] = 0x3f;
	}
	for (unsigned int n = 0; n < 16; n++) {
		memset(i.xmm[n], seed + 0x40 + (int)n, 16);
		memset(i.ymm[n], seed + 0x60 + (int)n, 16);
	}
	i.header[0] = 7;
	return i;
}

void want_same(const struct image *a, const struct image *b)
{
	want(a->fcw, b->fcw);
	want(a->fsw, b->fsw);
	want(a->ftw, b->ftw);
	want(a->mxcsr, b->mxcsr);
	for (unsigned int n = 0; n < 8; n++)
		want_at(!memcmp(a->st[n], b->st[n], 10), n, 0, "the x87 register");
	for (unsigned int n = 0; n < 16; n++)
		want_at(!memcmp(a->xmm[n], b->xmm[n], 16), n, 0, "the SSE register");
}

static void xsetbv(uint32_t v)
{
	asm volatile("xsetbv" : : "a"(v), "d"(0), "c"(0));
}

static void set_cr4_bit(unsigned int bit, bool on)
{
	uint64_t cr4;

	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	cr4 = on ? cr4 | 1ul << bit : cr4 & ~(1ul << bit);
	asm volatile("mov %0, %%cr4" : : "r"(cr4));
}

bool avx_open(void)
{
	uint32_t a = 13, b, c = 0, d;

	asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2"
		     : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if ((a & 7) != 7)
		return false;
	set_cr4_bit(18, true);
	xsetbv(7);
	return true;
}

void avx_close(void)
{
	xsetbv(3);
	set_cr4_bit(18, false);
}

void suite_main(void)
{
	first();
	rule("user mode has a page table of its own");
	want(user_open(), 0);
	kept();
	task_switched();
	checks();
	two_of_them();
}
