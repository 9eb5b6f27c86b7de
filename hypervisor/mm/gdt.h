/* SPDX-License-Identifier: MIT */
/* gdt.h - descriptor windows, for the files of this room.
 */
#ifndef PARAVANE_MM_GDT_H
#define PARAVANE_MM_GDT_H

#include "base/types.h"

struct vcpu;

/* The CPU found no page at `va` of v's LDT window: map it if the guest's
 * page is one of descriptors. */
bool ldt_map_page(struct vcpu *v, uint64_t va);

/* No page of v's LDT window is mapped any more. PAGE_TABLES lock held. */
void ldt_unmap(struct vcpu *v);

#endif
