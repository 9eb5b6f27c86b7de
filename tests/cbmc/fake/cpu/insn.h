/* SPDX-License-Identifier: MIT */
/* insn.h - the instructions that the core uses, for a checker without any.
 */
#ifndef PARAVANE_MODEL_INSN_H
#define PARAVANE_MODEL_INSN_H

#include "base/types.h"

static inline void wbinvd(void) { }
static inline void clflush(const void *p) { (void)p; }
uint64_t read_cr4(void);
void write_cr4(uint64_t v);
uint64_t read_cr3(void);
void write_cr3(uint64_t v);

static inline uint64_t array_index_nospec(uint64_t i, uint64_t n)
{
	return i < n ? i : 0;
}

/* A compare-and-swap, as each proof means it: model.c, race.c. Others may act
 * before a word is read, and are told of one that was written. */
bool model_exchange(uint64_t *at, uint64_t *expected, uint64_t word);
void model_look(void);
void model_stored(const void *at);

#define __atomic_compare_exchange_n(at, expected, word, weak, good, bad) \
	model_exchange(at, expected, word)
#define __atomic_load_n(at, order)	(model_look(), *(at))
#define __atomic_store_n(at, word, order) (*(at) = (word), model_stored(at))

#endif
