/* SPDX-License-Identifier: MIT */
/* exit.c - how threads and processes end, and how parents learn of it.
 *
 * The last thread of a process to end gives back what the process holds; the
 * record itself stays, a zombie, until the parent has waited for it.
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

static void process_free(struct process *p)
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

/* --- waiting --- */

#define WNOHANG 1
#define WUNTRACED 2		/* WSTOPPED in waitid */
#define WEXITED 4
#define WCONTINUED 8
#define WNOWAIT 0x1000000

#define P_ALL 0
#define P_PID 1
#define P_PGID 2

#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_STOPPED 5
#define CLD_CONTINUED 6

struct wait_request {
	int pid;		/* > 0 */
	int pgid;		/* > 0; both 0: any child */
	uint64_t options;
	/* the answer */
	int found, status;
	uint64_t utime, stime;
};

static bool matches(const struct wait_request *req, const struct process *child)
{
	return (!req->pid || child->pid == req->pid) && (!req->pgid || child->pgid == req->pgid);
}

static bool take_event(struct wait_request *req, struct process *child)
{
	bool keep = req->options & WNOWAIT;

	req->found = child->pid;
	req->utime = req->stime = 0;
	if (child->zombie && (req->options & WEXITED)) {
		req->status = child->exit_status;
		req->utime = child->utime;
		req->stime = child->stime;
		if (!keep) {
			current->process->child_utime += child->utime + child->child_utime;
			current->process->child_stime += child->stime + child->child_stime;
			process_free(child);
		}
		return true;
	}
	if (child->stopped && !child->stop_reported && (req->options & WUNTRACED)) {
		req->status = child->exit_status;
		child->stop_reported = !keep;
		return true;
	}
	if (child->continued && (req->options & WCONTINUED)) {
		req->status = 0xffff;
		child->continued = keep;
		return true;
	}
	return false;
}

static int do_wait(struct wait_request *req)
{
	struct process *self = current->process, *child, *tmp;

	for (;;) {
		bool any = false;
		int rc;

		list_for_each_safe(child, tmp, &self->children, sibling) {
			if (!matches(req, child))
				continue;
			any = true;
			if (take_event(req, child))
				return 0;
		}
		req->found = 0;
		if (!any)
			return -ECHILD;
		if (req->options & WNOHANG)
			return 0;
		rc = waitq_wait(&self->child_event, NO_DEADLINE);
		if (rc)
			return rc;
	}
}

struct rusage {
	struct timeval utime, stime;
	int64_t other[14];
};

static int put_rusage(uint64_t uaddr, uint64_t utime, uint64_t stime)
{
	struct rusage ru = {
		.utime = { (int64_t)(utime / NSEC_PER_SEC),
			   (int64_t)(utime % NSEC_PER_SEC / NSEC_PER_USEC) },
		.stime = { (int64_t)(stime / NSEC_PER_SEC),
			   (int64_t)(stime % NSEC_PER_SEC / NSEC_PER_USEC) },
	};

	return put_user(ru, uaddr);
}

long sys_wait4(uint64_t upid, uint64_t ustatus, uint64_t options, uint64_t urusage)
{
	int pid = (int)upid;
	struct wait_request req = {
		.pid = pid > 0 ? pid : 0,
		.pgid = pid < -1 ? -pid : pid == 0 ? current->process->pgid : 0,
		.options = ((uint32_t)options & (WNOHANG | WUNTRACED | WCONTINUED)) | WEXITED,
	};
	int rc = do_wait(&req);

	if (rc)
		return rc;
	if (req.found && ustatus && put_user(req.status, ustatus))
		return -EFAULT;
	if (req.found && urusage && put_rusage(urusage, req.utime, req.stime))
		return -EFAULT;
	return req.found;
}

static int child_code(const struct wait_request *req, int *status)
{
	if (req->status == 0xffff) {
		*status = SIGCONT;
		return CLD_CONTINUED;
	}
	if ((req->status & 0xff) == 0x7f) {
		*status = req->status >> 8;
		return CLD_STOPPED;
	}
	if (req->status & 0x7f) {
		*status = req->status & 0x7f;
		return req->status & 0x80 ? CLD_DUMPED : CLD_KILLED;
	}
	*status = req->status >> 8;
	return CLD_EXITED;
}

long sys_waitid(uint64_t which, uint64_t id, uint64_t uinfo, uint64_t options, uint64_t urusage)
{
	struct wait_request req = { .options = options };
	int32_t info[32] = { 0 };
	int rc;

	if (which > P_PGID || !(options & (WEXITED | WUNTRACED | WCONTINUED)))
		return -EINVAL;
	if (which == P_PID)
		req.pid = (int)id;
	if (which == P_PGID)
		req.pgid = (int)id ? (int)id : current->process->pgid;
	rc = do_wait(&req);
	if (rc)
		return rc;
	if (req.found) {
		info[0] = SIGCHLD;
		info[2] = child_code(&req, &info[6]);
		info[4] = req.found;
	}
	if (uinfo && put_user(info, uinfo))
		return -EFAULT;
	if (req.found && urusage && put_rusage(urusage, req.utime, req.stime))
		return -EFAULT;
	return 0;
}

long sys_getrusage(uint64_t who, uint64_t uaddr)
{
	const struct process *p = current->process;
	uint64_t user, system;

	process_times(p, &user, &system);
	if ((int)who == -1) {
		user = p->child_utime;
		system = p->child_stime;
	} else if ((int)who != 0 && (int)who != 1) {
		return -EINVAL;
	}
	return put_rusage(uaddr, user, system);
}
