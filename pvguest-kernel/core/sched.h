/* SPDX-License-Identifier: MIT */
/* sched.h - who runs next. */
#ifndef KERNEL_CORE_SCHED_H
#define KERNEL_CORE_SCHED_H

#include "core/process.h"

#define KERNEL_STACK_ORDER 2
#define KERNEL_STACK_SIZE (PAGE_SIZE << KERNEL_STACK_ORDER)

void sched_init(void);			/* the caller becomes the idle thread */
void sched_idle_loop(void) NORETURN;

void schedule(void);			/* gives the CPU to the next thread */
void thread_make_runnable(struct thread *t);
bool sched_should_yield(void);		/* its slice is over and others wait */

/* Interrupts that are pending, timers that are due. */
void interrupts_poll(void);
uint64_t timers_next(void);	/* time.c: the first expiry, or NO_DEADLINE */
void timers_run(void);		/* time.c: fires what is due */
/* Programs the machine's timer for what comes first. */
void sched_program_timer(void);

/* The first thing on a thread's stack after it was switched to. */
void sched_after_switch(void);

/* process.c: a dead thread's stack, freed from another one. */
void thread_free(struct thread *t);

/* The address space the CPU is in: current->process->mm, except for moments in
 * which fork and exec work in another one. */
void sched_use_mm(struct mm *mm);
struct mm *sched_active_mm(void);

#endif
