/* SPDX-License-Identifier: MIT */
/* ops.c - calls about the registers a guest believes it has.
 */
#include "base/errno.h"
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
	uint32_t reg = (uint32_t)c->arg[0];

	switch (reg) {
	case 0: case 1: case 2: case 3:
		return (long)v->emul.dr[array_index_nospec(reg, 4)];
	case 4: case 6:
		return (long)v->emul.dr6;
	case 5: case 7:
		return (long)v->emul.dr7;
	}
	return -ENODEV;
}
