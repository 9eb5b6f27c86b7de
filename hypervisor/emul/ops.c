/* SPDX-License-Identifier: MIT */
/* ops.c - calls about the registers a guest believes it has.
 */
#include "emul/emul.h"
#include "hypercall/hypercall.h"

long hc_fpu_taskswitch(struct vcpu *v, struct hcall *c)
{
	emul_set_cr0_ts(v, (uint32_t)c->arg[0]);
	return 0;
}

long hc_set_debugreg(struct vcpu *v, struct hcall *c)
{
	return emul_set_debugreg(v, (uint32_t)c->arg[0], c->arg[1]);
}

long hc_get_debugreg(struct vcpu *v, struct hcall *c)
{
	uint64_t value;
	int rc = emul_get_debugreg(v, (uint32_t)c->arg[0], &value);

	return rc ? rc : (long)value;
}
