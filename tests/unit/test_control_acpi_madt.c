/* SPDX-License-Identifier: MIT */
/* test_control_acpi_madt.c - processors out of good, odd and lying MADTs.
 *
 * The table is handed out by a fake acpi_find() in memory of just its stated
 * length, so that a read beyond it is a fault of the test (valgrind, or the
 * guard page behind it).
 */
/* link: hypervisor/control/acpi_madt.c hypervisor/base/string.c */
#include "control/acpi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#define HEADER	44
#define PAGE	4096

/* The table ends where a page begins that nobody may read. */
static uint8_t *page, *table;
static uint8_t body[PAGE];
static size_t used;
static bool absent;

const struct acpi_table *acpi_find(const char signature[4])
{
	assert_memory_equal(signature, "APIC", 4);
	return absent ? NULL : (const struct acpi_table *)table;
}

static void seal(size_t length)
{
	table = page + PAGE - length;
	memset(table, 0, length < HEADER ? length : HEADER);
	memcpy(table, "APIC", 4);
	memcpy(table + 4, &(uint32_t){ (uint32_t)length }, 4);
	if (length > HEADER)
		memcpy(table + HEADER, body, length - HEADER);
}

static void add(const void *entry, size_t n)
{
	memcpy(body + used, entry, n);
	used += n;
}

static void cpu(uint8_t id, uint32_t flags)
{
	add((uint8_t[]){ 0, 8, id, id, (uint8_t)flags, 0, 0, 0 }, 8);
}

static void x2cpu(uint32_t id, uint32_t flags)
{
	uint32_t e[4] = { 9 | 16 << 8, id, flags, id };

	add(e, sizeof(e));
}

static void ioapic(uint32_t address, uint32_t first)
{
	uint32_t e[3] = { 1 | 12 << 8, address, first };

	add(e, sizeof(e));
}

static void override(uint8_t bus, uint8_t irq, uint32_t gsi, uint16_t flags)
{
	uint8_t e[10] = { 2, 10, bus, irq };

	memcpy(e + 4, &gsi, 4);
	memcpy(e + 8, &flags, 2);
	add(e, sizeof(e));
}

static int setup(void **state)
{
	if (!page) {
		page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		mprotect(page + PAGE, PAGE, PROT_NONE);
	}
	used = 0;
	absent = false;
	return 0;
}

/* As QEMU writes it. */
static void usual(void)
{
	for (uint8_t i = 0; i < 4; i++)
		cpu(i, 1);
	ioapic(0xfec00000, 0);
	override(0, 0, 2, 0);
	override(0, 5, 5, 0xd);
	override(0, 9, 9, 0xf);
	seal(HEADER + used);
}

static void good(void **state)
{
	struct acpi_processors p;

	usual();
	assert_true(acpi_find_processors(&p));
	assert_int_equal(p.cpus, 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(p.apic_id[i], i);
	assert_int_equal(p.left_out, 0);
	assert_int_equal(p.ioapic, 0xfec00000);
	assert_int_equal(p.isa[0].pin, 2);
	assert_int_equal(p.isa[4].pin, 4);
	assert_false(p.isa[4].low || p.isa[4].level);
	assert_true(!p.isa[5].low && p.isa[5].level);
	assert_true(p.isa[9].low && p.isa[9].level);
}

/* Rule: without a table there is what every PC has. */
static void none(void **state)
{
	struct acpi_processors p;

	absent = true;
	assert_false(acpi_find_processors(&p));
	assert_int_equal(p.cpus, 0);
	assert_int_equal(p.ioapic, 0xfec00000);
	assert_int_equal(p.isa[0].pin, 0);
	assert_int_equal(p.isa[4].pin, 4);
	absent = false;
	seal(36);			/* a header and nothing else */
	acpi_find_processors(&p);
	assert_int_equal(p.cpus, 0);
}

/* Rule: who is listed as both kinds, or twice, counts once; who is disabled or
 * has no id, not at all. */
static void odd_lists(void **state)
{
	struct acpi_processors p;

	cpu(0, 1);
	cpu(2, 0);			/* absent */
	cpu(3, 2);			/* might be plugged in */
	cpu(0xff, 1);			/* nobody */
	cpu(4, 1);
	x2cpu(4, 1);
	x2cpu(0x12345, 1);
	x2cpu(0x12345, 1);
	x2cpu(0xffffffff, 1);
	x2cpu(9, 0);
	seal(HEADER + used);
	assert_true(acpi_find_processors(&p));
	assert_int_equal(p.cpus, 3);
	assert_int_equal(p.apic_id[0], 0);
	assert_int_equal(p.apic_id[1], 4);
	assert_int_equal(p.apic_id[2], 0x12345);
}

/* Rule: more than we have room for are counted, not stored. */
static void too_many(void **state)
{
	struct acpi_processors p;

	for (uint32_t i = 0; i < 100; i++)
		x2cpu(i, 1);
	seal(HEADER + used);
	assert_true(acpi_find_processors(&p));
	assert_int_equal(p.cpus, MAX_CPUS);
	assert_int_equal(p.left_out, 100 - MAX_CPUS);
	assert_int_equal(p.apic_id[MAX_CPUS - 1], MAX_CPUS - 1);
}

/* Rule: the ISA lines are at the I/O APIC with the lowest numbers, wherever it
 * stands in the list. */
static void several_ioapics(void **state)
{
	struct acpi_processors p;

	ioapic(0xfec20000, 48);
	override(0, 4, 20, 0);
	ioapic(0xfec10000, 16);
	ioapic(0xfec30000, 72);
	seal(HEADER + used);
	assert_true(acpi_find_processors(&p));
	assert_int_equal(p.ioapic, 0xfec10000);
	assert_int_equal(p.isa[4].pin, 4);
}

/* Rule: overrides of other buses and of lines beyond ISA's are not ours. */
static void foreign_overrides(void **state)
{
	struct acpi_processors p;

	ioapic(0xfec00000, 0);
	override(1, 4, 30, 0xf);
	override(0, 16, 31, 0xf);
	override(0, 0xff, 32, 0xf);
	seal(HEADER + used);
	assert_true(acpi_find_processors(&p));
	for (unsigned i = 0; i < ISA_LINES; i++) {
		assert_int_equal(p.isa[i].pin, i);
		assert_false(p.isa[i].low || p.isa[i].level);
	}
}

/* Rule: wherever the table ends, nothing behind it is read, and what lies
 * whole before its end counts. */
static void cut_anywhere(void **state)
{
	struct acpi_processors p;

	usual();
	for (size_t n = 36; n <= HEADER + used; n++) {
		seal(n);
		acpi_find_processors(&p);
		assert_int_equal(p.cpus, n < HEADER ? 0 : MIN((n - HEADER) / 8, 4u));
	}
}

/* Rule: an entry's length is believed only where it makes sense; whatever any
 * byte says, the walk ends, inside the table. */
static void every_byte_lies(void **state)
{
	const uint8_t lies[] = { 0, 1, 2, 7, 9, 0x7f, 0x80, 0xff };
	struct acpi_processors p;

	usual();
	for (size_t at = 0; at < used; at++) {
		uint8_t was = body[at];

		for (size_t i = 0; i < sizeof(lies); i++) {
			body[at] = lies[i];
			seal(HEADER + used);
			assert_true(acpi_find_processors(&p));
			assert_true(p.cpus <= MAX_CPUS);
		}
		body[at] = was;
	}
}

static void random_tables(void **state)
{
	struct acpi_processors p;

	srand(4);
	for (int n = 0; n < 20000; n++) {
		size_t length = HEADER + (size_t)rand() % 600;

		for (size_t i = 0; i < length - HEADER; i++)
			body[i] = (uint8_t)(rand() % 3 ? rand() % 17 : rand());
		seal(length);
		acpi_find_processors(&p);
		assert_true(p.cpus <= MAX_CPUS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(good, setup),
		cmocka_unit_test_setup(none, setup),
		cmocka_unit_test_setup(odd_lists, setup),
		cmocka_unit_test_setup(too_many, setup),
		cmocka_unit_test_setup(several_ioapics, setup),
		cmocka_unit_test_setup(foreign_overrides, setup),
		cmocka_unit_test_setup(cut_anywhere, setup),
		cmocka_unit_test_setup(every_byte_lies, setup),
		cmocka_unit_test_setup(random_tables, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
