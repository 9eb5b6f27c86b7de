/* SPDX-License-Identifier: MIT */
/* fuzz_privop.c - the decoder of instructions that are done for a guest.
 *
 * Second opinion: the list of docs and manual written down once more as bytes
 * under masks. What the decoder accepts must be prefixes, perhaps REX, and a
 * row of it to the last byte, and what is such must be accepted. Nothing
 * after the instruction changes it, and no shorter piece of it is one.
 */
/* link: hypervisor/emul/decode.c */
#include "emul/decode.h"

#include <string.h>

#include "check.h"

/* An opcode of up to three bytes; bits outside `mask` may be anything. */
static const struct row {
	uint8_t length, byte[3], mask[3];
	enum insn_op op;
} rows[] = {
	{ 1, { 0xfa }, { 0xff }, INSN_CLI },
	{ 1, { 0xfb }, { 0xff }, INSN_STI },
	{ 1, { 0xf4 }, { 0xff }, INSN_HLT },
	{ 1, { 0x6c }, { 0xfe }, INSN_INS },
	{ 1, { 0x6e }, { 0xfe }, INSN_OUTS },
	{ 2, { 0xe4 }, { 0xfe }, INSN_IN },
	{ 2, { 0xe6 }, { 0xfe }, INSN_OUT },
	{ 1, { 0xec }, { 0xfe }, INSN_IN },
	{ 1, { 0xee }, { 0xfe }, INSN_OUT },
	{ 2, { 0x0f, 0x06 }, { 0xff, 0xff }, INSN_CLTS },
	{ 2, { 0x0f, 0x08 }, { 0xff, 0xff }, INSN_INVD },
	{ 2, { 0x0f, 0x09 }, { 0xff, 0xff }, INSN_WBINVD },
	{ 2, { 0x0f, 0x30 }, { 0xff, 0xff }, INSN_WRMSR },
	{ 2, { 0x0f, 0x31 }, { 0xff, 0xff }, INSN_RDTSC },
	{ 2, { 0x0f, 0x32 }, { 0xff, 0xff }, INSN_RDMSR },
	{ 2, { 0x0f, 0xa2 }, { 0xff, 0xff }, INSN_CPUID },
	{ 3, { 0x0f, 0x01, 0xd1 }, { 0xff, 0xff, 0xff }, INSN_XSETBV },
	{ 3, { 0x0f, 0x01, 0xf9 }, { 0xff, 0xff, 0xff }, INSN_RDTSCP },
	{ 3, { 0x0f, 0x20 }, { 0xff, 0xff }, INSN_MOV_FROM_CR },
	{ 3, { 0x0f, 0x21 }, { 0xff, 0xff }, INSN_MOV_FROM_DR },
	{ 3, { 0x0f, 0x22 }, { 0xff, 0xff }, INSN_MOV_TO_CR },
	{ 3, { 0x0f, 0x23 }, { 0xff, 0xff }, INSN_MOV_TO_DR },
};

/* The instruction at the start of the bytes, its length in *length. */
static enum insn_op second_opinion(const uint8_t *b, size_t n, size_t *length)
{
	size_t at = 0;

	while (at < n && memchr("\x66\x67\xf2\xf3\x2e\x36\x3e\x26", b[at], 8))
		at++;
	if (at < n && b[at] >= 0x40 && b[at] <= 0x4f)
		at++;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		size_t k = 0;

		while (k < r->length && at + k < n && at + k < INSN_MAX_BYTES &&
		       (b[at + k] & r->mask[k]) == r->byte[k])
			k++;
		if (k == r->length) {
			*length = at + k;
			return r->op;
		}
	}
	return INSN_NONE;
}

static int same(const struct insn *a, const struct insn *b)
{
	return a->op == b->op && a->length == b->length && a->bytes == b->bytes &&
	       a->reg == b->reg && a->gpr == b->gpr && a->by_dx == b->by_dx &&
	       a->rep == b->rep && a->port == b->port &&
	       a->address_bytes == b->address_bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);	/* its end is watched */
	struct insn i, again;
	size_t length = 0;

	memcpy(copy, data, size);
	i = insn_decode(copy, size);
	CHECK(i.op == second_opinion(copy, size, &length));
	if (i.op != INSN_NONE) {
		CHECK(i.length == length && length <= INSN_MAX_BYTES);
		CHECK(i.reg < 16 && i.gpr < 16);
		CHECK(i.bytes <= 4 && i.bytes != 3);
		CHECK(i.address_bytes == 4 || i.address_bytes == 8);
		again = insn_decode(copy, length);
		CHECK(same(&i, &again));
		while (length--)
			CHECK(insn_decode(copy, length).op == INSN_NONE);
	}
	free(copy);
	return 0;
}
