/* SPDX-License-Identifier: MIT */
/* ops.c - where a guest says how it wants its traps, and how it leaves them.
 *
 * Guards: every address a handler starts at is canonical before it is stored.
 * A gate's selector is only kept to be told back: handlers start in the flat
 * code segment.
 */
#include "traps/traps.h"

#include <public/callback.h>
#include <public/nmi.h>

#include "cpu/safe.h"
#include "guest/rows.h"
#include "hypercall/hypercall.h"
#include "mm/mm.h"

/* Budget units of emptying the table, and of one entry of the guest's. */
#define CLEAR_UNITS	40
#define GATE_UNITS	2

long hc_set_trap_table(struct vcpu *v, struct hcall *c)
{
	struct trap_gate *gates = v->traps.gates;
	struct trap_info t;

	if (!c->arg[0]) {
		for (unsigned i = 0; i < 256; i++)
			gates[i] = (struct trap_gate){ 0, 0, 0 };
		(void)budget_left(CLEAR_UNITS);
		return 0;
	}
	for (;;) {
		if (copy_from_guest(&t, c->arg[0], sizeof(t)))
			return -EFAULT;
		if (!t.address)
			return 0;
		if (!is_canonical(t.address))
			return -EINVAL;
		gates[t.vector] = (struct trap_gate){
			.address = t.address,
			.cs = guest_selector(t.cs),
			.flags = t.flags & 7,
		};
		c->arg[0] += sizeof(t);
		if (!budget_left(GATE_UNITS))
			return -ERESTART;
	}
}

static void set_nmi_gate(struct vcpu *v, uint64_t address)
{
	v->traps.gates[TRAP_NMI] = (struct trap_gate){
		.address = address,
		.cs = FLAT_KERNEL_CS,
		.flags = 4,
	};
}

static long callback_register(struct vcpu *v, const struct callback_register *r)
{
	struct traps_vcpu *t = &v->traps;
	uint32_t bit = 1u << (r->type & 31);

	if (!is_canonical(r->address))
		return -EINVAL;
	switch (r->type) {
	case CALLBACKTYPE_event:
	case CALLBACKTYPE_failsafe:
	case CALLBACKTYPE_syscall:
	case CALLBACKTYPE_syscall32:
	case CALLBACKTYPE_sysenter:
		t->callback[r->type] = r->address;
		break;
	case CALLBACKTYPE_nmi:
		set_nmi_gate(v, r->address);
		return 0;
	default:
		return -ENOSYS;
	}
	if (r->flags & CALLBACKF_mask_events)
		t->callback_masks |= bit;
	else
		t->callback_masks &= ~bit;
	return 0;
}

/* The old form; its errors were never reported. */
long hc_set_callbacks(struct vcpu *v, struct hcall *c)
{
	static const uint16_t type[] = {
		CALLBACKTYPE_event, CALLBACKTYPE_failsafe, CALLBACKTYPE_syscall
	};

	for (unsigned i = 0; i < ARRAY_SIZE(type); i++) {
		struct callback_register r = { .type = type[i], .address = c->arg[i] };

		(void)callback_register(v, &r);
	}
	return 0;
}

static long callback_unregister(struct vcpu *v, const struct callback_unregister *u)
{
	switch (u->type) {
	case CALLBACKTYPE_event:
	case CALLBACKTYPE_failsafe:
	case CALLBACKTYPE_syscall:
	case CALLBACKTYPE_syscall32:
	case CALLBACKTYPE_sysenter:
		return -EINVAL;
	case CALLBACKTYPE_nmi:
		set_nmi_gate(v, 0);
		return 0;
	}
	return -ENOSYS;
}

long hc_callback_op(struct vcpu *v, struct hcall *c)
{
	uint64_t arg = c->arg[1];

	switch ((uint32_t)c->arg[0]) {
	ARG(CALLBACKOP_register, callback_register, struct callback_register)
	ARG(CALLBACKOP_unregister, callback_unregister, struct callback_unregister)
	}
	return -ENOSYS;
}

static long nmi_register(struct vcpu *v, const struct xennmi_callback *cb)
{
	if (!is_canonical(cb->handler_address))
		return -EINVAL;
	set_nmi_gate(v, cb->handler_address);
	return 0;
}

long hc_nmi_op(struct vcpu *v, struct hcall *c)
{
	uint64_t arg = c->arg[1];

	switch ((uint32_t)c->arg[0]) {
	ARG(XENNMI_register_callback, nmi_register, struct xennmi_callback)
	case XENNMI_unregister_callback:
		set_nmi_gate(v, 0);
		return 0;
	}
	return -ENOSYS;
}

long hc_stack_switch(struct vcpu *v, struct hcall *c)
{
	v->traps.kernel_ss = guest_selector((uint16_t)c->arg[0]);
	v->traps.kernel_sp = c->arg[1];
	return 0;
}

/* The vCPU runs in guest-kernel mode, so GS_BASE is the kernel's base. */
long hc_set_segment_base(struct vcpu *v, struct hcall *c)
{
	static const uint32_t msr[] = {
		[SEGBASE_FS] = MSR_FS_BASE,
		[SEGBASE_GS_USER] = MSR_KERNEL_GS_BASE,
		[SEGBASE_GS_KERNEL] = MSR_GS_BASE,
	};
	uint32_t which = (uint32_t)c->arg[0];

	switch (which) {
	case SEGBASE_FS:
	case SEGBASE_GS_USER:
	case SEGBASE_GS_KERNEL:
		if (!is_canonical(c->arg[1]))
			return -EINVAL;
		wrmsr(msr[which], c->arg[1]);
		return 0;
	case SEGBASE_GS_USER_SEL:
		/* A refused selector has become the null selector: no error. */
		(void)safe_load_gs_user((uint16_t)c->arg[1]);
		return 0;
	}
	return -EINVAL;
}

/* guest/copy.S: loads the frame at sp on the guest kernel's stack into v's and goes
 * on to iret_loaded(), which gets, unchecked, what must be looked at first; or, if
 * it cannot be read, to iret_unreadable(). */
long guest_load_iret(struct vcpu *v, uint64_t sp);
long iret_loaded(struct vcpu *v, uint64_t cs, uint64_t ss, uint64_t raw, uint64_t flags);
long iret_unreadable(struct vcpu *v);

/* tour 07: the guest kernel returns from a trap. */
long hc_iret(struct vcpu *v, struct hcall *c)
{
	if (unlikely(!guest_stack_ok(v->frame.rsp)))
		return iret_unreadable(v);
	return guest_load_iret(v, v->frame.rsp);
}

/* The registers may be half loaded: should the control domain let the crashed
 * domain run on, they go through IRETQ, which makes them fit. */
long iret_unreadable(struct vcpu *v)
{
	frame_return_by_iret(v);
	domain_crash(v->domain, "iret frame at %#lx cannot be read", v->frame.rsp);
	return HCALL_FRAME_SET;
}

static __attribute__((noinline)) long no_user_tables(struct vcpu *v)
{
	frame_return_by_iret(v);
	domain_crash(v->domain, "iret to user mode without a user page table");
	return HCALL_FRAME_SET;
}

/* The frame is untrusted: ring 3 is forced, IOPL and VM dropped. */
long iret_loaded(struct vcpu *v, uint64_t cs, uint64_t ss, uint64_t raw, uint64_t flags)
{
	struct cpu_frame *f = &v->frame;

	if ((cs & 3) == 3) {
		if (unlikely(!v->mm.cr3_user))
			return no_user_tables(v);
		toggle_mode(v, false);
	}
	f->cs = guest_selector((uint16_t)cs);
	f->ss = guest_selector((uint16_t)ss);
	f->rflags = (raw & (FLAGS_GUEST | FLAGS_NT)) | FLAGS_IF | FLAGS_FIXED;
	if (unlikely(v->domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl)))
		v->emul.iopl = (raw >> FLAGS_IOPL_SHIFT) & 3;
	if (unlikely(flags & VGCF_in_syscall) && f->cs != FLAT_USER_CS32) {
		f->cs = FLAT_USER_CS;
		f->ss = FLAT_USER_SS;
		f->rcx = f->rip;
		f->r11 = f->rflags;
		f->vector = ENTRY_SYSCALL;
	} else {
		frame_return_by_iret(v);
	}
	if (unlikely(v->traps.nmi_masked)) {
		v->traps.nmi_masked = false;
		if (v->traps.nmi_again)
			vcpu_pend(v, VCPU_NMI);
		v->traps.nmi_again = false;
	}
	v->info->evtchn_upcall_mask = !(raw & FLAGS_IF);
	return HCALL_FRAME_SET;
}
