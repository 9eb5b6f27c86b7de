/* SPDX-License-Identifier: MIT */
/* model.h - a small machine in any state at all, and what must hold of it.
 *
 * Guards: the invariant of docs/page-types.md, as a recount from nothing over
 * MODEL_FRAMES frames with tables of PT_ENTRIES entries. A proof assumes it of
 * an arbitrary machine (invariant(true)), does one operation, and asserts it
 * (invariant(false)): so it holds after any number of operations.
 */
#ifndef MODEL_H
#define MODEL_H

#include "base/errno.h"
#include "cpu/cpus.h"
#include "cpu/tlb.h"
#include "mm/page_type.h"
#include "mm/pt_update.h"
#include "mm/pt_validate.h"

/* The highest level of table there is in this proof. */
#ifndef TOP
#define TOP	PT_L2
#endif
#define GUEST	OWNER_FIRST
#define OTHER	(OWNER_FIRST + 1)
#define NOBODY	MODEL_FRAMES

/* The latest time a record's stamp can be of. */
static inline uint64_t stamped(uint64_t use)
{
	return tlb_clock - (uint16_t)(tlb_clock - use_stamp(use));
}

/* What holds references besides tables: held by others than the operation. */
struct holders {
	uint8_t refs[MODEL_FRAMES];	/* grants, calls under way */
	uint8_t writers[MODEL_FRAMES];	/* grants: the type as well */
	uint8_t roots[MODEL_FRAMES];	/* vCPUs' roots: validated */
	unsigned dropping;		/* a vCPU's half-dropped table, or NOBODY */
};

extern struct holders holders;
/* A CPU may remember a translation made while the frame was in its last use. */
extern bool stale[MODEL_FRAMES];

/* Nothing is known of the machine but that it could be. */
void any_machine(void);
/* Assume that it is sound, or assert it. */
void invariant(bool assume);
/* What an operation may have done to frames' uses, against stale[]. */
void check_changes_of_use(void);

bool any_bool(void);
/* Any frame will do: they differ in nothing but their state, so the one an
 * operation is done on may be the first. */
#define ANY	0u
uint64_t any_word(void);

#endif
