/* SPDX-License-Identifier: MIT */
/* frame.h - the records as they are; memory as an array of tables.
 */
#ifndef PARAVANE_MODEL_FRAME_H
#define PARAVANE_MODEL_FRAME_H

#define mfn_to_virt	mfn_to_virt_by_address
#include_next "mm/frame.h"
#undef mfn_to_virt

extern struct frame frames[MODEL_FRAMES];

static inline void *mfn_to_virt(mfn_t m)
{
	return memory[m.n];
}

#endif
