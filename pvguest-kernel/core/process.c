/* SPDX-License-Identifier: MIT */
/* process.c - the table of processes, and what identifies them.
 *
 * Thread ids and process ids come from one sequence; a process has the id of
 * its first thread.
 */
#include "core/process.h"

#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "fs/tty.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/user.h"
#include "platform/cpu.h"
#include "platform/platform.h"
#include "platform/regs.h"

#define ID_MAX 32768

struct list process_list = LIST_INIT(process_list);

struct process *process_find(int pid)
{
	struct process *p;

	list_for_each(p, &process_list, node)
		if (p->pid == pid)
			return p;
	return NULL;
}

struct thread *thread_find(int tid)
{
	struct process *p;
	struct thread *t;

	list_for_each(p, &process_list, node)
		list_for_each(t, &p->threads, node)
			if (t->tid == tid)
				return t;
	return NULL;
}

static bool id_in_use(int id)
{
	const struct process *p;

	if (thread_find(id))
		return true;
	list_for_each(p, &process_list, node)
		if (p->pid == id || p->pgid == id || p->sid == id)
			return true;
	return false;
}

static int id_next(void)
{
	static int last;

	do
		last = last % ID_MAX + 1;
	while (id_in_use(last));
	return last;
}

struct thread *thread_create(struct process *p)
{
	struct thread *t = kzalloc(sizeof(*t));
	struct page *stack = page_alloc(KERNEL_STACK_ORDER);

	if (t)
		t->fpu = fpu_alloc();
	if (!t || !stack || !t->fpu) {
		if (stack)
			page_put(stack);
		if (t)
			fpu_free(t->fpu);
		kfree(t);
		return NULL;
	}
	t->stack = page_virt(stack);
	t->process = p;
	t->tid = id_next();
	t->state = THREAD_SLEEPING_HARD;
	list_init(&t->run_node);
	timer_init(&t->sleep_timer, NULL);
	t->altstack_flags = SS_DISABLE;
	t->regs = (struct user_regs *)((char *)t->stack + KERNEL_STACK_SIZE) - 1;
	memset(t->regs, 0, sizeof(*t->regs));
	platform_user_regs_init(t->regs);
	list_push_back(&p->threads, &t->node);
	return t;
}

/* Of no program and with no id: in no list, for ever. */
bool kernel_thread_start(void (*run)(void))
{
	static struct process kernel;
	struct thread *t = kzalloc(sizeof(*t));
	struct page *stack = page_alloc(KERNEL_STACK_ORDER);
	uint64_t *sp;

	if (t)
		t->fpu = fpu_alloc();
	if (!t || !stack || !t->fpu)
		return false;
	t->process = &kernel;
	t->stack = page_virt(stack);
	list_init(&t->run_node);
	timer_init(&t->sleep_timer, NULL);
	/* Its first switch pops six registers; after it the stack is as if
	 * somebody had called `run`. */
	sp = (uint64_t *)((char *)t->stack + KERNEL_STACK_SIZE) - 8;
	memset(sp, 0, 8 * sizeof(*sp));
	sp[6] = (uint64_t)run;
	t->saved_sp = sp;
	thread_make_runnable(t);
	return true;
}

/* Its first switch pops six callee-saved registers and returns to switch.S. */
void thread_start(struct thread *t)
{
	uint64_t *sp = (uint64_t *)t->regs;

	*--sp = (uint64_t)thread_first_return;
	sp -= 6;
	memset(sp, 0, 6 * sizeof(*sp));
	t->saved_sp = sp;
	thread_make_runnable(t);
}

void thread_free(struct thread *t)
{
	list_remove(&t->node);
	fpu_free(t->fpu);
	page_put(virt_page(t->stack));
	kfree(t);
}

struct process *process_create(struct process *parent)
{
	struct process *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	list_init(&p->children);
	list_init(&p->threads);
	list_init(&p->sibling);
	waitq_init(&p->child_event);
	waitq_init(&p->exec_or_exit);
	timer_init(&p->alarm, NULL);
	p->start_time = clock_now();
	if (parent) {
		p->parent = parent;
		p->pgid = parent->pgid;
		p->sid = parent->sid;
		p->tty = tty_get(parent->tty);
		memcpy(p->comm, parent->comm, sizeof(p->comm));
		memcpy(p->actions, parent->actions, sizeof(p->actions));
		memcpy(p->rlimit_cur, parent->rlimit_cur, sizeof(p->rlimit_cur));
		memcpy(p->rlimit_max, parent->rlimit_max, sizeof(p->rlimit_max));
	}
	return p;
}

/* Makes it visible: from here on only exit and wait remove it. */
void process_publish(struct process *p, const struct thread *first)
{
	p->pid = first->tid;
	list_push_back(&process_list, &p->node);
	if (p->parent)
		list_push_back(&p->parent->children, &p->sibling);
}

char process_state_letter(const struct process *p)
{
	const struct thread *t;

	if (p->zombie)
		return 'Z';
	if (p->stopped)
		return 'T';
	list_for_each(t, &p->threads, node)
		if (t == current || t->state == THREAD_RUNNABLE)
			return 'R';
	return 'S';
}

void process_times(const struct process *p, uint64_t *user, uint64_t *system)
{
	const struct thread *t;

	*user = p->utime;
	*system = p->stime;
	list_for_each(t, &p->threads, node) {
		*user += t->utime;
		*system += t->stime;
	}
}

static struct process *self_or(uint64_t pid)
{
	return (int)pid ? process_find((int)pid) : current->process;
}

long sys_getpid(void)
{
	return current->process->pid;
}

long sys_gettid(void)
{
	return current->tid;
}

long sys_getppid(void)
{
	return current->process->parent ? current->process->parent->pid : 0;
}

long sys_getpgid(uint64_t pid)
{
	const struct process *p = self_or(pid);

	return p ? p->pgid : -ESRCH;
}

long sys_getpgrp(void)
{
	return current->process->pgid;
}

long sys_getsid(uint64_t pid)
{
	const struct process *p = self_or(pid);

	return p ? p->sid : -ESRCH;
}

static bool group_in_session(int pgid, int sid)
{
	const struct process *p;

	list_for_each(p, &process_list, node)
		if (p->pgid == pgid && p->sid == sid)
			return true;
	return false;
}

long sys_setpgid(uint64_t pid, uint64_t pgid)
{
	struct process *p = self_or(pid);
	const struct process *self = current->process;
	int group = (int)pgid;

	if (group < 0)
		return -EINVAL;
	if (!p || (p != self && p->parent != self))
		return -ESRCH;
	if (p != self && p->execed)
		return -EACCES;
	if (!group)
		group = p->pid;
	if (p->sid != self->sid || p->pid == p->sid ||
	    (group != p->pid && !group_in_session(group, self->sid)))
		return -EPERM;
	p->pgid = group;
	return 0;
}

long sys_setsid(void)
{
	struct process *p = current->process;
	const struct process *other;

	list_for_each(other, &process_list, node)
		if (other->pgid == p->pid)
			return -EPERM;
	p->sid = p->pgid = p->pid;
	tty_put(p->tty);
	p->tty = NULL;
	return p->sid;
}

long sys_set_tid_address(uint64_t uaddr)
{
	current->clear_tid = uaddr;
	return current->tid;
}
