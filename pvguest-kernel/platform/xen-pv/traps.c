/* SPDX-License-Identifier: MIT */
/* traps.c - telling the hypervisor where our entries are.
 *
 * Guards: a program's registers are made fit before they are returned to; an
 * address that is none is the hypervisor's to refuse.
 * Invariant: events are masked in every handler, as interrupts are on the bare
 * machine. Compare platform/native/traps.c.
 */
#include "core/printk.h"
#include "core/types.h"
#include "platform/platform.h"
#include "platform/regs.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"

#include <public/callback.h>

#define TRAP(vector, name, error, dpl) extern char entry_##name[];
#include "platform/traps.def"
#undef TRAP
extern char entry_syscall[], entry_event[], entry_failsafe[];

#define MASK_EVENTS 4

static const struct trap_info trap_table[] = {
#define TRAP(nr, name, error, dpl) \
	{ .vector = nr, .flags = MASK_EVENTS | dpl, .cs = FLAT_KERNEL_CS, \
	  .address = (unsigned long)entry_##name },
#include "platform/traps.def"
#undef TRAP
	{ 0 },
};

static void register_callback(unsigned type, const char *entry)
{
	struct callback_register cb = {
		.type = (uint16_t)type,
		.flags = CALLBACKF_mask_events,
		.address = (unsigned long)entry,
	};

	if (hv_callback_op(CALLBACKOP_register, &cb))
		panic("callback %u refused", type);
}

void platform_traps_init(void)
{
	if (hv_set_trap_table(trap_table))
		panic("trap table refused");
	register_callback(CALLBACKTYPE_event, entry_event);
	register_callback(CALLBACKTYPE_failsafe, entry_failsafe);
	register_callback(CALLBACKTYPE_syscall, entry_syscall);
}

uint64_t platform_fault_address(void)
{
	return shared_info.vcpu_info[0].arch.cr2;
}

void platform_user_regs_init(struct user_regs *regs)
{
	regs->cs = FLAT_USER_CS;
	regs->ss = FLAT_USER_SS;
	regs->rflags = 0x202;
}

/* Signal frames let a program choose its flags: only harmless ones pass, and
 * interrupts stay on. */
void platform_user_regs_sanitize(struct user_regs *regs)
{
	regs->cs = FLAT_USER_CS;
	regs->ss = FLAT_USER_SS;
	regs->rflags = (regs->rflags & 0x40dd5) | 0x202;
}

void platform_use_stack(void *top)
{
	hv_stack_switch(FLAT_KERNEL_SS, top);
}

void platform_use_segments(uint64_t fs_base, uint64_t gs_base)
{
	if (hv_set_segment_base(SEGBASE_FS, fs_base) ||
	    hv_set_segment_base(SEGBASE_GS_USER, gs_base))
		panic("segment base refused");
}
