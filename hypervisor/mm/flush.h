/* SPDX-License-Identifier: MIT */
/* flush.h - flushes that a guest asks for.
 */
#ifndef PARAVANE_MM_FLUSH_H
#define PARAVANE_MM_FLUSH_H

#include "mm/tlb.h"

struct vcpu;

/* A mask of vCPUs at guest address `mask` can be read: 0 or -EFAULT. With
 * one CPU the caller's is the only one that remembers anything of its
 * domain: a vCPU that comes to run starts with an empty TLB. */
MUST_CHECK int flush_mask_check(struct vcpu *v, uint64_t mask);

#endif
