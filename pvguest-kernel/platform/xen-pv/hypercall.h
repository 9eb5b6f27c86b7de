/* SPDX-License-Identifier: MIT */
/* hypercall.h - the calls this kernel makes, one SYSCALL each. */
#ifndef KERNEL_XEN_PV_HYPERCALL_H
#define KERNEL_XEN_PV_HYPERCALL_H

#include <public/xen.h>

#include "core/types.h"

static inline long hypercall5(uint64_t nr, uint64_t a1, uint64_t a2, uint64_t a3,
			      uint64_t a4, uint64_t a5)
{
	register uint64_t r10 asm("r10") = a4;
	register uint64_t r8 asm("r8") = a5;
	long ret = (long)nr;

	asm volatile("syscall"
		     : "+a" (ret), "+D" (a1), "+S" (a2), "+d" (a3), "+r" (r10), "+r" (r8)
		     :
		     : "rcx", "r11", "memory");
	return ret;
}

static inline long hypercall2(uint64_t nr, uint64_t a1, uint64_t a2)
{
	return hypercall5(nr, a1, a2, 0, 0, 0);
}

#define arg(x) ((uint64_t)(x))

static inline long hv_mmu_update(const struct mmu_update *req, unsigned count, domid_t dom)
{
	return hypercall5(__HYPERVISOR_mmu_update, arg(req), count, 0, dom, 0);
}

static inline long hv_mmuext_op(const struct mmuext_op *op, unsigned count)
{
	return hypercall5(__HYPERVISOR_mmuext_op, arg(op), count, 0, DOMID_SELF, 0);
}

static inline long hv_update_va_mapping(const void *va, uint64_t entry, uint64_t flags)
{
	return hypercall5(__HYPERVISOR_update_va_mapping, arg(va), entry, flags, 0, 0);
}

static inline long hv_set_trap_table(const struct trap_info *table)
{
	return hypercall2(__HYPERVISOR_set_trap_table, arg(table), 0);
}

static inline long hv_callback_op(unsigned cmd, const void *op)
{
	return hypercall2(__HYPERVISOR_callback_op, cmd, arg(op));
}

static inline long hv_stack_switch(uint64_t ss, const void *sp)
{
	return hypercall2(__HYPERVISOR_stack_switch, ss, arg(sp));
}

static inline long hv_set_segment_base(unsigned which, uint64_t base)
{
	return hypercall2(__HYPERVISOR_set_segment_base, which, base);
}

static inline long hv_console_io(unsigned cmd, size_t count, const char *buf)
{
	return hypercall5(__HYPERVISOR_console_io, cmd, count, arg(buf), 0, 0);
}

static inline long hv_event_channel_op(unsigned cmd, void *op)
{
	return hypercall2(__HYPERVISOR_event_channel_op, cmd, arg(op));
}

static inline long hv_platform_op(void *op)
{
	return hypercall2(__HYPERVISOR_platform_op, arg(op), 0);
}

static inline long hv_sched_op(unsigned cmd, const void *op)
{
	return hypercall2(__HYPERVISOR_sched_op, cmd, arg(op));
}

static inline long hv_vcpu_op(unsigned cmd, unsigned vcpu, const void *op)
{
	return hypercall5(__HYPERVISOR_vcpu_op, cmd, vcpu, arg(op), 0, 0);
}

static inline long hv_set_timer_op(uint64_t deadline)
{
	return hypercall2(__HYPERVISOR_set_timer_op, deadline, 0);
}

static inline long hv_grant_table_op(unsigned cmd, void *op, unsigned count)
{
	return hypercall5(__HYPERVISOR_grant_table_op, cmd, arg(op), count, 0, 0);
}

static inline long hv_memory_op(unsigned cmd, void *op)
{
	return hypercall2(__HYPERVISOR_memory_op, cmd, arg(op));
}

#undef arg

#endif
