/* SPDX-License-Identifier: MIT */
/* layout.h - a machine small enough to look at all of its states.
 */
#ifndef PARAVANE_MODEL_LAYOUT_H
#define PARAVANE_MODEL_LAYOUT_H

#include "base/types.h"

/* Frames that have a record, and entries of a table (make says otherwise). */
#ifndef MODEL_FRAMES
#define MODEL_FRAMES	4
#endif
#ifndef PT_ENTRIES
#define PT_ENTRIES	2
#endif

struct frame;
extern struct frame *const frame_table;
extern uint64_t memory[MODEL_FRAMES][PT_ENTRIES];

#define FRAMETABLE_BASE	frame_table
#define DIRECTMAP_BASE	0UL		/* fake/mm/frame.h goes around it */
/* Slot 1 of an L4 is the hypervisor's. */
#define HYP_SLOT_FIRST	1
#define HYP_SLOT_LAST	1

#endif
