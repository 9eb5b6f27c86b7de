/* SPDX-License-Identifier: MIT */
/* acpi.h - what firmware's tables say of the machine.
 */
#ifndef PARAVANE_CONTROL_ACPI_H
#define PARAVANE_CONTROL_ACPI_H

#include "base/types.h"
#include "cpu/apic.h"

/* Firmware memory through the direct map, NULL where it does not reach;
 * boot/ knows. */
const void *acpi_map(uint64_t addr, size_t len);

struct acpi_table {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision, creator, creator_revision;
} PACKED;
_Static_assert(sizeof(struct acpi_table) == 36, "fixed by ACPI");

/* The first whole table of that name, or NULL. */
const struct acpi_table *acpi_find(const char signature[4]);

/* --- acpi.c: power. Ports are 0 where there is none. ------------------------- */
struct acpi_power {
	uint16_t pm1a, pm1b;		/* control registers */
	uint16_t smi_command;		/* where acpi_enable goes, if not enabled yet */
	uint8_t acpi_enable;
	bool s5_known;
	uint8_t s5_type[2];		/* SLP_TYP for pm1a, pm1b */
	uint16_t reset_port;
	uint8_t reset_value;
};

/* False when there are no tables to be found; *out is zero then. */
bool acpi_find_power(struct acpi_power *out);
/* For the host's tests: the sleep types of `_S5_` in a DSDT's code. */
bool acpi_find_s5(const uint8_t *aml, size_t length, uint8_t type[2]);

/* --- acpi_madt.c: processors and interrupt controllers ------------------------ */
struct acpi_processors {
	uint32_t apic_id[MAX_CPUS];	/* of each that may be started, once */
	unsigned cpus;
	unsigned left_out;		/* more than we have room for */
	uint64_t ioapic;		/* machine address of the one with the ISA lines */
	struct isa_line isa[ISA_LINES];
};

/* Always fills *out, with what every PC has where the table says nothing;
 * false when there is no table. */
bool acpi_find_processors(struct acpi_processors *out);

#endif
