/* SPDX-License-Identifier: MIT */
/* test_emul_debugreg.c - whose debug registers the machine has.
 */
#include "cpu/bits.h"
#include "emul/emul.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DR6_NOTHING	0xffff0ff0UL
#define DR7_NOTHING	0x400UL

static uint64_t machine[8];
static struct vcpu armed, plain;

uint64_t read_dr(unsigned n) { return machine[n]; }
void write_dr(unsigned n, uint64_t v) { machine[n] = v; }

static int setup(void **state)
{
	memset(machine, 0, sizeof(machine));
	armed = (struct vcpu){
		.emul = { .dr = { 0x1000, 0x2000, 0x3000, 0x4000 },
			  .dr6 = DR6_NOTHING | 0xf, .dr7 = DR7_NOTHING | 0xff },
	};
	plain = (struct vcpu){ .emul = { .dr6 = DR6_NOTHING, .dr7 = DR7_NOTHING } };
	return 0;
}

/* Rule: a vCPU with breakpoints finds all that it set. */
static void own_are_loaded(void **state)
{
	emul_load_debug(&armed);
	assert_memory_equal(machine, armed.emul.dr, sizeof(armed.emul.dr));
	assert_int_equal(machine[6], armed.emul.dr6);
	assert_int_equal(machine[7], armed.emul.dr7);
}

/* Rule: one without finds nobody's, and its step reports no other's. */
static void others_are_gone(void **state)
{
	emul_load_debug(&armed);
	emul_load_debug(&plain);
	assert_int_equal(machine[7], DR7_NOTHING);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(machine[i], 0);
	machine[6] |= 1UL << 14;	/* as the CPU says of a step */
	emul_debug_trap(&plain);
	assert_int_equal(plain.emul.dr6, DR6_NOTHING | 1UL << 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(own_are_loaded, setup),
		cmocka_unit_test_setup(others_are_gone, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
