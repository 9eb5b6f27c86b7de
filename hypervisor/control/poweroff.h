/* SPDX-License-Identifier: MIT */
/* poweroff.h - the end of the machine.
 */
#ifndef PARAVANE_CONTROL_POWEROFF_H
#define PARAVANE_CONTROL_POWEROFF_H

#include "base/compiler.h"

struct domain;

/* Boot: find out from ACPI how power is switched off and reset done. */
void poweroff_init(void);
/* The control domain stopped: the machine follows, as its reason says. */
NORETURN void machine_end(const struct domain *d);
NORETURN void machine_power_off(void);

#endif
