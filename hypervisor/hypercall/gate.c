/* SPDX-License-Identifier: MIT */
/* gate.c - the one place where a number becomes a call.
 *
 * Guards: a front runs only for a caller its row in abi/hypercalls.def
 * admits; a number without a row is ENOSYS. The rows become a switch, so a
 * number given twice does not compile and, without jump tables, there is no
 * indirect branch to mistrain.
 */
#include "hypercall/hypercall.h"

#include "base/errno.h"
#include "domain/domain.h"
#include "hypercall/continue.h"
#include "mm/memory_op.h"
#include "traps/traps.h"

/* Numbers by call name, for the SUBCALL rows. */
enum {
#define HYPERCALL(nr, name, front, args, caller, purpose)	NR_##name = nr,
#include <abi/hypercalls.def>
};

/* Is the sub-command, the call's first argument, the control domain's alone?
 * Not for BLOCK calls: they must copy their structure before they can know. */
static RARE_CALL bool refused(unsigned nr, uint64_t cmd)
{
	if (nr == NR_memory_op)
		cmd &= MEMOP_CMD_MASK;
	/* Rows that change nothing vanish at compile time. */
#define SUBCALL(callname, constant, number, type, who, purpose)		\
	if (CALLER_##who == CALLER_CONTROL && nr == NR_##callname &&	\
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

static __attribute__((noinline)) long refuse(void)
{
	domain_refusals++;
	return -EPERM;
}

/* tour 04: a guest kernel's call, arguments still untrusted. Arguments in
 * this order stay in their registers all the way to the front. */
long hypercall_dispatch(struct vcpu *v, struct hcall *c, uint64_t nr)
{
	switch (nr) {
#define HYPERCALL(number, name, front, args, who, purpose)	\
	case number:						\
		if (CALLER_##who == CALLER_CONTROL && !v->domain->control) \
			return refuse();			\
		if (CALLER_##who != CALLER_BLOCK && has_control_row(number) && \
		    unlikely(!v->domain->control) &&		\
		    refused(number, c->arg[0]))		\
			return refuse();			\
		return front(v, c);
#include <abi/hypercalls.def>
	}
	return -ENOSYS;
}

/* The entry stub stores every other result into RAX itself. */
void hypercall_special(struct vcpu *v, long rc)
{
	if (rc == -ERESTART)
		continue_later(v);
}
