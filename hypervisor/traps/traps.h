/* SPDX-License-Identifier: MIT */
/* traps.h - what hardware reports, and how it is bounced to the guest.
 */
#ifndef PARAVANE_TRAPS_TRAPS_H
#define PARAVANE_TRAPS_TRAPS_H

#include "cpu/bits.h"
#include "domain/domain.h"
#include "mm/map.h"

/* Vectors of exceptions, from the rows of traps.def. */
enum {
#define TRAP(vec, name, error, dpl, ist, handler)	TRAP_##name = vec,
#include "traps/traps.def"
#undef TRAP
};

/* The interrupt descriptor table, shared by all CPUs and sealed after boot. */
void idt_build(void);
void idt_load(void);

/* From entry/: the handlers of traps.def, other vectors, a trap from CPL 0, SYSCALL in guest user
 * mode, an IRETQ that faulted. */
#define TRAP(vec, name, error, dpl, ist, handler)	void handler(struct vcpu *v);
#include "traps/traps.def"
#undef TRAP
void interrupt_from_guest(struct vcpu *v);
void trap_from_hypervisor(struct cpu_frame *f);
void trap_user_syscall(struct vcpu *v);
void trap_syscall32(struct vcpu *v);
void trap_iret_fault(struct vcpu *v);
/* An interrupt, wherever it came from. */
void trap_interrupt(unsigned vector);
void interrupt_nmi(const struct cpu_frame *f, bool from_guest);
/* Pending bits into actions; returns the vCPU to run. */
struct vcpu *exit_work(struct vcpu *v);
struct vcpu *exit_work_again(struct vcpu *v);
NORETURN void enter_guest(struct vcpu *v, uint64_t stack_top);
/* The end of boot: idle until somebody may run here. The CPU is in its idle
 * vCPU's name and on its own stack. */
NORETURN void idle_enter(void);

/* --- bounce.c: the guest's own handlers ---------------------------------- */
void bounce_exception(struct vcpu *v, unsigned vector);
void bounce_exception_error(struct vcpu *v, unsigned vector, uint32_t error);
/* #PF: also publishes the address. */
void bounce_page_fault(struct vcpu *v, uint64_t address, uint32_t error);
void bounce_event(struct vcpu *v);
void bounce_nmi(struct vcpu *v);
void bounce_failsafe(struct vcpu *v);

/* To the vCPU's other mode, without a frame: bases and page tables swap. */
static inline void toggle_mode(struct vcpu *v, bool kernel)
{
	v->kernel_mode = kernel;
	swapgs();
	mm_load_mode(v, kernel);
}

/* --- switch.c ------------------------------------------------------------- */
/* Put prev's live registers away, take next's out. Either may be idle. */
void context_switch(struct vcpu *prev, struct vcpu *next);

/* Selectors a guest may return to: any of its own, always at RPL 3. */
static inline uint16_t guest_selector(uint16_t sel)
{
	return sel | 3;
}

/* The vCPU's frame was written by us: leave by IRETQ, all registers exact. */
static inline void frame_return_by_iret(struct vcpu *v)
{
	v->frame.vector = ENTRY_NONE;
}

#endif
