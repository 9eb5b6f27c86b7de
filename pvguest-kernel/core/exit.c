/* SPDX-License-Identifier: MIT */
/* exit.c - how threads and processes end, and how parents learn of it.
 *
 * The last thread of a process to end gives back what the process holds; the
 * record itself stays, a zombie, until the parent has waited for it (reap.c).
 */
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/printk.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "fs/file.h"
#include "fs/tty.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/user.h"
#include "platform/platform.h"

#define SA_NOCLDSTOP 1
#define SA_NOCLDWAIT 2
#define SIG_IGN 1

void process_end_other_threads(struct process *p)
{
	struct thread *t;

	list_for_each(t, &p->threads, node) {
		if (t == current)
			continue;
		t->ending = true;
		if (t->state == THREAD_SLEEPING || t->state == THREAD_STOPPED)
			thread_make_runnable(t);
	}
}

void process_begin_exit(struct process *p, int status)
{
	if (p->exiting)
		return;
	p->exiting = true;
	p->exit_status = status;
	process_end_other_threads(p);
	if (current->process == p)
		current->ending = true;
}

void process_free(struct process *p)
{
	list_remove(&p->node);
	list_remove(&p->sibling);
	kfree(p);
}

static bool parent_wants_no_zombie(const struct process *p)
{
	const struct sigaction *act = &p->parent->actions[SIGCHLD - 1];

	return p->exit_signal == SIGCHLD &&
	       (act->handler == SIG_IGN || (act->flags & SA_NOCLDWAIT));
}

void process_notify_parent(struct process *p)
{
	struct process *parent = p->parent;

	if (p->zombie ? p->exit_signal :
	    !(parent->actions[SIGCHLD - 1].flags & SA_NOCLDSTOP))
		signal_process(parent, p->zombie ? p->exit_signal : SIGCHLD);
	waitq_wake(&parent->child_event);
}

static void give_children_to_init(struct process *p)
{
	struct process *init = process_find(1), *child, *tmp;

	list_for_each_safe(child, tmp, &p->children, sibling) {
		list_remove(&child->sibling);
		list_push_back(&init->children, &child->sibling);
		child->parent = init;
		child->exit_signal = SIGCHLD;
		if (child->zombie)
			process_notify_parent(child);
	}
}

static void release_resources(struct process *p)
{
	struct files *files = p->files;
	struct fs_context *fs = p->fs;
	struct mm *mm = p->mm;

	timer_cancel(&p->alarm);
	p->files = NULL;
	files_put(files);
	if (p->pid == p->sid)
		tty_session_leader_exit(p);
	tty_put(p->tty);
	p->tty = NULL;
	p->fs = NULL;
	fs_context_put(fs);
	p->mm = NULL;
	sched_use_mm(NULL);
	mm_put(mm);
}

static void process_finish(struct process *p)
{
	if (p->pid == 1) {
		printk("init ended with status %#x: nothing is left to run\n", p->exit_status);
		platform_end(PLATFORM_POWER_OFF);
	}
	release_resources(p);
	give_children_to_init(p);
	process_times(p, &p->utime, &p->stime);
	p->zombie = true;
	waitq_wake(&p->exec_or_exit);
	process_notify_parent(p);
}

/* The thread leaves its process's list here, and its memory in schedule(). */
void thread_exit(void)
{
	struct thread *t = current;
	struct process *p = t->process;
	uint32_t zero = 0;

	if (t->clear_tid && p->mm && !put_user(zero, t->clear_tid))
		futex_wake_all_at(t->clear_tid);
	timer_cancel(&t->sleep_timer);
	if (list_first(&p->threads, struct thread, node) == t && t->node.next == &p->threads) {
		process_finish(p);
	} else {
		p->utime += t->utime;
		p->stime += t->stime;
	}
	list_remove(&t->node);
	waitq_wake(&p->exec_or_exit);
	if (p->zombie && parent_wants_no_zombie(p)) {
		p->parent = NULL;
		process_free(p);
	}
	t->process = NULL;
	t->regs = NULL;
	t->state = THREAD_DEAD;
	schedule();
	panic("a dead thread ran");
}

void process_exit(int status)
{
	process_begin_exit(current->process, status);
	thread_exit();
}

long sys_exit(uint64_t status)
{
	if (current->process->threads.next == current->process->threads.prev)
		process_exit((int)(status & 0xff) << 8);
	thread_exit();
}

long sys_exit_group(uint64_t status)
{
	process_exit((int)(status & 0xff) << 8);
}
