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

struct refusal;
struct vcpu;

/* The caller column of hypercalls.def. */
enum caller { CALLER_ANY, CALLER_TARGET, CALLER_CONTROL, CALLER_BLOCK };

#define HYPERCALL(nr, name, front, args, caller, purpose) \
	long front(struct vcpu *v, struct hcall *c);
#include <abi/hypercalls.def>

/* From the entry stub, for errors, -ERESTART and HCALL_FRAME_SET: all that is
 * above the results of calls that came to something. */
#define RESULT_IS_SPECIAL(rc)	((uint64_t)(rc) >= -4095UL)
void hypercall_special(struct vcpu *v, long rc);
/* Dispatch one call with arguments in `c`: for the entry stub and multicall. */
long hypercall_dispatch(struct vcpu *v, struct hcall *c, uint64_t nr);

/* The same while v is traced; and multicall, whose inner calls are traced too. */
long hypercall_traced(struct vcpu *v, struct hcall *c, uint64_t nr);
long multicall_traced(struct vcpu *v, struct hcall *c);
/* Where a call's structure is, or the item of a list at which it stopped; 0 if
 * it has none. */
uint64_t hypercall_structure(uint64_t nr, const struct hcall *c);

/* v's call came to that error: kept for who asks why. */
void refusal_keep(struct vcpu *v, uint64_t call, const struct hcall *c, long error);
/* That of the number, or the first kept after it: 0, -ENOENT, or -EAGAIN if it
 * was written over meanwhile. */
MUST_CHECK int refusal_read(const struct vcpu *v, uint64_t *number, struct refusal *r);

#endif
