/* SPDX-License-Identifier: MIT */
/* sched.c - one run queue, round robin, a slice each.
 *
 * Invariant: a thread is on the queue exactly when it is runnable and not
 * current. User mode is preempted by the timer; the kernel never is.
 */
#include "core/sched.h"

#include "core/printk.h"
#include "mm/mm.h"
#include "platform/cpu.h"
#include "platform/platform.h"
#include "platform/regs.h"

#define SLICE (10 * NSEC_PER_MSEC)

struct thread *current;

static struct thread idle;
static struct list run_queue = LIST_INIT(run_queue);
static unsigned run_count;
static uint64_t switched_in_at;
static uint64_t slice_end;
static uint64_t programmed;		/* what the machine's timer is set to */
static struct mm *active_mm;
static struct thread *dead;


void thread_make_runnable(struct thread *t)
{
	t->state = THREAD_RUNNABLE;
	if (t == current || !list_empty(&t->run_node))
		return;
	list_push_back(&run_queue, &t->run_node);
	run_count++;
}

bool sched_should_yield(void)
{
	return run_count && clock_now() >= slice_end;
}

void sched_use_mm(struct mm *mm)
{
	if (mm == active_mm)
		return;
	platform_use_tables(mm ? &mm->tables : NULL);
	active_mm = mm;
}

struct mm *sched_active_mm(void)
{
	return active_mm;
}

static struct thread *pick(void)
{
	struct thread *t = list_first(&run_queue, struct thread, run_node);

	if (!t)
		return &idle;
	list_remove(&t->run_node);
	run_count--;
	return t;
}

static void switch_to(struct thread *prev, struct thread *next)
{
	if (next != &idle) {
		sched_use_mm(next->process->mm);
		platform_use_stack((char *)next->stack + KERNEL_STACK_SIZE);
		platform_use_segments(next->fs_base, next->gs_base);
	}
	if (prev != &idle && prev->state != THREAD_DEAD)
		fpu_save(prev->fpu);
	if (next != &idle && !fpu_restore(next->fpu))
		panic("thread %d: extended state refused", next->tid);
	current = next;
	stack_switch_to(&prev->saved_sp, next->saved_sp);
}

/* The first thing on the next thread's stack: a dead one cannot free its own. */
void sched_after_switch(void)
{
	if (dead) {
		struct thread *t = dead;

		dead = NULL;
		thread_free(t);
	}
}

void schedule(void)
{
	struct thread *prev = current, *next;
	uint64_t now = clock_now();

	if (prev != &idle) {
		if (prev->regs && prev->regs->vector == VECTOR_INTERRUPT)
			prev->utime += now - switched_in_at;
		else
			prev->stime += now - switched_in_at;
		if (prev->state == THREAD_RUNNABLE) {
			list_push_back(&run_queue, &prev->run_node);
			run_count++;
		}
	}
	next = pick();
	switched_in_at = now;
	slice_end = now + SLICE;
	if (next == prev)
		return;
	if (prev->state == THREAD_DEAD)
		dead = prev;
	switch_to(prev, next);
	sched_after_switch();
}

void sched_yield(void)
{
	schedule();
}

void sched_program_timer(void)
{
	uint64_t next = timers_next();

	if (run_count && slice_end < next)
		next = slice_end;
	if (next == programmed || next == NO_DEADLINE)
		return;
	programmed = next;
	platform_timer_set(next);
}

/* The timer may have come a little early: it is programmed anew after this. */
void interrupts_poll(void)
{
	programmed = 0;
	platform_handle_interrupts();
	timers_run();
}

void sched_init(void)
{
	current = &idle;
	list_init(&idle.run_node);
	idle.state = THREAD_RUNNABLE;
}

void sched_idle_loop(void)
{
	for (;;) {
		interrupts_poll();
		if (!list_empty(&run_queue)) {
			schedule();
			continue;
		}
		sched_program_timer();
		platform_idle();
	}
}
