/* SPDX-License-Identifier: MIT */
/* traps.h - what the files of this suite share.
 */
#ifndef TRAPS_H
#define TRAPS_H

#include "lib.h"

#define NO_ERROR	(-1L)

/* A byte that only the kernel maps, and a page that nobody does. */
extern uint8_t *const kernel_only;
#define NOWHERE		0x5000ul

void exceptions(void);
void page_faults(void);
void frames(void);
void flags(void);
void gates(void);
void trap_table(void);
void handlers(void);

#endif
