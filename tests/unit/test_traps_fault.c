/* SPDX-License-Identifier: MIT */
/* test_traps_fault.c - faults of our own: tried again, an error, or the end.
 */
#include "traps/traps.h"

#include "console/console.h"
#include "mm/mm.h"
#include "time/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COPY		0x1000		/* an instruction with a row */
#define FIXUP		0x2000

/* The table as the linker script makes it: one row. */
__asm__(".pushsection .rodata\n"
	".globl extable_start, extable_end\n"
	"extable_start: .quad 0x1000, 0x2000\n"
	"extable_end:\n"
	".popsection\n");

static struct vcpu vcpu, idle;
static uint64_t cr2, flushed;
static bool permitted, walked_write, walked_user;
static jmp_buf dead;

uint64_t read_cr2(void) { return cr2; }
void invlpg(uint64_t va) { flushed = va; }
void trap_interrupt(unsigned vector) { }
void interrupt_nmi(const struct cpu_frame *f, bool from_guest) { }
void log_registers(const struct cpu_frame *f) { }
bool mm_fixup_ldt(struct vcpu *v, uint64_t va) { return permitted; }
void panic(const char *fmt, ...) { longjmp(dead, 1); }

bool mm_walk_permits(uint64_t va, bool write, bool user_root)
{
	walked_write = write;
	walked_user = user_root;
	return permitted;
}

static int setup(void **state)
{
	vcpu = (struct vcpu){ .kernel_mode = true };
	this_cpu()->current = &vcpu;
	this_cpu()->idle = &idle;
	cr2 = 0x7000;
	flushed = 0;
	permitted = true;
	return 0;
}

/* Where the hypervisor goes on after a page fault at `rip`. */
static uint64_t page_fault(uint64_t rip, uint32_t error)
{
	struct cpu_frame f = { .vector = TRAP_PF, .error = error, .rip = rip };

	trap_from_hypervisor(&f);
	return f.rip;
}

/* Rule: what the tables permit is tried again, however often the guest lets
 * the CPU remember less than they say. */
static void a_spurious_fault_is_tried_again(void **state)
{
	for (unsigned i = 0; i < 5; i++) {
		flushed = 0;
		assert_int_equal(page_fault(COPY, PF_PRESENT | PF_WRITE), COPY);
		assert_int_equal(flushed, cr2);
		assert_true(walked_write);
		assert_false(walked_user);
	}
	vcpu.kernel_mode = false;
	assert_int_equal(page_fault(COPY, 0), COPY);
	assert_false(walked_write);
	assert_true(walked_user);
}

static void what_the_tables_forbid_is_an_error(void **state)
{
	permitted = false;
	assert_int_equal(page_fault(COPY, PF_PRESENT | PF_WRITE), FIXUP);
	permitted = true;
	/* a walk of ours does not know which bits are reserved */
	assert_int_equal(page_fault(COPY, PF_PRESENT | PF_RESERVED), FIXUP);
	this_cpu()->current = &idle;
	assert_int_equal(page_fault(COPY, 0), FIXUP);
	assert_int_equal(flushed, 0);
}

static void the_descriptor_window_is_mms(void **state)
{
	cr2 = LDT_WINDOW(3);
	assert_int_equal(page_fault(COPY, 0), COPY);
	permitted = false;
	assert_int_equal(page_fault(COPY, 0), FIXUP);
}

static void without_a_row_it_is_the_end(void **state)
{
	if (setjmp(dead))
		return;
	page_fault(COPY + 1, 0);
	fail();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_spurious_fault_is_tried_again, setup),
		cmocka_unit_test_setup(what_the_tables_forbid_is_an_error, setup),
		cmocka_unit_test_setup(the_descriptor_window_is_mms, setup),
		cmocka_unit_test_setup(without_a_row_it_is_the_end, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
