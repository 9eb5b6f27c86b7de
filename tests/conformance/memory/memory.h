/* SPDX-License-Identifier: MIT */
/* memory.h - what the files of this suite share. */
#ifndef CONFORMANCE_MEMORY_H
#define CONFORMANCE_MEMORY_H

#include <xen/memory.h>

#include "events.h"

#define op(cmd, arg)	call(memory_op, XENMEM_##cmd, arg)
/* Progress above the command, as a continuation has it. */
#define op_at(cmd, n, arg) call(memory_op, XENMEM_##cmd | (n) << 6, arg)

unsigned long pfn_of(const void *va);
volatile unsigned long *m2p(unsigned long mfn);
/* The frame of the L1 that maps va. */
unsigned long l1_frame(const void *va);
long frames_now(void);
struct xen_memory_reservation reservation(unsigned long *list, unsigned long n);
void unmap(const void *va);

void exchanges(void);
void info(void);
void reservations(void);

#endif
