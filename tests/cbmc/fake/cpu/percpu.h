/* SPDX-License-Identifier: MIT */
/* percpu.h - a work budget that may end whenever it is asked for.
 *
 * More than any real budget can do; so what holds here holds for every
 * number of units.
 */
#ifndef PARAVANE_MODEL_PERCPU_H
#define PARAVANE_MODEL_PERCPU_H

#include "base/log.h"
#include "base/types.h"
#include "cpu/insn.h"

#define BUDGET_PER_ENTRY	1024

bool model_budget_left(void);

static inline bool budget_left(int units)
{
	(void)units;
	return model_budget_left();
}

#endif
