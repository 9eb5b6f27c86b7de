/* SPDX-License-Identifier: MIT */
/* test_control_acpi.c - power-off data out of good and lying ACPI tables.
 */
/* link: hypervisor/base/string.c */
#include "control/acpi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The machine's first megabyte, and no more. */
#define MEMORY	0x100000
#define EBDA	0x9fc00
#define RSDP	(EBDA + 0x20)
#define RSDT	0xe1000
#define FADT	0xe2000
#define DSDT	0xe3000

static uint8_t memory[MEMORY];

const void *acpi_map(uint64_t addr, size_t len)
{
	return addr < MEMORY && len <= MEMORY - addr ? memory + addr : NULL;
}

static void put(uint64_t at, const void *p, size_t n)
{
	memcpy(memory + at, p, n);
}

static void put32(uint64_t at, uint32_t v)
{
	put(at, &v, 4);
}

static void fix_checksum(uint64_t at, size_t n, size_t field)
{
	uint8_t sum = 0;

	memory[at + field] = 0;
	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + memory[at + i]);
	memory[at + field] = (uint8_t)-sum;
}

static void table(uint64_t at, const char *signature, uint32_t length)
{
	put(at, signature, 4);
	put32(at + 4, length);
	fix_checksum(at, length, 9);
}

static const uint8_t s5[] = {
	0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 0x05, 0x01, 0x00, 0x00,
};

static int setup(void **state)
{
	memset(memory, 0, sizeof(memory));
	put(0x40e, &(uint16_t){ EBDA >> 4 }, 2);
	put(RSDP, "RSD PTR ", 8);
	put32(RSDP + 16, RSDT);
	fix_checksum(RSDP, 20, 8);
	put32(RSDT + 36, 0xffffff00);		/* beyond what is mapped */
	put32(RSDT + 40, FADT);
	table(RSDT, "RSDT", 44);
	put32(FADT + 40, DSDT);
	put32(FADT + 48, 0xb2);
	memory[FADT + 52] = 0xf1;
	put32(FADT + 64, 0x604);
	put32(FADT + 112, 1u << 10);
	memory[FADT + 116] = 1;			/* an I/O port */
	put32(FADT + 120, 0xcf9);
	memory[FADT + 128] = 0x0f;
	table(FADT, "FACP", 132);
	put(DSDT + 36 + 20, s5, sizeof(s5));
	table(DSDT, "DSDT", 36 + 64);
	return 0;
}

static void good_tables(void **state)
{
	struct acpi_power p;

	assert_true(acpi_find_power(&p));
	assert_int_equal(p.pm1a, 0x604);
	assert_int_equal(p.pm1b, 0);
	assert_int_equal(p.smi_command, 0xb2);
	assert_int_equal(p.acpi_enable, 0xf1);
	assert_true(p.s5_known);
	assert_int_equal(p.s5_type[0], 5);
	assert_int_equal(p.s5_type[1], 1);
	assert_int_equal(p.reset_port, 0xcf9);
	assert_int_equal(p.reset_value, 0x0f);
}

static void no_tables(void **state)
{
	struct acpi_power p;

	memory[RSDP] = 'X';
	assert_false(acpi_find_power(&p));
	assert_int_equal(p.pm1a, 0);
}

static void found_in_the_bios_area(void **state)
{
	struct acpi_power p;

	put(0xfffe0 - 0x100, memory + RSDP, 36);
	memory[RSDP] = 'X';
	assert_true(acpi_find_power(&p));
}

static void bad_checksums_are_not_believed(void **state)
{
	struct acpi_power p;

	memory[FADT + 64]++;
	assert_false(acpi_find_power(&p));
	setup(state);
	memory[DSDT + 50]++;
	assert_true(acpi_find_power(&p));
	assert_false(p.s5_known);
	setup(state);
	memory[RSDP + 16]++;
	assert_false(acpi_find_power(&p));
}

static void lengths_are_not_believed(void **state)
{
	const uint32_t lies[] = { 0, 35, 0x7fffffff, 0xffffffff, MEMORY };
	struct acpi_power p;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		setup(state);
		put32(RSDT + 4, lies[i]);
		assert_false(acpi_find_power(&p));
		setup(state);
		put32(DSDT + 4, lies[i]);
		assert_true(acpi_find_power(&p));
		assert_false(p.s5_known);
	}
	/* An old, short FADT has no reset register. */
	setup(state);
	table(FADT, "FACP", 116);
	assert_true(acpi_find_power(&p));
	assert_int_equal(p.reset_port, 0);
}

static void packages_end_where_the_table_ends(void **state)
{
	uint8_t type[2];

	assert_false(acpi_find_s5(s5, sizeof(s5), type));	/* no room before it */
	for (size_t n = 0; n < sizeof(s5) + 4; n++) {
		uint8_t *aml = malloc(n + 1);
		uint8_t text[sizeof(s5) + 4] = { 0 };

		memcpy(text + 4, s5, sizeof(s5));
		memcpy(aml, text, n);
		if (acpi_find_s5(aml, n, type))
			assert_true(n >= 15);
		free(aml);
	}
	assert_false(acpi_find_s5(s5, 0, type));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(good_tables, setup),
		cmocka_unit_test_setup(no_tables, setup),
		cmocka_unit_test_setup(found_in_the_bios_area, setup),
		cmocka_unit_test_setup(bad_checksums_are_not_believed, setup),
		cmocka_unit_test_setup(lengths_are_not_believed, setup),
		cmocka_unit_test_setup(packages_end_where_the_table_ends, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
