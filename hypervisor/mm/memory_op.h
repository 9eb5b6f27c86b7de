/* SPDX-License-Identifier: MIT */
/* memory_op.h - the sub-calls of memory_op, among its files.
 */
#ifndef PARAVANE_MM_MEMORY_OP_H
#define PARAVANE_MM_MEMORY_OP_H

#include "cpu/frame.h"

struct vcpu;

/* A long sub-call keeps its progress above the command. */
#define MEMOP_EXTENT_SHIFT	6
#define MEMOP_CMD_MASK		((1u << MEMOP_EXTENT_SHIFT) - 1)
/* Largest extents. Those of most domains are got and given back in one entry,
 * larger ones in pieces. */
#define MEMOP_MAX_ORDER_CONTROL	9
#define MEMOP_MAX_ORDER		4

long memory_exchange(struct vcpu *v, uint64_t arg);
long memory_acquire_resource(struct vcpu *v, struct hcall *c);
/* What is known about a domain's memory, and the machine's; and sub-calls that
 * no PV domain has any use of. */
long memory_other(struct vcpu *v, uint64_t arg, unsigned cmd);

#endif
