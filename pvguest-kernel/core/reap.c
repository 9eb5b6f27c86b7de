/* SPDX-License-Identifier: MIT */
/* reap.c - waiting for children: what happened to them, what they used.
 *
 * An event is told once: the record of an ended child goes with the telling.
 */
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/syscall.h"
#include "mm/user.h"

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
