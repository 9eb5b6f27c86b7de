/* SPDX-License-Identifier: MIT */
/* second.c - a second vCPU, started once, in kernel mode on a stack of its own.
 *
 * Its events are masked; its traps are not for traps() and run_from().
 */
#include <xen/vcpu.h>

#include "lib.h"

static uint8_t stack[16384] PAGE;

long second_start(void (*fn)(void))
{
	static struct vcpu_guest_context c;
	long rc;

	c.flags = VGCF_in_kernel;
	c.user_regs.rip = (unsigned long)fn;
	c.user_regs.rsp = c.kernel_sp = (unsigned long)stack + sizeof(stack) - 8;
	c.user_regs.cs = FLAT_KERNEL_CS;
	c.user_regs.ss = c.kernel_ss = FLAT_KERNEL_SS;
	c.user_regs.rflags = RFLAGS_IF;
	c.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn((void *)start_info->pt_base));
	rc = call(vcpu_op, VCPUOP_initialise, 1, &c);
	if (rc)
		return rc;
	shared->vcpu_info[1].evtchn_upcall_mask = 1;
	return call(vcpu_op, VCPUOP_up, 1, 0);
}
