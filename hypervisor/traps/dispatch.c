/* SPDX-License-Identifier: MIT */
/* dispatch.c - one handler a trap.
 *
 * Guards: every exception a guest can cause ends in its own handler, in an
 * emulation, or in its domain's crash. Rows: traps.def.
 * Not here: frames for the guest (bounce.c), faults of our own (fault.c).
 */
#include "traps/traps.h"

#include "console/console.h"
#include "cpu/cpus.h"
#include "cpu/stop.h"
#include "emul/emul.h"
#include "mm/mm.h"
#include "time/time.h"

void trap_bounce(struct vcpu *v)
{
	bounce_exception(v, v->frame.vector);
}

void trap_bounce_error(struct vcpu *v)
{
	bounce_exception_error(v, v->frame.vector, v->frame.error);
}

void trap_debug(struct vcpu *v)
{
	emul_debug_trap(v);
	bounce_exception(v, TRAP_DB);
}

void trap_nmi(struct vcpu *v)
{
	interrupt_nmi(&v->frame, true);
}

/* From another CPU, from the watchdog's clock, or something outside wants
 * attention. Anything may have been interrupted: no lock is taken. */
void interrupt_nmi(const struct cpu_frame *f, bool from_guest)
{
	cpu_stop_if_asked();
	if (!watchdog_nmi(f, from_guest))
		cpu_pend(this_cpu(), CPU_NMI);
}

static __attribute__((noinline)) void debug_after(struct vcpu *v)
{
	emul_debug_done(v);
	bounce_exception(v, TRAP_DB);
}

void trap_invalid_opcode(struct vcpu *v)
{
	if (unlikely(!emul_invalid_opcode(v)))
		bounce_exception(v, TRAP_UD);
	else if (unlikely(v->frame.rflags & FLAGS_TF))
		debug_after(v);
}

/* FPU use after fpu_taskswitch(1): tell the guest once. */
void trap_no_fpu(struct vcpu *v)
{
	emul_set_cr0_ts(v, false);
	bounce_exception(v, TRAP_NM);
}

/* IDT-style error code: set when the fault names a gate of the IDT. */
#define ERROR_EXTERNAL	1u
#define ERROR_IDT	2u

void trap_general_protection(struct vcpu *v)
{
	uint32_t error = v->frame.error;

	/* `int N` through a gate we keep at DPL 0: the guest's table decides. */
	if ((error & (ERROR_IDT | ERROR_EXTERNAL)) == ERROR_IDT) {
		unsigned vector = (error >> 3) & 0xff;
		const struct trap_gate *g = &v->traps.gates[vector];

		if ((g->flags & 3) >= (v->kernel_mode ? 1 : 3)) {
			v->frame.rip += 2;
			bounce_exception(v, vector);
			return;
		}
	} else if (!error) {
		switch (emul_privileged(v)) {
		case EMUL_DONE:
			if (unlikely((v->frame.rflags & FLAGS_TF) || v->emul.port_hits))
				debug_after(v);
			return;
		case EMUL_AGAIN:
			return;
		case EMUL_UNDEFINED:
			bounce_exception(v, TRAP_UD);
			return;
		case EMUL_NO_MEMORY:
			bounce_page_fault(v, v->emul.fault_va, PF_USER |
					  (v->emul.fault_write ? PF_WRITE : 0));
			return;
		case EMUL_FAULT:
			break;
		}
	}
	bounce_exception_error(v, TRAP_GP, error);
}

/* The CPU read a descriptor through the vCPU's window for a guest. */
static __attribute__((noinline))
void descriptor_fault(struct vcpu *v, uint64_t address, uint32_t error)
{
	if (mm_fixup_ldt(v, address))
		return;
	if (address >= PERDOMAIN_BASE && address < GDT_WINDOW(MAX_VCPUS) &&
	    !mm_ldt_fault_va(v, address, &address)) {
		/* A descriptor the guest never installed. */
		bounce_exception_error(v, TRAP_GP, address & 0xfff8);
		return;
	}
	bounce_page_fault(v, address, error);
}

static __attribute__((noinline))
void protected_store(struct vcpu *v, uint64_t address)
{
	enum store_result result = mm_fixup_store(v, address);

	if (likely(result == STORE_DONE)) {
		if (unlikely(v->frame.rflags & FLAGS_TF))
			debug_after(v);
	} else if (result == STORE_REFUSED) {
		bounce_page_fault(v, address, v->frame.error);
	}
}

/* tour 08: a guest faulted: ours to mend, or its own business? */
void trap_page_fault(struct vcpu *v)
{
	uint64_t address = read_cr2();
	uint32_t error = v->frame.error;

	/* Only a store to a read-only page by the guest kernel, or a
	 * descriptor load from our window, may be ours to mend. */
	if (unlikely(!(error & PF_USER)))
		descriptor_fault(v, address, error);
	else if ((error & (PF_PRESENT | PF_WRITE | PF_RESERVED | PF_FETCH)) ==
		 (PF_PRESENT | PF_WRITE) && v->kernel_mode)
		protected_store(v, address);
	else
		bounce_page_fault(v, address, error);
}

void trap_fatal(struct vcpu *v)
{
	panic("fatal exception %u from guest %u at %#lx", v->frame.vector,
	      v->domain->id, v->frame.rip);
}

void trap_interrupt(unsigned vector)
{
	struct cpu *c = this_cpu();

	switch (vector) {
	case TIMER_VECTOR:
		apic_eoi();
		cpu_pend(c, CPU_TIMER);
		break;
	case IPI_VECTOR:		/* pending bits are looked at on the way out */
		apic_eoi();
		cpu_serve_requests();
		break;
	case CONSOLE_VECTOR:
		apic_eoi();
		console_poll_input();
		break;
	case SPURIOUS_VECTOR:
		break;
	default:
		log_guest("unexpected interrupt vector %#x", vector);
		apic_eoi();
	}
}

/* Any other vector, from CPL 3. */
void interrupt_from_guest(struct vcpu *v)
{
	if (v->frame.vector != 0x80) {
		trap_interrupt(v->frame.vector);
		return;
	}
	/* The one software gate at DPL 3 of its own: the guest's DPL is not asked. */
	if (v->traps.gates[0x80].address) {
		bounce_exception(v, 0x80);
	} else {
		v->frame.rip -= 2;
		bounce_exception_error(v, TRAP_GP, 0x80 << 3 | ERROR_IDT);
	}
}
