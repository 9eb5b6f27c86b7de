/* SPDX-License-Identifier: MIT */
/* test_mm_ptwr_decode.c - our execution of a store against the processor's.
 *
 * Each instruction of the list is executed by the machine that runs this
 * test, on random values, and by ptwr_execute(); memory, registers and flags
 * must agree. Random bytes are decoded too: never more than there are.
 */
#include "mm/ptwr_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#define FLAGS	0x8d5UL		/* OF SF ZF AF PF CF */

/* operand at [rdi], register operand rcx/ecx/cx/cl (or ch), accumulator rax */
struct sample {
	uint8_t bytes[12];
	uint8_t length, size;
	unsigned long undefined;	/* flags the processor may set as it likes */
};

#define LOGIC	0x10UL			/* AF */
#define BITS	0x8d4UL			/* all but CF */

static const struct sample samples[] = {
	{ { 0x48, 0x89, 0x0f }, 3, 8, 0 },		/* mov [rdi], rcx */
	{ { 0x89, 0x0f }, 2, 4, 0 },
	{ { 0x66, 0x89, 0x0f }, 3, 2, 0 },
	{ { 0x88, 0x0f }, 2, 1, 0 },
	{ { 0x88, 0x2f }, 2, 1, 0 },			/* mov [rdi], ch */
	{ { 0x40, 0x88, 0x0f }, 3, 1, 0 },
	{ { 0x48, 0xc7, 0x07, 0xf6, 0xff, 0xff, 0xff }, 7, 8, 0 },
	{ { 0xc7, 0x07, 1, 2, 3, 4 }, 6, 4, 0 },
	{ { 0x66, 0xc7, 0x07, 1, 2 }, 5, 2, 0 },
	{ { 0xc6, 0x07, 0x80 }, 3, 1, 0 },
	{ { 0x48, 0x87, 0x0f }, 3, 8, 0 },		/* xchg */
	{ { 0x87, 0x0f }, 2, 4, 0 },
	{ { 0x86, 0x2f }, 2, 1, 0 },
	{ { 0xf0, 0x48, 0x0f, 0xb1, 0x0f }, 5, 8, 0 },	/* lock cmpxchg */
	{ { 0x0f, 0xb1, 0x0f }, 3, 4, 0 },
	{ { 0x66, 0x0f, 0xb1, 0x0f }, 4, 2, 0 },
	{ { 0x0f, 0xb0, 0x0f }, 3, 1, 0 },
	{ { 0xf0, 0x48, 0x0f, 0xc1, 0x0f }, 5, 8, 0 },	/* lock xadd */
	{ { 0x0f, 0xc1, 0x0f }, 3, 4, 0 },
	{ { 0x0f, 0xc0, 0x2f }, 3, 1, 0 },
	{ { 0xf0, 0x80, 0x27, 0xfd }, 4, 1, LOGIC },	/* lock andb */
	{ { 0x48, 0x81, 0x27, 1, 2, 3, 0xf4 }, 7, 8, LOGIC },
	{ { 0x83, 0x0f, 0x80 }, 3, 4, LOGIC },		/* or */
	{ { 0x66, 0x83, 0x37, 0x55 }, 4, 2, LOGIC },	/* xor */
	{ { 0x48, 0x83, 0x07, 0xff }, 4, 8, 0 },	/* add */
	{ { 0x66, 0x81, 0x07, 0xff, 0x7f }, 5, 2, 0 },
	{ { 0x48, 0x01, 0x0f }, 3, 8, 0 },
	{ { 0x00, 0x2f }, 2, 1, 0 },
	{ { 0x48, 0x09, 0x0f }, 3, 8, LOGIC },
	{ { 0x20, 0x0f }, 2, 1, LOGIC },
	{ { 0x31, 0x0f }, 2, 4, LOGIC },
	{ { 0xf0, 0x48, 0x0f, 0xba, 0x2f, 0x3f }, 6, 8, BITS },	/* lock bts 63 */
	{ { 0x48, 0x0f, 0xba, 0x37, 0x01 }, 5, 8, BITS },	/* btr */
	{ { 0x0f, 0xba, 0x3f, 0x25 }, 4, 4, BITS },	/* btc, 37 mod 32 */
	{ { 0x66, 0x0f, 0xba, 0x2f, 0x09 }, 5, 2, BITS },
};

/* The code page: mov of registers and flags around one instruction. */
static uint8_t *code;

typedef void (*run_fn)(uint64_t *mem, uint64_t *rcx, uint64_t *rax, uint64_t *flags);

static void emit(const struct sample *s)
{
	static const uint8_t before[] = {
		0x53, 0x55, 0x49, 0x89, 0xf0,		/* push rbx, rbp; mov r8, rsi */
		0x49, 0x89, 0xd1, 0x49, 0x89, 0xca,	/* mov r9, rdx; mov r10, rcx */
		0x49, 0x8b, 0x08, 0x49, 0x8b, 0x01,	/* mov rcx, [r8]; mov rax, [r9] */
		0x41, 0xff, 0x32, 0x9d,			/* push [r10]; popf */
	};
	static const uint8_t after[] = {
		0x9c, 0x41, 0x8f, 0x02,			/* pushf; pop [r10] */
		0x49, 0x89, 0x08, 0x49, 0x89, 0x01,	/* mov [r8], rcx; mov [r9], rax */
		0x5d, 0x5b, 0xc3,
	};
	uint8_t *p = code;

	memcpy(p, before, sizeof(before));
	p += sizeof(before);
	memcpy(p, s->bytes, s->length);
	p += s->length;
	memcpy(p, after, sizeof(after));
}

static uint64_t any64(void)
{
	uint64_t v = (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();

	switch (rand() % 6) {
	case 0: return 0;
	case 1: return ~0UL;
	case 2: return v & 0xff;
	}
	return v;
}

static void check_sample(const struct sample *s)
{
	struct store_insn insn;
	struct cpu_frame r;
	uint64_t mem, rcx, rax, flags, ours;

	emit(s);
	assert_int_equal(ptwr_decode(s->bytes, s->length, &insn), 0);
	assert_int_equal(insn.length, s->length);
	assert_int_equal(insn.size, s->size);
	for (int i = 0; i < 300; i++) {
		mem = any64();
		rcx = any64();
		rax = rand() & 1 ? mem : any64();
		flags = 2 | (any64() & FLAGS);
		memset(&r, 0x5a, sizeof(r));
		*frame_gpr(&r, 0) = rax;
		*frame_gpr(&r, 1) = rcx;
		*frame_gpr(&r, 7) = (uint64_t)&mem;
		r.rflags = flags;
		assert_int_equal(ptwr_address(&insn, &r), (uint64_t)&mem);
		ours = mem;
		ptwr_execute(&insn, &r, &ours);
		if (s->size < 8)	/* the rest of memory is not the store's */
			ours |= mem & ~((1UL << s->size * 8) - 1);
		((run_fn)code)(&mem, &rcx, &rax, &flags);
		assert_int_equal(ours, mem);
		assert_int_equal(*frame_gpr(&r, 1), rcx);
		assert_int_equal(*frame_gpr(&r, 0), rax);
		assert_int_equal(r.rflags & FLAGS & ~s->undefined,
				 flags & FLAGS & ~s->undefined);
	}
}

static void stores_agree_with_the_processor(void **state)
{
	code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(code != MAP_FAILED);
	srand(3);
	for (unsigned i = 0; i < ARRAY_SIZE(samples); i++)
		check_sample(&samples[i]);
}

static void addresses_are_computed_as_the_processor_does(void **state)
{
	struct cpu_frame r = { .rip = 0x1000 };
	struct store_insn i;

	for (unsigned n = 0; n < 16; n++)
		*frame_gpr(&r, n) = 0x100000UL * (n + 1);
	/* mov [rsi + rcx*8 + 0x10], rax */
	assert_int_equal(ptwr_decode((uint8_t[]){ 0x48, 0x89, 0x44, 0xce, 0x10 }, 5, &i), 0);
	assert_int_equal(ptwr_address(&i, &r), 0x700000 + 0x200000 * 8 + 0x10);
	/* mov [r12 - 8], rax */
	assert_int_equal(ptwr_decode((uint8_t[]){ 0x49, 0x89, 0x44, 0x24, 0xf8 }, 5, &i), 0);
	assert_int_equal(ptwr_address(&i, &r), 0xd00000 - 8);
	/* mov [rip + 0x20], rax */
	assert_int_equal(ptwr_decode((uint8_t[]){ 0x48, 0x89, 5, 0x20, 0, 0, 0 }, 7, &i), 0);
	assert_int_equal(ptwr_address(&i, &r), 0x1000 + 7 + 0x20);
	/* mov [0xffffffff80001000], rax */
	assert_int_equal(ptwr_decode((uint8_t[]){ 0x48, 0x89, 4, 0x25, 0, 0x10, 0, 0x80 }, 8, &i), 0);
	assert_int_equal(ptwr_address(&i, &r), 0xffffffff80001000UL);
	/* mov [rbp + r13*2 + 4], rax */
	assert_int_equal(ptwr_decode((uint8_t[]){ 0x4a, 0x89, 0x44, 0x6d, 4 }, 5, &i), 0);
	assert_int_equal(ptwr_address(&i, &r), 0x600000 + 0xe00000 * 2 + 4);
	/* bts [rdi], rcx: bit -1 is in the word before */
	*frame_gpr(&r, 1) = ~0UL;
	assert_int_equal(ptwr_decode((uint8_t[]){ 0x48, 0x0f, 0xab, 0x0f }, 4, &i), 0);
	assert_int_equal(ptwr_address(&i, &r), 0x800000 - 8);
}

static void what_is_not_in_the_list_is_refused(void **state)
{
	static const uint8_t bad[][4] = {
		{ 0x48, 0x89, 0xc8 },		/* register to register */
		{ 0x64, 0x89, 0x0f },		/* FS */
		{ 0x65, 0x89, 0x0f },		/* GS */
		{ 0x67, 0x89, 0x0f },		/* 32-bit address */
		{ 0xf3, 0x48, 0xab },		/* rep stos */
		{ 0xf0, 0x89, 0x0f },		/* lock mov */
		{ 0x0f, 0xc7, 0x0f },		/* cmpxchg8b */
		{ 0x0f, 0x11, 0x07 },		/* movups */
		{ 0x8b, 0x0f },			/* a load */
		{ 0x48, 0x66, 0x89, 0x0f },	/* prefix after REX */
		{ 0x28, 0x0f },			/* sub is not in the list */
		{ 0xff, 0x07 },			/* inc neither */
		{ 0x0f, 0xba, 0x27, 1 },	/* bt stores nothing */
		{ 0xc6, 0x0f, 1 },
	};
	struct store_insn i;

	for (unsigned n = 0; n < ARRAY_SIZE(bad); n++)
		assert_int_equal(ptwr_decode(bad[n], 4, &i), -1);
}

static void short_and_random_bytes_do_no_harm(void **state)
{
	uint8_t *end = (uint8_t *)mmap(NULL, 8192, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 4096;
	struct store_insn i;

	assert_int_equal(mprotect(end, 4096, PROT_NONE), 0);
	for (unsigned s = 0; s < ARRAY_SIZE(samples); s++)
		for (unsigned n = 0; n < samples[s].length; n++) {
			memcpy(end - n, samples[s].bytes, n);
			assert_int_equal(ptwr_decode(end - n, n, &i), -1);
		}
	srand(9);
	for (int round = 0; round < 200000; round++) {
		unsigned n = (unsigned)rand() % 16;

		for (unsigned k = 0; k < n; k++)
			end[-1 - (int)k] = (uint8_t)rand();
		if (!ptwr_decode(end - n, n, &i))
			assert_in_range(i.length, 2, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stores_agree_with_the_processor),
		cmocka_unit_test(addresses_are_computed_as_the_processor_does),
		cmocka_unit_test(what_is_not_in_the_list_is_refused),
		cmocka_unit_test(short_and_random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
