/* SPDX-License-Identifier: MIT */
/* test_cpu_features.c - the registers that decide where a guest enters.
 */
#include "cpu/features.h"
#include "cpu/percpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define SYSENTER_CS	0x174
#define EFER		0xc0000080
#define STAR		0xc0000081
#define LSTAR		0xc0000082
#define CSTAR		0xc0000083
#define SFMASK		0xc0000084

/* entry/entry.S: the second stub lies behind the first, so many bytes on. */
#define SECOND		64
char syscall_stub[2 * SECOND];
__asm__(".globl syscall32_stub; .set syscall32_stub, syscall_stub + 64");

static struct { uint32_t msr; uint64_t value; } registers[] = {
	/* what a firmware might have left there */
	{ SYSENTER_CS, 0x10 }, { EFER, 0x500 }, { STAR, 1 }, { LSTAR, 1 },
	{ CSTAR, 1 }, { SFMASK, 0 },
};

static uint64_t *find(uint32_t msr)
{
	for (unsigned i = 0; i < ARRAY_SIZE(registers); i++)
		if (registers[i].msr == msr)
			return &registers[i].value;
	return NULL;
}

uint64_t rdmsr(uint32_t msr)
{
	return *find(msr);
}

void wrmsr(uint32_t msr, uint64_t v)
{
	uint64_t *r = find(msr);

	if (r)
		*r = v;
}

/* Rule: SYSCALL enters at our stub with the flags cleared that would hurt us;
 * SYSENTER, which a guest may execute as well, leads nowhere. */
static void the_ways_in(void **state)
{
	uint64_t block = (uint64_t)this_cpu() & ~(CPU_BLOCK_SIZE - 1);

	cpu_setup();
	assert_int_equal(*find(SYSENTER_CS), 0);
	assert_int_equal(*find(EFER), 0x501);
	assert_int_equal(*find(STAR) >> 32 & 0xffff, HYPERVISOR_CS);
	assert_int_equal(*find(STAR) >> 48, 0xe023);
	assert_true(*find(LSTAR) == block);
	assert_true(*find(CSTAR) == block + SECOND);
	/* AC, NT, IOPL, DF, IF, TF */
	assert_int_equal(~*find(SFMASK) & 0x47700, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ways_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
