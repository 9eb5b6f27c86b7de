/* SPDX-License-Identifier: MIT */
/* fault.c - traps that came from the hypervisor itself.
 *
 * Guards: a fault at CPL 0 is legal only at a row of the exception table;
 * anything else is our bug and stops the machine with registers.
 * Interrupts come from CPL 0 only in the idle loop.
 */
#include "traps/traps.h"

#include "console/console.h"
#include "mm/mm.h"

struct extable_row { uint64_t insn, fixup; };
extern const struct extable_row extable_start[], extable_end[];

/* The address to continue at after a fault at `rip`, 0 if it is a bug. */
static uint64_t extable_find(uint64_t rip)
{
	for (const struct extable_row *r = extable_start; r < extable_end; r++)
		if (r->insn == rip)
			return r->fixup;
	return 0;
}

NORETURN static void die(struct cpu_frame *f)
{
	log("exception %u in the hypervisor, cr2 %#lx cr3 %#lx", f->vector, read_cr2(),
	    read_cr3());
	log_registers(f);
	panic("exception in the hypervisor");
}

/* A descriptor-window page not mapped yet, or a translation that has become
 * valid since the CPU remembered it: try again. The tables decide, and the CPU
 * remembers nothing then, so the next fault there has another reason. */
static bool mended(struct cpu *c, const struct cpu_frame *f, uint64_t va)
{
	struct vcpu *v = c->current;

	if (v == c->idle)
		return false;
	if (va >= PERDOMAIN_BASE && va < GDT_WINDOW(MAX_VCPUS))
		return mm_fixup_ldt(v, va);
	if ((f->error & PF_RESERVED) ||
	    !mm_walk_permits(va, f->error & PF_WRITE, !v->kernel_mode))
		return false;
	invlpg(va);
	return true;
}

void trap_from_hypervisor(struct cpu_frame *f)
{
	struct cpu *c = this_cpu();
	uint64_t fixup;

	switch (f->vector) {
	case TRAP_NMI:
		interrupt_nmi(f, false);
		return;
	case TRAP_DB:
		/* A guest's watch that we hit after the fact, on its memory or a
		 * port: harmless. None can lie on an instruction of ours. */
		write_dr(6, 0xffff0ff0);
		return;
	case TRAP_PF:
		if (extable_find(f->rip) && mended(c, f, read_cr2()))
			return;
		break;
	default:
		if (f->vector >= 32) {
			trap_interrupt(f->vector);
			return;
		}
	}

	fixup = extable_find(f->rip);
	if (!fixup || f->vector == TRAP_DF || f->vector == TRAP_MC)
		die(f);
	c->iret_fault_vector = f->vector;
	c->iret_fault_error = f->error;
	f->rip = fixup;
}
