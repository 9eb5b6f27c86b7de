/* SPDX-License-Identifier: MIT */
/* trap.c - why the processor came to the kernel, and what follows.
 *
 * From user mode: a system call, an interrupt, or a fault that is the
 * program's own affair. From kernel mode: an interrupt while idle, or a fault
 * on a user address at a place that expects one; anything else is our bug.
 */
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/printk.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "platform/cpu.h"
#include "platform/platform.h"
#include "platform/regs.h"

#define PF_WRITE 2
#define PF_EXEC 16
#define VECTOR_PF 14
#define SEGV_MAPERR 1

void thread_begin(void);

/* VECTOR(number, signal, si_code, words) */
#define EXCEPTIONS \
	VECTOR(0, SIGFPE, 1, "division error") \
	VECTOR(1, SIGTRAP, 1, "debug trap") \
	VECTOR(3, SIGTRAP, 0x80, "breakpoint") \
	VECTOR(4, SIGSEGV, 0x80, "overflow") \
	VECTOR(5, SIGSEGV, 0x80, "bound exceeded") \
	VECTOR(6, SIGILL, 2, "invalid instruction") \
	VECTOR(7, SIGSEGV, 0x80, "no extended state") \
	VECTOR(10, SIGSEGV, 0x80, "bad task segment") \
	VECTOR(11, SIGBUS, 0x80, "segment not present") \
	VECTOR(12, SIGBUS, 0x80, "stack segment fault") \
	VECTOR(13, SIGSEGV, 0x80, "general protection fault") \
	VECTOR(16, SIGFPE, 0, "floating point error") \
	VECTOR(17, SIGBUS, 1, "alignment error") \
	VECTOR(19, SIGFPE, 0, "floating point error") \
	VECTOR(VECTOR_BAD_RETURN, SIGSEGV, 0x80, "segment registers cannot be restored")

static void say_fault(const struct user_regs *regs, const char *what, uint64_t addr)
{
	printk("%s[%d]: %s at address %#lx, ip %#lx, sp %#lx, error %#lx\n", current->comm,
	       current->process->pid, what, addr, regs->rip, regs->rsp, regs->error);
}

/* A program that handles the signal itself does not bother anybody. */
static void program_fault(const struct user_regs *regs, int sig, int code, uint64_t addr,
			  const char *what)
{
	signal_force(sig, code, addr);
	if (current->process->actions[sig - 1].handler == 0)
		say_fault(regs, what, addr);
}

/* The largest process pays, whoever asked; the asker tries again when that one
 * is gone. What the kernel needs meanwhile comes from the reserve. */
static void out_of_memory(void)
{
	struct process *p, *victim = current->process;

	list_for_each(p, &process_list, node)
		if (p->mm && p->pid != 1 && p->mm->resident > victim->mm->resident)
			victim = p;
	if (!victim->exiting) {
		printk("%s[%d]: out of memory (%lu pages free, it has %lu): killed\n",
		       victim->comm, victim->pid, page_free_count, victim->mm->resident);
		process_begin_exit(victim, SIGKILL);
	}
	if (victim != current->process)
		schedule();
}

static void user_page_fault(const struct user_regs *regs, uint64_t addr)
{
	unsigned access = regs->error & PF_EXEC ? VMA_EXEC :
			  regs->error & PF_WRITE ? VMA_WRITE : VMA_READ;
	int rc = -EFAULT;

	if (addr < USER_TOP)
		rc = page_free_count < PAGE_RESERVE ? -ENOMEM :
		     mm_fault(current->process->mm, addr, access);
	if (!rc)
		return;
	if (rc == -ENOMEM) {
		out_of_memory();
	} else if (rc == -EIO) {
		program_fault(regs, SIGBUS, 2, addr, "no page behind the mapping");
	} else {
		program_fault(regs, SIGSEGV, SEGV_MAPERR, addr, "segmentation fault");
	}
}

static void user_exception(const struct user_regs *regs)
{
	switch (regs->vector) {
#define VECTOR(nr, sig, code, words) \
	case nr: \
		program_fault(regs, sig, code, regs->rip, words); \
		break;
	EXCEPTIONS
#undef VECTOR
	default:
		program_fault(regs, SIGSEGV, 0x80, regs->rip, "unexpected trap");
	}
}

static bool fix_up(struct user_regs *regs)
{
	for (const struct exception_row *row = exception_table; row < exception_table_end; row++) {
		if (row->at == regs->rip) {
			regs->rip = row->go_on;
			return true;
		}
	}
	return false;
}

static void kernel_trap(struct user_regs *regs)
{
	uint64_t addr = regs->vector == VECTOR_PF ? platform_fault_address() : 0;
	struct mm *mm = sched_active_mm();

	if (regs->vector == VECTOR_INTERRUPT) {
		platform_handle_interrupts();
		return;
	}
	if (regs->vector == VECTOR_PF && addr < USER_TOP && mm &&
	    !mm_fault(mm, addr, regs->error & PF_WRITE ? VMA_WRITE : VMA_READ))
		return;
	if (fix_up(regs))
		return;
	panic("trap %lu in the kernel: error %#lx address %#lx ip %#lx sp %#lx", regs->vector,
	      regs->error, addr, regs->rip, regs->rsp);
}

static void before_user(struct user_regs *regs)
{
	if (sched_should_yield())
		schedule();
	if (signal_is_pending(current) || current->restore_blocked)
		signals_deliver(regs);
	sched_program_timer();
}

void trap_handle(struct user_regs *regs)
{
	if (!regs_from_user(regs)) {
		kernel_trap(regs);
		return;
	}
	if (regs->vector == VECTOR_SYSCALL)
		syscall_handle(regs);
	else if (regs->vector == VECTOR_INTERRUPT)
		interrupts_poll();
	else if (regs->vector == VECTOR_PF)
		user_page_fault(regs, platform_fault_address());
	else
		user_exception(regs);
	before_user(regs);
}

/* A new thread's first steps, before switch.S lets it into user mode. */
void thread_begin(void)
{
	sched_after_switch();
	before_user(current->regs);
}
