/* SPDX-License-Identifier: MIT */
/* insn.h - the instructions that the core uses, for a checker without any.
 */
#ifndef PARAVANE_MODEL_INSN_H
#define PARAVANE_MODEL_INSN_H

#include "base/types.h"

static inline void wbinvd(void) { }

static inline uint64_t array_index_nospec(uint64_t i, uint64_t n)
{
	return i < n ? i : 0;
}

/* A compare-and-swap, as each proof means it: model.c, race.c. */
bool model_exchange(uint64_t *at, uint64_t *expected, uint64_t word);

#define __atomic_compare_exchange_n(at, expected, word, weak, good, bad) \
	model_exchange(at, expected, word)

#endif
