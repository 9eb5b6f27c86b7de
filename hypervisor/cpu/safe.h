/* SPDX-License-Identifier: MIT */
/* safe.h - instructions that may fault on a value a guest chose.
 *
 * Each has a row in the exception table (entry/safe.S): a fault becomes
 * -EFAULT here instead of a panic.
 */
#ifndef PARAVANE_CPU_SAFE_H
#define PARAVANE_CPU_SAFE_H

#include "base/compiler.h"

MUST_CHECK int safe_rdmsr(uint32_t msr, uint64_t *value);
/* The access rights of what a selector names; 0: nothing that can be read. */
uint32_t safe_lar(uint16_t sel);
/* Load a selector; a refused one leaves 0 in the register. */
MUST_CHECK int safe_load_ds(uint16_t sel);
MUST_CHECK int safe_load_es(uint16_t sel);
MUST_CHECK int safe_load_fs(uint16_t sel);
/* Loads the *user* GS selector: swapgs, mov, swapgs. */
MUST_CHECK int safe_load_gs_user(uint16_t sel);
/* Loads the GS selector of the mode in use (base follows the descriptor). */
MUST_CHECK int safe_load_gs(uint16_t sel);
MUST_CHECK int safe_xsetbv(uint32_t index, uint64_t value);
/* XRSTOR/FXRSTOR from an area whose content a guest supplied. */
MUST_CHECK int safe_xrstor(const void *area, uint64_t mask);
MUST_CHECK int safe_fxrstor(const void *area);

#endif
