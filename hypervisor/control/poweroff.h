/* SPDX-License-Identifier: MIT */
/* poweroff.h - the end of the machine.
 */
#ifndef PARAVANE_CONTROL_POWEROFF_H
#define PARAVANE_CONTROL_POWEROFF_H

#include "base/compiler.h"

struct domain;

/* Boot: find out from ACPI how power is switched off and reset done. */
void poweroff_init(void);
/* Firmware memory through the direct map, NULL where it does not reach;
 * boot/ knows. */
const void *acpi_map(uint64_t addr, size_t len);

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

/* The control domain stopped: the machine follows, as its reason says. */
NORETURN void machine_end(const struct domain *d);
NORETURN void machine_power_off(void);

#endif
