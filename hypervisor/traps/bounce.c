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

/* guest/copy.S: rcx, r11, the error code, rip, cs, flags, rsp and ss of f go
 * below sp in guest memory, and f becomes the state the handler starts in; or
 * all stays as it was, and guest_push_failed() is called. */
void guest_push_frame(struct cpu_frame *f, uint64_t sp, uint64_t cs,
		      uint64_t flags, uint64_t address);
void guest_push_frame_error(struct cpu_frame *f, uint64_t sp, uint64_t cs,
			    uint64_t flags, uint64_t address, uint64_t error);
void guest_push_failed(struct cpu_frame *f);

/* Where a handler starts: in the flat code segment, whatever its gate names. */
struct entry {
	uint64_t address;		/* not 0 */
	bool mask;			/* events masked in the handler */
};

static inline struct entry callback_entry(const struct traps_vcpu *t, unsigned type)
{
	return (struct entry){ t->callback[type], t->callback_masks & 1u << type };
}

#define CS_MASK_SHIFT	32		/* the saved event mask, in the CS word */

/* What the guest sees of its flags: IF is the event mask's inverse. */
static inline uint64_t flags_word(const struct vcpu *v, uint64_t masked)
{
	uint64_t flags = v->frame.rflags & ~(FLAGS_IF | FLAGS_IOPL);

	if (!masked)
		flags |= FLAGS_IF;
	if (unlikely(v->domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl)))
		flags |= (uint64_t)v->emul.iopl << FLAGS_IOPL_SHIFT;
	return flags;
}

/* Both guest modes run in ring 3: what a page fault's code says of the mode is
 * for us to say. */
enum { WITHOUT_ERROR, WITH_ERROR, PAGE_FAULT };

static __attribute__((noinline))
void no_handler(struct vcpu *v, unsigned vector, uint64_t error)
{
	domain_crash(v->domain, "no handler for exception %u (error %#lx) at %#lx",
		     vector, error, v->frame.rip);
}

void guest_push_failed(struct cpu_frame *f)
{
	struct vcpu *v = container_of(f, struct vcpu, frame);

	domain_crash(v->domain, "kernel stack below %#lx or %#lx cannot be written",
		     f->rsp, v->traps.kernel_sp);
}

/* Every path ends in a tail call, so that nothing needs to be saved. */
static inline __attribute__((always_inline))
void bounce(struct vcpu *v, const struct entry *e, int kind, uint64_t error)
{
	volatile struct vcpu_info *info = v->info;
	uint64_t masked = info->evtchn_upcall_mask;
	uint64_t flags = flags_word(v, masked);
	uint64_t cs = masked << CS_MASK_SHIFT, sp;

	if (likely(v->kernel_mode)) {
		cs |= v->frame.cs & 0xfffc;
		sp = v->frame.rsp & ~15UL;
		if (kind == PAGE_FAULT)
			error &= ~(uint64_t)PF_USER;
	} else {
		toggle_mode(v, true);
		cs |= v->frame.cs & 0xffff;
		sp = v->traps.kernel_sp & ~15UL;
		if (kind == PAGE_FAULT)
			error |= PF_USER;
	}
	if (e->mask)
		info->evtchn_upcall_mask = 1;
	if (unlikely(!guest_stack_ok(sp)))
		guest_push_failed(&v->frame);
	else if (kind != WITHOUT_ERROR)
		guest_push_frame_error(&v->frame, sp, cs, flags, e->address, error);
	else
		guest_push_frame(&v->frame, sp, cs, flags, e->address);
}

static inline __attribute__((always_inline))
void bounce_gate(struct vcpu *v, unsigned vector, int kind, uint64_t error)
{
	const struct trap_gate *g = &v->traps.gates[vector & 0xff];
	struct entry e = { g->address, g->flags & 4 };

	if (unlikely(!e.address))
		no_handler(v, vector, error);
	else
		bounce(v, &e, kind, error);
}

void bounce_exception(struct vcpu *v, unsigned vector)
{
	bounce_gate(v, vector, WITHOUT_ERROR, 0);
}

void bounce_exception_error(struct vcpu *v, unsigned vector, uint32_t error)
{
	bounce_gate(v, vector, WITH_ERROR, error);
}

/* tour 09: its own business: its handler is entered with the frame the ABI promises. */
void bounce_page_fault(struct vcpu *v, uint64_t address, uint32_t error)
{
	v->emul.cr2 = address;
	v->info->arch.cr2 = address;
	bounce_gate(v, TRAP_PF, PAGE_FAULT, error);
}

void bounce_event(struct vcpu *v)
{
	struct entry e = { v->traps.callback[CALLBACKTYPE_event], true };

	if (e.address)
		bounce(v, &e, WITHOUT_ERROR, 0);
	else
		domain_crash(v->domain, "an event is pending, and there is no callback");
}

void bounce_nmi(struct vcpu *v)
{
	v->traps.nmi_masked = true;
	bounce_gate(v, TRAP_NMI, WITHOUT_ERROR, 0);
}

/* A selector of the vCPU could not be loaded when it was switched in: the
 * only frame with the data selectors in it, between r11 and rip. */
void bounce_failsafe(struct vcpu *v)
{
	struct traps_vcpu *t = &v->traps;
	struct entry e = callback_entry(t, CALLBACKTYPE_failsafe);
	uint64_t words[6] = { v->frame.rcx, v->frame.r11, t->ds, t->es, t->fs, t->gs };

	if (!e.address) {
		domain_crash(v->domain, "a selector cannot be loaded, and there is no callback");
		return;
	}
	bounce(v, &e, WITHOUT_ERROR, 0);
	if (v->domain->shutdown)
		return;
	v->frame.rsp -= 4 * 8;
	if (copy_to_guest(v->frame.rsp, words, sizeof(words)))
		domain_crash(v->domain, "kernel stack %#lx cannot be written", v->frame.rsp);
}

static inline __attribute__((always_inline))
void bounce_syscall(struct vcpu *v, unsigned type)
{
	struct entry e = callback_entry(&v->traps, CALLBACKTYPE_syscall);

	/* Both obey the first one's mask flag. */
	e.address = v->traps.callback[type];
	if (unlikely(!e.address)) {
		v->frame.rip -= 2;
		frame_return_by_iret(v);
		bounce_exception(v, TRAP_UD);
		return;
	}
	bounce(v, &e, WITHOUT_ERROR, 0);
}

/* SYSCALL in guest user mode is the guest kernel's business. */
void trap_user_syscall(struct vcpu *v)
{
	bounce_syscall(v, CALLBACKTYPE_syscall);
}

/* So is SYSCALL of 32-bit code, the kernel's too. */
void trap_syscall32(struct vcpu *v)
{
	bounce_syscall(v, CALLBACKTYPE_syscall32);
}

void trap_iret_fault(struct vcpu *v)
{
	struct cpu *c = this_cpu();

	frame_return_by_iret(v);
	if (unlikely(c->iret_fault_vector == TRAP_PF)) {
		/* a page of its LDT is missing: it is told where */
		v->frame.error = c->iret_fault_error;
		trap_page_fault(v);
		return;
	}
	bounce_exception_error(v, c->iret_fault_vector, c->iret_fault_error);
}
