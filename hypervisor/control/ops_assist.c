/* SPDX-License-Identifier: MIT */
/* ops_assist.c - habits a guest switches on for itself: vm_assist.
 *
 * Not here: what each assist changes; the room concerned asks the bit.
 */
#include "control/context.h"

#include "base/errno.h"
#include "hypercall/hypercall.h"

long hc_vm_assist(struct vcpu *v, struct hcall *c)
{
	uint64_t type = (uint32_t)c->arg[1], bit;

	if (type >= 64 || !(VM_ASSIST_VALID & 1UL << type))
		return -EINVAL;
	bit = 1UL << type;
	switch ((uint32_t)c->arg[0]) {
	case VMASST_CMD_enable:
		__atomic_fetch_or(&v->domain->vm_assist, bit, __ATOMIC_RELAXED);
		return 0;
	case VMASST_CMD_disable:
		__atomic_fetch_and(&v->domain->vm_assist, ~bit, __ATOMIC_RELAXED);
		return 0;
	default:
		return -ENOSYS;
	}
}
