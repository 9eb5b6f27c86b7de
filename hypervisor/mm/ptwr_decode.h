/* SPDX-License-Identifier: MIT */
/* ptwr_decode.h - the stores to page tables that we perform for a guest.
 *
 * Pure: bytes and registers in, values out. A closed list: mov, xchg,
 * cmpxchg, xadd, and/or/xor/add, bts/btr/btc, with and without LOCK, to
 * memory, 1 to 8 bytes wide, no FS or GS, 64-bit addresses.
 */
#ifndef PARAVANE_MM_PTWR_DECODE_H
#define PARAVANE_MM_PTWR_DECODE_H

#include "base/types.h"
#include "cpu/frame.h"

enum store_op { STORE_MOV, STORE_XCHG, STORE_CMPXCHG, STORE_XADD, STORE_ADD,
		STORE_OR, STORE_AND, STORE_XOR, STORE_BTS, STORE_BTR, STORE_BTC };

#define STORE_MAX_BYTES	15
#define STORE_NO_REG	0xff
#define STORE_RIP	16

struct store_insn {
	enum store_op op;
	uint8_t size;		/* bytes of the operand: 1, 2, 4, 8 */
	uint8_t length;		/* bytes of the instruction */
	bool immediate;		/* source is `imm`, else register `reg` */
	uint8_t reg;
	bool high_byte;		/* reg is AH, CH, DH or BH (numbered 0-3) */
	uint64_t imm;		/* sign-extended */
	uint8_t base, index, scale;
	int64_t disp;
};

/* 0, or -1 for anything that is not in the list or not complete. */
MUST_CHECK int ptwr_decode(const uint8_t *bytes, size_t n, struct store_insn *out);

/* Where the operand lies. */
uint64_t ptwr_address(const struct store_insn *i, struct cpu_frame *r);
/* Execute on the value in memory: *mem becomes what is to be stored (perhaps
 * the same again), registers and flags become what they are afterwards. */
void ptwr_execute(const struct store_insn *i, struct cpu_frame *r, uint64_t *mem);

#endif
