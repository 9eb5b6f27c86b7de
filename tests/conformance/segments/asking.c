/* SPDX-License-Identifier: MIT */
/* asking.c - LAR, LSL, VERR and VERW: what may be known of a selector. */
#include "segments.h"

static bool lar(uint16_t selector, uint32_t *rights)
{
	bool ok;

	asm("lar %2, %0" : "=r"(*rights), "=@ccz"(ok) : "r"((uint32_t)selector));
	return ok;
}

static bool lsl(uint16_t selector, uint32_t *limit)
{
	bool ok;

	asm("lsl %2, %0" : "=r"(*limit), "=@ccz"(ok) : "r"((uint32_t)selector));
	return ok;
}

static bool verr(uint16_t selector)
{
	bool ok;

	asm("verr %w1" : "=@ccz"(ok) : "r"(selector));
	return ok;
}

static bool verw(uint16_t selector)
{
	bool ok;

	asm("verw %w1" : "=@ccz"(ok) : "r"(selector));
	return ok;
}

void asking(void)
{
	uint32_t v;

	want(describe(8, SEGMENT(DATA)), 0);
	want(describe(9, SEGMENT(0)), 0);
	want(describe(10, SEGMENT(8)), 0);
	want(describe(11, 0), 0);
	rule("LAR and LSL tell of the guest's own segments");
	want_true(lar(SEL(8), &v));
	want(v & 0xfeff00, 0xc0f200);
	want_true(lsl(SEL(8), &v));
	want(v, 0xffffffff);
	want_true(lar(SEL(10), &v));
	want(v & 0xfeff00, 0xa0f800);
	rule("LAR and LSL tell nothing of empty entries, null, and what is beyond the tables");
	want_true(!lar(SEL(11), &v) && !lsl(SEL(11), &v));
	want_true(!lar(0, &v) && !lsl(0, &v));
	want_true(!lar(0xfffb, &v) && !lsl(0xfffb, &v));
	want_true(!lar(SEL_LDT(1), &v) && !lsl(SEL_LDT(1), &v));
	rule("VERR and VERW tell nothing of the hypervisor's segments");
	for (uint16_t s = 0xe003; s < 0xf000; s += 8)
		if (s != FLAT_RING3_CS32 && s != FLAT_RING3_DS32 && s != FLAT_RING3_CS64)
			want_at(!verr(s) && !verw(s), s, 0, "the selector");
	rule("VERR and VERW: data both, read-only data the first, code as it can be read");
	want_true(verr(SEL(8)) && verw(SEL(8)));
	want_true(verr(SEL(9)) && !verw(SEL(9)));
	want_true(!verr(SEL(10)) && !verw(SEL(10)));
	want_true(!verr(SEL(11)) && !verw(SEL(11)));
	want_true(verr(FLAT_RING3_DS32) && verw(FLAT_RING3_DS32));
	want_true(verr(FLAT_RING3_CS64) && !verw(FLAT_RING3_CS64));
	rule("LSL of the flat segments is 4 GiB");
	want_true(lsl(FLAT_RING3_DS32, &v));
	want(v, 0xffffffff);
	want_true(lsl(FLAT_RING3_CS64, &v));
	want(v, 0xffffffff);
}
