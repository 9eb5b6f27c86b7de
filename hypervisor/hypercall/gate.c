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

/* Numbers and caller words by call name, for the SUBCALL rows. */
enum {
#define HYPERCALL(nr, name, front, args, caller, purpose)	\
	NR_##name = nr, IS_BLOCK_##name = CALLER_##caller == CALLER_BLOCK,
#include <abi/hypercalls.def>
};

enum caller subcall_caller(unsigned call, unsigned cmd)
{
	/* Rows that change nothing vanish at compile time. */
#define SUBCALL(callname, constant, number, type, who, purpose)		\
	if ((IS_BLOCK_##callname || CALLER_##who != CALLER_ANY) &&	\
	    call == NR_##callname && cmd == (number))			\
		return CALLER_##who;
#include <abi/hypercalls.def>
	switch (call) {
#define HYPERCALL(nr, name, front, args, caller, purpose)		\
	case nr: return IS_BLOCK_##name ? CALLER_CONTROL : CALLER_ANY;
#include <abi/hypercalls.def>
	}
	return CALLER_CONTROL;
}

/* Calls with CONTROL rows whose sub-command is their first argument; the
 * block calls must copy their structure before they can know it. */
static RARE_CALL bool refused(const struct vcpu *v, unsigned nr, uint64_t cmd)
{
	if (nr == NR_memory_op)
		cmd &= MEMOP_CMD_MASK;
	return subcall_caller(nr, (uint32_t)cmd) == CALLER_CONTROL;
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
		    refused(v, number, c->arg[0]))		\
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
