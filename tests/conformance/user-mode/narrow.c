/* SPDX-License-Identifier: MIT */
/* narrow.c - 32-bit code in either mode: its frames, and the way back. */
#include "user.h"

static const uint8_t code[] = {
	0x0f, 0x0b,				/*  0: ud2 */
	0xcc,					/*  2: int3 */
	0xcd, 0x80,				/*  3: int $0x80 */
	0xf4,					/*  5: hlt */
	0xa1, 0x00, 0x50, 0x00, 0x00,		/*  6: mov 0x5000, %eax */
	0xce, 0x0f, 0x0b,			/* 11: into; ud2 */
	0x40, 0x0f, 0x0b,			/* 14: inc %eax; ud2 */
	0x60, 0x0f, 0x0b,			/* 17: pusha; ud2 */
	0x9a, 0, 0, 0, 0, 0x33, 0xe0,		/* 20: call far $0xe033, $0 */
	0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2, 0x0f, 0x0b,	/* 27: forced CPUID */
};

static struct frame at(enum mode mode, unsigned int offset)
{
	struct frame f = state_in(mode, (void *)(LOW + offset));

	f.cs = FLAT_USER_CS32 & ~3;
	f.cs |= mode == USER ? 3 : 0;
	f.rsp = LOW + 0x800;
	run_from(&f);
	return f;
}

static const struct { const char *rule; uint8_t at, vector, rip; long error; } rows[] = {
	{ "UD2 of 32-bit code is #UD", 0, 6, 0, -1 },
	{ "INT3 of 32-bit code is #BP", 2, 3, 3, -1 },
	{ "INT 80 of 32-bit code enters its gate", 3, 0x80, 5, -1 },
	{ "HLT of 32-bit code is #GP(0)", 5, 13, 5, 0 },
	{ "a load from nowhere of 32-bit code is #PF", 6, 14, 6, 0 },
};

static void entries(enum mode mode)
{
	uint16_t cs = (FLAT_USER_CS32 & ~3) | (mode == USER ? 3 : 0);

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame f;

		rule_in(mode, rows[i].rule);
		f = at(mode, rows[i].at);
		want(pushed.entry, rows[i].vector);
		want(trapped.rip - LOW, rows[i].rip);
		want(trapped.cs & 0xffff, cs);
		want(trapped.rsp, (long)f.rsp);
		want(trapped.rbx & 0xffffffff, (long)(f.rbx & 0xffffffff));
		want(error_pushed(), rows[i].error >= 0);
		if (rows[i].vector == 14) {
			want(trapped.error, mode == USER ? 4 : 0);
			want(trapped_cr2, NOWHERE);
		}
	}
}

static void is_narrow(void)
{
	struct frame f;

	rule("32-bit code has the instructions that 64-bit code has not");
	f = at(USER, 14);
	want(trapped.rip, (long)LOW + 15);
	want(trapped.rax & 0xffffffff, (long)((f.rax + 1) & 0xffffffff));
	at(USER, 17);
	want(trapped.rip, (long)LOW + 18);
	want(trapped.rsp, (long)LOW + 0x800 - 32);
	rule("32-bit user code may call into the flat 64-bit segment");
	at(USER, 20);
	want(pushed.entry, 14);
	want(trapped.rip, 0);
	want(trapped.cs & 0xffff, FLAT_USER_CS);
	rule("CPUID with the prefix is for 32-bit users too");
	at(USER, 27);
	want(pushed.entry, 6);
	want(trapped.rip, (long)LOW + 34);
}

void narrow(void)
{
	memcpy(low_page, code, sizeof(code));
	entries(KERNEL);
	entries(USER);
	is_narrow();
}
