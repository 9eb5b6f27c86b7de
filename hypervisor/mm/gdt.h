/* SPDX-License-Identifier: MIT */
/* gdt.h - descriptor windows, for the files of this room.
 */
#ifndef PARAVANE_MM_GDT_H
#define PARAVANE_MM_GDT_H

#include "base/types.h"

struct vcpu;

/* No page of v's LDT window is mapped any more. PAGE_TABLES lock held. */
void ldt_unmap(struct vcpu *v);

#endif
