/* SPDX-License-Identifier: MIT */
/* test_emul_decode.c - exactly the listed instructions, and nothing else.
 */
#include "emul/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define D(...) insn_decode((const uint8_t[]){ __VA_ARGS__ }, \
			   sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void is(struct insn i, enum insn_op op, unsigned length)
{
	assert_int_equal(i.op, op);
	assert_int_equal(i.length, length);
}

static void listed(void **state)
{
	is(D(0xfa, 0x90), INSN_CLI, 1);
	is(D(0xfb), INSN_STI, 1);
	is(D(0xf4), INSN_HLT, 1);
	is(D(0x0f, 0x06), INSN_CLTS, 2);
	is(D(0x0f, 0x08), INSN_INVD, 2);
	is(D(0x0f, 0x09), INSN_WBINVD, 2);
	is(D(0x0f, 0x30), INSN_WRMSR, 2);
	is(D(0x0f, 0x31), INSN_RDTSC, 2);
	is(D(0x0f, 0x32), INSN_RDMSR, 2);
	is(D(0x0f, 0xa2), INSN_CPUID, 2);
	is(D(0x0f, 0x01, 0xd1), INSN_XSETBV, 3);
	is(D(0x0f, 0x01, 0xf9), INSN_RDTSCP, 3);
}

static void registers(void **state)
{
	struct insn i = D(0x0f, 0x20, 0xe0);		/* mov %cr4, %rax */

	is(i, INSN_MOV_FROM_CR, 3);
	assert_true(i.reg == 4 && i.gpr == 0);
	i = D(0x41, 0x0f, 0x22, 0xdd);			/* mov %r13, %cr3 */
	is(i, INSN_MOV_TO_CR, 4);
	assert_true(i.reg == 3 && i.gpr == 13);
	i = D(0x44, 0x0f, 0x20, 0xc1);			/* mov %cr8, %rcx */
	is(i, INSN_MOV_FROM_CR, 4);
	assert_true(i.reg == 8 && i.gpr == 1);
	i = D(0x0f, 0x21, 0x3f);			/* the mod bits do not count */
	is(i, INSN_MOV_FROM_DR, 3);
	assert_true(i.reg == 7 && i.gpr == 7);
	i = D(0x0f, 0x23, 0xc6);
	is(i, INSN_MOV_TO_DR, 3);
	assert_true(i.reg == 0 && i.gpr == 6);
}

static void ports(void **state)
{
	struct insn i = D(0xe4, 0x71);			/* inb $0x71 */

	is(i, INSN_IN, 2);
	assert_true(!i.by_dx && i.port == 0x71 && i.bytes == 1);
	i = D(0x66, 0xe7, 0x80);			/* outw $0x80 */
	is(i, INSN_OUT, 3);
	assert_true(i.bytes == 2 && i.port == 0x80);
	i = D(0xed);
	is(i, INSN_IN, 1);
	assert_true(i.by_dx && i.bytes == 4);
	i = D(0x48, 0xef);				/* REX.W makes no 8-byte port */
	is(i, INSN_OUT, 2);
	assert_int_equal(i.bytes, 4);
	i = D(0xf3, 0x66, 0x6d);
	is(i, INSN_INS, 3);
	assert_true(i.rep && i.bytes == 2 && i.address_bytes == 8);
	i = D(0x67, 0x6e);
	is(i, INSN_OUTS, 2);
	assert_true(!i.rep && i.bytes == 1 && i.address_bytes == 4);
}

static void refused(void **state)
{
	assert_int_equal(D(0x90).op, INSN_NONE);
	assert_int_equal(D(0x0f, 0x01, 0xd0).op, INSN_NONE);	/* xgetbv */
	assert_int_equal(D(0x0f, 0x01, 0xf0).op, INSN_NONE);	/* lmsw */
	assert_int_equal(D(0x0f, 0x01, 0x10).op, INSN_NONE);	/* lgdt */
	assert_int_equal(D(0x0f, 0x24, 0xc0).op, INSN_NONE);
	assert_int_equal(D(0xf0, 0xfa).op, INSN_NONE);		/* LOCK */
	assert_int_equal(D(0x48, 0x66, 0xfa).op, INSN_NONE);	/* REX not last */
	assert_int_equal(D(0x64, 0xec).op, INSN_NONE);		/* FS: */
	/* A VEX or REX2 byte is not ours either. */
	assert_int_equal(D(0xc5, 0xf8, 0x77).op, INSN_NONE);
}

/* Cut anywhere, no instruction is seen; longer than 15 bytes neither. */
static void truncated(void **state)
{
	static const uint8_t whole[] = { 0x66, 0x41, 0x0f, 0x22, 0xc0 };
	uint8_t padded[20];

	for (size_t n = 0; n < sizeof(whole); n++)
		assert_int_equal(insn_decode(whole, n).op, INSN_NONE);
	assert_int_equal(insn_decode(whole, sizeof(whole)).op, INSN_MOV_TO_CR);
	memset(padded, 0x66, sizeof(padded));
	padded[14] = 0xfa;
	is(insn_decode(padded, 15), INSN_CLI, 15);
	padded[14] = 0x66;
	padded[15] = 0xfa;
	assert_int_equal(insn_decode(padded, 20).op, INSN_NONE);
}

/* Any bytes at all: never beyond the end, and a length that was there. */
static void at_random(void **state)
{
	srand(1);
	for (unsigned round = 0; round < 200000; round++) {
		size_t n = (size_t)rand() % 16;
		uint8_t *b = malloc(n + 1);	/* its end is watched by malloc's checks */
		struct insn i;

		for (size_t k = 0; k < n; k++)
			b[k] = (uint8_t)(rand() % 3 ? rand() : 0x0f);
		i = insn_decode(b, n);
		assert_true(i.length <= n);
		assert_true(i.op == INSN_NONE || i.length);
		assert_true(i.gpr < 16 && i.reg < 16);
		free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed), cmocka_unit_test(registers), cmocka_unit_test(ports),
		cmocka_unit_test(refused), cmocka_unit_test(truncated),
		cmocka_unit_test(at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
