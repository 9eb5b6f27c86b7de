/* SPDX-License-Identifier: MIT */
/* decode.h - the closed list of instructions that are done for a guest.
 *
 * Pure: bytes in, meaning out; compiles on the host for tests and fuzzing.
 */
#ifndef PARAVANE_EMUL_DECODE_H
#define PARAVANE_EMUL_DECODE_H

#include "base/compiler.h"

enum insn_op {
	INSN_NONE,		/* not on the list */
	INSN_IN, INSN_OUT,	/* port: `port` or DX */
	INSN_INS, INSN_OUTS,	/* one element, or REP */
	INSN_CLI, INSN_STI, INSN_CLTS, INSN_WBINVD, INSN_INVD,
	INSN_MOV_FROM_CR, INSN_MOV_TO_CR, INSN_MOV_FROM_DR, INSN_MOV_TO_DR,
	INSN_RDMSR, INSN_WRMSR, INSN_RDTSC, INSN_RDTSCP, INSN_CPUID,
	INSN_XSETBV, INSN_HLT,
};

struct insn {
	enum insn_op op;
	uint8_t length;
	uint8_t bytes;		/* operand size of port accesses: 1, 2, 4 */
	uint8_t reg;		/* control or debug register number */
	uint8_t gpr;		/* general register, 0..15 */
	bool by_dx;		/* port in DX, else `port` */
	bool rep;
	uint8_t port;
	uint8_t address_bytes;	/* 4 or 8: INS, OUTS */
};

#define INSN_MAX_BYTES	15

/* Decodes at most n bytes; op is INSN_NONE if they do not begin with an
 * instruction of the list or end inside it. */
struct insn insn_decode(const uint8_t *bytes, size_t n);

#endif
