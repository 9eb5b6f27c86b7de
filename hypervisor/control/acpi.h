/* SPDX-License-Identifier: MIT */
/* acpi.h - what ACPI says about power.
 */
#ifndef PARAVANE_CONTROL_ACPI_H
#define PARAVANE_CONTROL_ACPI_H

#include "base/compiler.h"

/* Ports are 0 where there is none. */
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

#endif
