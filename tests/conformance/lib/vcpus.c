/* SPDX-License-Identifier: MIT */
/* vcpus.c - this domain's other vCPUs: each starts once, in kernel mode, on a
 * stack of its own, with the first one's gates and callbacks.
 *
 * Guards: a vCPU is known by the stack it is on, so that its entries into the
 * kernel are noted in its own struct vcpu.
 * Not here: giving them something to do (crew.c).
 */
#include <xen/vcpu.h>

#include "lib.h"

struct vcpu lib_vcpus[VCPUS_MOST];

static uint8_t stacks[VCPUS_MOST][8192] PAGE;	/* the first is not used */

unsigned int whoami(void)
{
	unsigned long here = (unsigned long)__builtin_frame_address(0) -
			     (unsigned long)stacks;

	return here < sizeof(stacks) ? here / sizeof(stacks[0]) : 0;
}

unsigned int vcpu_count(void)
{
	unsigned int n = 1;

	while (call(vcpu_op, VCPUOP_is_up, n, 0) >= 0)
		n++;
	return n;
}

volatile struct vcpu_info *info_of(unsigned int id)
{
	if (!lib_vcpus[id].info && id < XEN_LEGACY_MAX_VCPUS)
		lib_vcpus[id].info = &shared->vcpu_info[id];
	return lib_vcpus[id].info;
}

long info_open(unsigned int id)
{
	static PAGE struct vcpu_info page[VCPUS_MOST];
	struct vcpu_register_vcpu_info r = {
		.mfn = virt_to_mfn(page),
		.offset = (uint32_t)(id * sizeof(page[0])),
	};
	long rc = call(vcpu_op, VCPUOP_register_vcpu_info, id, &r);

	if (!rc)
		lib_vcpus[id].info = &page[id];
	return rc;
}

struct vcpu_guest_context *vcpu_state(unsigned int id, void (*fn)(void))
{
	static struct vcpu_guest_context c;

	memset(&c, 0, sizeof(c));
	c.flags = VGCF_in_kernel;
	c.user_regs.rip = (unsigned long)fn;
	c.user_regs.rsp = (unsigned long)stacks[id] + sizeof(stacks[id]) - 8;
	c.user_regs.cs = FLAT_KERNEL_CS;
	c.user_regs.ss = c.kernel_ss = FLAT_KERNEL_SS;
	c.user_regs.rflags = RFLAGS_IF;
	c.kernel_sp = c.user_regs.rsp;
	c.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn((void *)start_info->pt_base));
	for (unsigned int i = 0; i < 20; i++)
		c.trap_ctxt[i] = (struct trap_info){
			.vector = (uint8_t)i, .cs = FLAT_KERNEL_CS,
			.address = (unsigned long)entry_stub(i),
		};
	c.event_callback_eip = (unsigned long)entry_stub(ENTRY_EVENT);
	return &c;
}

long vcpu_start(unsigned int id, void (*fn)(void))
{
	long rc = call(vcpu_op, VCPUOP_initialise, id, vcpu_state(id, fn));

	if (rc)
		return rc;
	info_of(id)->evtchn_upcall_mask = 1;
	return call(vcpu_op, VCPUOP_up, id, 0);
}
