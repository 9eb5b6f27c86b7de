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

/* Calls whose sub-command is their first argument; the others (domctl,
 * sysctl, platform_op) must copy their structure before they can know it. */
static bool refused(const struct vcpu *v, unsigned nr, const struct hcall *c)
{
	if (likely(v->domain->control))
		return false;
	switch (nr) {
	case NR_memory_op:
		return subcall_caller(nr, (uint32_t)c->arg[0] & 63) == CALLER_CONTROL;
	case NR_xen_version:
	case NR_physdev_op:
	case NR_sched_op:
	case NR_kexec_op:
		return subcall_caller(nr, (uint32_t)c->arg[0]) == CALLER_CONTROL;
	}
	return false;
}

long hypercall_dispatch(struct vcpu *v, uint64_t nr, struct hcall *c)
{
	if (unlikely(refused(v, (unsigned)nr, c)))
		return -EPERM;
	switch (nr) {
#define HYPERCALL(number, name, front, args, who, purpose)	\
	case number:						\
		if (CALLER_##who == CALLER_CONTROL && !v->domain->control) \
			return -EPERM;				\
		return front(v, c);
#include <abi/hypercalls.def>
	}
	return -ENOSYS;
}

/* tour 04: a guest kernel's call, arguments still untrusted. */
void hypercall_gate(struct vcpu *v)
{
	long rc;

	this_cpu()->budget = BUDGET_PER_ENTRY;
	rc = hypercall_dispatch(v, v->frame.rax, &v->frame.hcall);
	if (likely((uint64_t)(rc - HCALL_FRAME_SET) > (uint64_t)(-ERESTART - HCALL_FRAME_SET)))
		v->frame.rax = (uint64_t)rc;
	else if (rc == -ERESTART)
		continue_later(v);
}
