/* SPDX-License-Identifier: MIT */
/* decode.c - see decode.h.
 *
 * Guards: a byte sequence that is not exactly an instruction of the list is
 * INSN_NONE, so that it stays the fault it was.
 */
#include "emul/decode.h"

struct cursor { const uint8_t *p, *end; };

static bool next(struct cursor *c, uint8_t *b)
{
	if (c->p == c->end)
		return false;
	*b = *c->p++;
	return true;
}

/* MOV to and from control and debug registers: always register form. */
static void decode_mov_special(struct cursor *c, struct insn *i, uint8_t opcode, uint8_t rex)
{
	static const enum insn_op op[4] = {
		INSN_MOV_FROM_CR, INSN_MOV_FROM_DR, INSN_MOV_TO_CR, INSN_MOV_TO_DR
	};
	uint8_t modrm;

	if (!next(c, &modrm))
		return;
	i->op = op[opcode & 3];
	i->reg = (uint8_t)(((modrm >> 3) & 7) | (rex & 4 ? 8 : 0));
	i->gpr = (uint8_t)((modrm & 7) | (rex & 1 ? 8 : 0));
}

/* 0F 01: by the whole second byte. */
static void decode_group7(struct cursor *c, struct insn *i)
{
	uint8_t modrm;

	if (!next(c, &modrm))
		return;
	if (modrm == 0xd1)
		i->op = INSN_XSETBV;
	else if (modrm == 0xf9)
		i->op = INSN_RDTSCP;
}

static void decode_two_byte(struct cursor *c, struct insn *i, uint8_t rex)
{
	uint8_t b;

	if (!next(c, &b))
		return;
	switch (b) {
	case 0x01: decode_group7(c, i); break;
	case 0x06: i->op = INSN_CLTS; break;
	case 0x08: i->op = INSN_INVD; break;
	case 0x09: i->op = INSN_WBINVD; break;
	case 0x20: case 0x21: case 0x22: case 0x23:
		decode_mov_special(c, i, b, rex);
		break;
	case 0x30: i->op = INSN_WRMSR; break;
	case 0x31: i->op = INSN_RDTSC; break;
	case 0x32: i->op = INSN_RDMSR; break;
	case 0xa2: i->op = INSN_CPUID; break;
	}
}

struct insn insn_decode(const uint8_t *bytes, size_t n)
{
	struct cursor c = { bytes, bytes + (n < INSN_MAX_BYTES ? n : INSN_MAX_BYTES) };
	struct insn i = { .op = INSN_NONE, .address_bytes = 8 };
	uint8_t rex = 0, word = 4, b;

	for (;;) {
		if (!next(&c, &b))
			return i;
		if (b == 0x66)
			word = 2;
		else if (b == 0x67)
			i.address_bytes = 4;
		else if (b == 0xf3 || b == 0xf2)
			i.rep = true;
		else if (b != 0x2e && b != 0x36 && b != 0x3e && b != 0x26)
			break;
	}
	if ((b & 0xf0) == 0x40) {
		rex = b;
		if (!next(&c, &b))
			return i;
	}
	switch (b) {
	case 0x0f:
		decode_two_byte(&c, &i, rex);
		break;
	case 0x6c: case 0x6d:
		i.op = INSN_INS;
		i.bytes = b & 1 ? word : 1;
		break;
	case 0x6e: case 0x6f:
		i.op = INSN_OUTS;
		i.bytes = b & 1 ? word : 1;
		break;
	case 0xe4: case 0xe5: case 0xe6: case 0xe7:
		if (!next(&c, &i.port))
			return i;
		i.op = b & 2 ? INSN_OUT : INSN_IN;
		i.bytes = b & 1 ? word : 1;
		break;
	case 0xec: case 0xed: case 0xee: case 0xef:
		i.by_dx = true;
		i.op = b & 2 ? INSN_OUT : INSN_IN;
		i.bytes = b & 1 ? word : 1;
		break;
	case 0xf4: i.op = INSN_HLT; break;
	case 0xfa: i.op = INSN_CLI; break;
	case 0xfb: i.op = INSN_STI; break;
	}
	i.length = (uint8_t)(c.p - bytes);
	return i;
}
