/* SPDX-License-Identifier: MIT */
/* bounce.c - entering the guest kernel's own handlers.
 *
 * Guards: a handler starts exactly as the PV ABI says: on the kernel stack,
 * in kernel mode, with rcx and r11 above the frame, the saved CS showing RPL
 * 0 for kernel and 3 for user and carrying the saved event mask in bits
 * 32-39.
 * Invariant: a stack that cannot be written crashes the domain, nothing
 * else. The handler is entered as if by SYSRET (rcx and r11 are clobbered),
 * which is why the ABI saves them.
 */
#include "traps/traps.h"

#include <public/callback.h>

#include "guest/access.h"
#include "mm/mm.h"

#define FLAGS_CLEARED	0x77100UL	/* AC VM RF NT IOPL TF */
#define FLAGS_AC	0x40000UL
#define FLAGS_IF	0x200UL

void toggle_to_kernel(struct vcpu *v)
{
	v->kernel_mode = true;
	__asm__ volatile("swapgs" ::: "memory");
	mm_toggle_mode(v);
}

void toggle_to_user(struct vcpu *v)
{
	v->kernel_mode = false;
	__asm__ volatile("swapgs" ::: "memory");
	mm_toggle_mode(v);
}

/* What goes on the stack above the words every frame has. */
struct bounce {
	uint64_t address;
	uint16_t cs;
	bool mask;			/* the handler runs with events masked */
	unsigned extra;			/* words between r11 and rip */
	uint64_t word[4];
};

static void bounce(struct vcpu *v, const struct bounce *b)
{
	struct cpu_frame *f = &v->frame;
	volatile struct vcpu_info *info = v->info;
	uint8_t masked = info->evtchn_upcall_mask;
	bool from_user = !v->kernel_mode;
	uint64_t sp, words[11], *w = words;

	if (unlikely(!b->address)) {
		domain_crash(v->domain, "no handler for what happened at %#lx",
			     f->rip);
		return;
	}
	if (from_user) {
		toggle_to_kernel(v);
		sp = v->traps.kernel_sp;
	} else {
		sp = f->rsp;
	}

	*w++ = f->rcx;
	*w++ = f->r11;
	for (unsigned i = 0; i < b->extra; i++)
		*w++ = b->word[i];
	*w++ = f->rip;
	*w++ = (from_user ? f->cs & 0xffff : f->cs & 0xfffc) | (uint64_t)masked << 32;
	*w++ = (f->rflags & ~(FLAGS_IF | 0x3000UL)) | (masked ? 0 : FLAGS_IF) |
	       (v->domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl) ?
		(uint64_t)v->emul.iopl << 12 : 0);
	*w++ = f->rsp;
	*w++ = f->ss & 0xffff;

	sp = (sp & ~15UL) - (uint64_t)(w - words) * 8;
	if (unlikely(copy_to_guest(sp, words, (size_t)(w - words) * 8))) {
		domain_crash(v->domain, "kernel stack %#lx cannot be written", sp);
		return;
	}

	if (b->mask)
		info->evtchn_upcall_mask = 1;
	f->rip = b->address;
	f->rsp = sp;
	f->ss = FLAT_KERNEL_SS;
	f->cs = b->cs;
	f->rflags &= ~FLAGS_CLEARED;
	if (likely(b->cs == FLAT_KERNEL_CS)) {
		f->rcx = f->rip;
		f->r11 = f->rflags;
		f->vector = ENTRY_SYSCALL;
	} else {
		frame_return_by_iret(v);
	}
}

static void bounce_gate(struct vcpu *v, unsigned vector, unsigned extra, uint32_t error)
{
	const struct trap_gate *g = &v->traps.gates[vector & 0xff];
	struct bounce b = {
		.address = g->address,
		.cs = guest_selector(g->cs),
		.mask = g->flags & 4,
		.extra = extra,
		.word = { error },
	};

	if (unlikely(!g->address)) {
		domain_crash(v->domain, "exception %u (error %#x) at %#lx without a handler",
			     vector, error, v->frame.rip);
		return;
	}
	bounce(v, &b);
}

void bounce_exception(struct vcpu *v, unsigned vector)
{
	bounce_gate(v, vector, 0, 0);
}

void bounce_exception_error(struct vcpu *v, unsigned vector, uint32_t error)
{
	bounce_gate(v, vector, 1, error);
}

void bounce_page_fault(struct vcpu *v, uint64_t address, uint32_t error)
{
	v->emul.cr2 = address;
	v->info->arch.cr2 = address;
	/* Both guest modes run in ring 3: only we know which one it was. */
	error = v->kernel_mode ? error & ~PF_USER : error | PF_USER;
	bounce_gate(v, TRAP_PF, 1, error);
}

void bounce_event(struct vcpu *v)
{
	struct bounce b = {
		.address = v->traps.event_callback,
		.cs = FLAT_KERNEL_CS,
		.mask = true,
	};

	bounce(v, &b);
}

void bounce_nmi(struct vcpu *v)
{
	struct bounce b = {
		.address = v->traps.gates[TRAP_NMI].address,
		.cs = guest_selector(v->traps.gates[TRAP_NMI].cs),
		.mask = true,
	};

	v->traps.nmi_masked = true;
	bounce(v, &b);
}

/* A selector of the vCPU could not be loaded when it was switched in. */
void bounce_failsafe(struct vcpu *v)
{
	struct bounce b = {
		.address = v->traps.failsafe_callback,
		.cs = FLAT_KERNEL_CS,
		.mask = v->traps.callback_masks & (1u << CALLBACKTYPE_failsafe),
		.extra = 4,
		.word = { v->traps.ds, v->traps.es, v->traps.fs, v->traps.gs },
	};

	bounce(v, &b);
}

/* SYSCALL in guest user mode is the guest kernel's business. */
void trap_user_syscall(struct vcpu *v)
{
	struct bounce b = {
		.address = v->traps.syscall_callback,
		.cs = FLAT_KERNEL_CS,
		.mask = v->traps.callback_masks & (1u << CALLBACKTYPE_syscall),
	};

	if (unlikely(!b.address)) {
		v->frame.rip -= 2;
		frame_return_by_iret(v);
		bounce_exception(v, TRAP_UD);
		return;
	}
	bounce(v, &b);
}

void trap_iret_fault(struct vcpu *v)
{
	struct cpu *c = this_cpu();

	frame_return_by_iret(v);
	bounce_exception_error(v, c->iret_fault_vector, c->iret_fault_error);
}
