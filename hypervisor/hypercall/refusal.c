/* SPDX-License-Identifier: MIT */
/* refusal.c - the last calls of each vCPU that ended in an error, and why.
 *
 * Guards: a call that succeeds pays nothing for this; what is kept is of fixed
 * size, in the vCPU's own frame.
 * Invariant: a rule belongs to the call in which it was named: one vCPU makes
 * one call at a time, and after it another instruction comes first.
 * Not kept: VCPUOP_is_up, whose error is an answer.
 * Not here: names and texts (tools/vane).
 */
#include "hypercall/hypercall.h"

#include <public/vcpu.h>
#include <public/xen.h>

#include "base/refusal.h"
#include "domain/domain.h"
#include "guest/access.h"
#include "time/time.h"

/* Budget units of keeping one: calls that fail must be bounded as well. */
#define REFUSAL_UNITS	10

RARE_CALL void refusal_because(enum refusal_rule rule)
{
	struct vcpu *v = current();

	if (v) {
		v->refusals.rule = (uint16_t)rule;
		v->refusals.rule_rip = v->frame.rip;
	}
}

uint64_t hypercall_structure(uint64_t nr, const struct hcall *c)
{
	switch (nr) {
	case __HYPERVISOR_mmu_update:
	case __HYPERVISOR_mmuext_op:
	case __HYPERVISOR_platform_op:
	case __HYPERVISOR_sysctl:
	case __HYPERVISOR_domctl:
		return c->arg[0];
	case __HYPERVISOR_memory_op:
	case __HYPERVISOR_xen_version:
	case __HYPERVISOR_grant_table_op:
	case __HYPERVISOR_sched_op:
	case __HYPERVISOR_callback_op:
	case __HYPERVISOR_event_channel_op:
	case __HYPERVISOR_physdev_op:
		return c->arg[1];
	case __HYPERVISOR_vcpu_op:
	case __HYPERVISOR_console_io:
		return c->arg[2];
	}
	return 0;
}

static __attribute__((noinline))
void keep(struct vcpu *v, uint64_t call, const struct hcall *c, long error)
{
	struct refusals_vcpu *all = &v->refusals;
	struct refusal *r = &all->kept[all->count % REFUSALS_KEPT];
	uint64_t at = hypercall_structure(call, c);

	r->when = time_now();
	r->rip = v->frame.rip;
	__builtin_memcpy(r->arg, c->arg, sizeof(r->arg));
	r->item[0] = r->item[1] = 0;
	if (at && copy_from_guest(r->item, at, sizeof(r->item)))
		r->item[0] = r->item[1] = 0;
	r->call = (uint32_t)call;
	r->error = (uint16_t)-error;
	r->rule = all->rule_rip == r->rip ? all->rule : RULE_NONE;
	all->rule = RULE_NONE;
	__atomic_store_n(&all->count, all->count + 1, __ATOMIC_RELEASE);
	(void)budget_left(REFUSAL_UNITS);
}

/* That a vCPU is not there is what was asked, not a refusal: Linux asks it of 8192
 * ids as it starts. */
void refusal_keep(struct vcpu *v, uint64_t call, const struct hcall *c, long error)
{
	if (call != __HYPERVISOR_vcpu_op || (uint32_t)c->arg[0] != VCPUOP_is_up)
		keep(v, call, c, error);
}

/* The slot after the newest may be half written: what was in it counts as gone. */
int refusal_read(const struct vcpu *v, uint64_t *number, struct refusal *r)
{
	const struct refusals_vcpu *all = &v->refusals;
	uint64_t count = __atomic_load_n(&all->count, __ATOMIC_ACQUIRE);

	if (*number >= count)
		return -ENOENT;
	if (count - *number >= REFUSALS_KEPT)
		*number = count - (REFUSALS_KEPT - 1);
	*r = all->kept[*number % REFUSALS_KEPT];
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return READ_ONCE(all->count) - *number < REFUSALS_KEPT ? 0 : -EAGAIN;
}
