/* SPDX-License-Identifier: MIT */
/* hyp_slots.h - our part of a guest's L4.
 */
#ifndef PARAVANE_MM_HYP_SLOTS_H
#define PARAVANE_MM_HYP_SLOTS_H

#include "base/types.h"

/* The hypervisor's own L4; its slots 256-271 are in every guest's. */
extern mfn_t hyp_root;

/* Write slots 256-271 of an L4 that belongs to `owner`'s domain. */
void hyp_slots_fill(uint64_t *l4, uint16_t owner);

#endif
