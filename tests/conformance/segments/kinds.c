/* SPDX-License-Identifier: MIT */
/* kinds.c - all sixteen types of segments, and what is no segment. */
#include "segments.h"

struct kind { const char *rule; bool data, stack, code; };

static const struct kind rows[16] = {
	{ "type 0, read-only data: for DS", true, false, false },
	{ "type 1, read-only data, used: for DS", true, false, false },
	{ "type 2, data: for DS and SS", true, true, false },
	{ "type 3, data, used: for DS and SS", true, true, false },
	{ "type 4, read-only data downwards: for DS", true, false, false },
	{ "type 5, read-only data downwards, used: for DS", true, false, false },
	{ "type 6, data downwards: for DS and SS", true, true, false },
	{ "type 7, data downwards, used: for DS and SS", true, true, false },
	{ "type 8, code that cannot be read: for CS", false, false, true },
	{ "type 9, code that cannot be read, used: for CS", false, false, true },
	{ "type 10, code: for CS and DS", true, false, true },
	{ "type 11, code, used: for CS and DS", true, false, true },
	{ "type 12, conforming code that cannot be read: for CS", false, false, true },
	{ "type 13, conforming code that cannot be read, used: for CS", false, false, true },
	{ "type 14, conforming code: for CS and DS", true, false, true },
	{ "type 15, conforming code, used: for CS and DS", true, false, true },
};

static void want_load(enum into reg, bool allowed)
{
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		want(load(mode, reg, SEL(4)), allowed ? -1 : 13);
		if (!allowed)
			want(trapped.error, SEL(4) & ~3);
	}
}

static void each_type(void)
{
	for (unsigned int type = 0; type < 16; type++) {
		rule(rows[type].rule);
		want(describe(4, SEGMENT(type)), 0);
		want_load(DS, rows[type].data);
		want_load(ES, rows[type].data);
		want_load(FS, rows[type].data);
		want_load(GS, rows[type].data);
		want_load(SS, rows[type].stack);
		want_load(CS, rows[type].code);
		want(described(4) | 1ul << 40, (long)(SEGMENT(type) | 1ul << 40));
	}
}

static void absent(void)
{
	rule("a segment that is not present is #NP with its selector, #SS for SS");
	want(describe(4, SEGMENT(DATA) & ~(1ul << 47)), 0);
	for (enum into reg = DS; reg <= GS; reg++) {
		want(load(USER, reg, SEL(4)), 11);
		want(trapped.error, SEL(4) & ~3);
	}
	want(load(USER, SS, SEL(4)), 12);
	want(trapped.error, SEL(4) & ~3);
	want(describe(4, SEGMENT(CODE) & ~(1ul << 47)), 0);
	want(load(KERNEL, CS, SEL(4)), 11);
	want(trapped.error, SEL(4) & ~3);
	rule("an empty entry is #GP with its selector in every register");
	want(describe(4, 0), 0);
	for (enum into reg = DS; reg < INTOS; reg++) {
		want(load(KERNEL, reg, SEL(4)), 13);
		want(trapped.error, SEL(4) & ~3);
	}
}

static void null(void)
{
	rule("null selectors of any RPL can be loaded into DS, ES, FS and GS");
	for (enum mode mode = KERNEL; mode <= USER; mode++)
		for (enum into reg = DS; reg <= GS; reg++)
			for (uint16_t rpl = 0; rpl < 4; rpl++)
				want(load(mode, reg, rpl), -1);
	rule("a null selector in CS or SS is #GP(0)");
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		want(load(mode, CS, 3), 13);
		want(trapped.error, 0);
		want(load(mode, SS, 3), 13);
		want(trapped.error, 0);
	}
}

static void privilege(void)
{
	want(describe(4, SEGMENT(DATA)), 0);
	want(describe(5, SEGMENT(CODE)), 0);
	rule("RPL below 3 will do for data, not for SS and CS");
	for (uint16_t rpl = 0; rpl < 3; rpl++) {
		want(load(KERNEL, DS, 4 << 3 | rpl), -1);
		want(load(KERNEL, SS, 4 << 3 | rpl), 13);
		want(trapped.error, 4 << 3);
		want(load(KERNEL, CS, 5 << 3 | rpl), 13);
		want(trapped.error, 5 << 3);
	}
	rule("the flat segments: DS and SS take the data one, CS both code ones");
	want(load(USER, DS, FLAT_USER_DS32), -1);
	want(load(USER, SS, FLAT_USER_SS64), -1);
	want(load(USER, CS, FLAT_USER_CS64), -1);
	want(load(USER, SS, FLAT_USER_CS64), 13);
	want(load(USER, CS, FLAT_USER_DS32), 13);
	rule("the hypervisor's segments are #GP with their selectors in every register");
	for (enum into reg = DS; reg < INTOS; reg++)
		for (uint16_t sel = 0xe00b; sel <= 0xe01b; sel += 8) {
			want(load(USER, reg, sel), 13);
			want(trapped.error, sel & ~3);
		}
}

static void gates(void)
{
	static const uint8_t types[] = { 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15 };

	rule("system descriptors but call gates are EINVAL, of any privilege");
	for (unsigned int i = 0; i < sizeof(types); i++)
		for (uint64_t dpl = 0; dpl < 4; dpl++)
			want(describe(4, 1ul << 47 | dpl << 45 | (uint64_t)types[i] << 40),
			     -XEN_EINVAL);
	rule("a call gate can be installed and not be used: #GP with its selector");
	want(describe(5, SEGMENT(CODE)), 0);
	want(describe(4, 0x0000ec00002b0000), 0);
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		want(load(mode, CS, SEL(4)), 13);
		want(trapped.error, SEL(4) & ~3);
		want(load(mode, DS, SEL(4)), 13);
		want(trapped.error, SEL(4) & ~3);
	}
}

void kinds(void)
{
	each_type();
	absent();
	null();
	privilege();
	gates();
}
