/* SPDX-License-Identifier: MIT */
/* gate.c - the one place where a number becomes a call.
 *
 * Guards: a front runs only for a caller its row in abi/hypercalls.def
 * admits; a number without a row is ENOSYS. The rows become a switch, so a
 * number given twice does not compile and, without jump tables, there is no
 * indirect branch to mistrain.
 * The calls of a traced domain come by a door of their own, so that those of
 * all others are asked nothing.
 */
#include "hypercall/hypercall.h"

#include "base/errno.h"
#include "control/trace.h"
#include "domain/domain.h"
#include "hypercall/continue.h"
#include "mm/memory_op.h"
#include "time/time.h"
#include "traps/traps.h"

/* Numbers by call name, for the SUBCALL rows. */
enum {
#define HYPERCALL(nr, name, front, args, caller, purpose)	NR_##name = nr,
#include <abi/hypercalls.def>
};

/* Is the sub-command, the call's first argument, the control domain's alone?
 * Not for BLOCK calls: they must copy their structure before they can know.
 * `call` is a constant: only its own rows are left of all. */
static inline __attribute__((always_inline)) bool reserved(unsigned call, uint64_t cmd)
{
	if (call == NR_memory_op)
		cmd &= MEMOP_CMD_MASK;
#define SUBCALL(callname, constant, number, type, who, purpose)		\
	if (CALLER_##who == CALLER_CONTROL && call == NR_##callname &&	\
	    (uint32_t)cmd == (number))					\
		return true;
#include <abi/hypercalls.def>
	return false;
}

/* True for a call with at least one CONTROL row; a constant for each. */
static inline __attribute__((always_inline)) bool has_control_row(unsigned call)
{
#define SUBCALL(callname, constant, number, type, who, purpose) \
	if (CALLER_##who == CALLER_CONTROL && call == NR_##callname) \
		return true;
#include <abi/hypercalls.def>
	return false;
}

/* A call with CONTROL rows, made by another domain: out of the way of those
 * who need no such question, and one function each, so that both end in a
 * jump to the front. */
#define HYPERCALL(number, name, front, args, who, purpose)		\
static __attribute__((noinline, unused))				\
long plain_##name(struct vcpu *v, struct hcall *c)			\
{									\
	return reserved(number, c->arg[0]) ? domain_refuse() : front(v, c);	\
}
#include <abi/hypercalls.def>

/* tour 04: a guest kernel's call, arguments still untrusted. Arguments in
 * this order stay in their registers all the way to the front. */
long hypercall_dispatch(struct vcpu *v, struct hcall *c, uint64_t nr)
{
	switch (nr) {
#define HYPERCALL(number, name, front, args, who, purpose)	\
	case number:						\
		if (CALLER_##who == CALLER_CONTROL && !v->domain->control) \
			return domain_refuse();			\
		if (CALLER_##who != CALLER_BLOCK && has_control_row(number) && \
		    unlikely(!v->domain->control))		\
			return plain_##name(v, c);		\
		return front(v, c);
#include <abi/hypercalls.def>
	}
	return -ENOSYS;
}

static long traced_dispatch(struct vcpu *v, struct hcall *c, uint64_t nr)
{
	return nr == NR_multicall ? multicall_traced(v, c) :
				    hypercall_dispatch(v, c, nr);
}

_Static_assert(PARAVANE_TRACE_NONE == (uint64_t)HCALL_FRAME_SET,
	       "a record tells of a call without result by this");

long hypercall_traced(struct vcpu *v, struct hcall *c, uint64_t nr)
{
	struct hcall asked;
	uint64_t when, start;
	long rc;

	if (!trace_wants(v, nr))
		return traced_dispatch(v, c, nr);
	if (trace_full(v))
		return -ERESTART;
	asked = *c;
	when = time_now();
	start = rdtsc();
	rc = traced_dispatch(v, c, nr);
	trace_call(v, nr, &asked, hypercall_structure(nr, &asked), rc, when,
		   rdtsc() - start);
	return rc;
}

/* The entry stub stores every other result into RAX itself. */
void hypercall_special(struct vcpu *v, long rc)
{
	uint64_t nr = v->frame.rax;

	if (rc == -ERESTART) {
		continue_later(v);
	} else if (rc != HCALL_FRAME_SET) {
		v->frame.rax = (uint64_t)rc;
		refusal_keep(v, nr, &v->frame.hcall, rc);
	}
}
