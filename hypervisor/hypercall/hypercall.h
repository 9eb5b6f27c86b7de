/* SPDX-License-Identifier: MIT */
/* hypercall.h - the numbered gate.
 *
 * Every call is a row of abi/hypercalls.def; the gate checks who may call
 * and hands the argument registers to a front `hc_NAME`. A front returns
 * the guest's RAX, or -ERESTART after writing its progress into c->arg: the
 * gate then winds the instruction pointer back and the guest calls again.
 * Nothing else writes c->arg.
 */
#ifndef PARAVANE_HYPERCALL_HYPERCALL_H
#define PARAVANE_HYPERCALL_HYPERCALL_H

#include "cpu/frame.h"

struct vcpu;

/* The caller column of hypercalls.def. */
enum caller { CALLER_ANY, CALLER_TARGET, CALLER_CONTROL };

#define HYPERCALL(nr, name, front, args, caller, purpose) \
	long front(struct vcpu *v, struct hcall *c);
#define SUBCALL(call, cmd, nr, type, caller, purpose)
#include <abi/hypercalls.def>
#undef HYPERCALL
#undef SUBCALL

/* The row for a sub-call, CALLER_CONTROL if there is none. */
enum caller subcall_caller(unsigned call, unsigned cmd);
/* From SYSCALL in guest kernel mode; the entry stub calls it. */
void hypercall_gate(struct vcpu *v);
/* Dispatch one call with arguments in `c`; for the gate and multicall. */
long hypercall_dispatch(struct vcpu *v, uint64_t nr, struct hcall *c);

#endif
