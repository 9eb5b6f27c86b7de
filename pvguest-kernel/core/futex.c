/* SPDX-License-Identifier: MIT */
/* futex.c - sleeping on a word of user memory.
 *
 * A word is named by its address space and address: waiters of different
 * processes never meet, which is what private futexes ask for.
 */
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "mm/user.h"

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_CMD_MASK 0x7f
#define FUTEX_CLOCK_REALTIME 0x100
#define ANY_BIT 0xffffffffu

struct sleeper {
	struct list node;
	struct thread *thread;
	const struct mm *mm;
	uint64_t addr;
	uint32_t bits;
	bool woken;
};

static struct list sleepers = LIST_INIT(sleepers);

static long wake(const struct mm *mm, uint64_t addr, uint32_t count, uint32_t bits)
{
	struct sleeper *s, *tmp;
	long woken = 0;

	list_for_each_safe(s, tmp, &sleepers, node) {
		if (woken >= (long)count)
			break;
		if (s->mm != mm || s->addr != addr || !(s->bits & bits))
			continue;
		list_remove(&s->node);
		s->woken = true;
		if (s->thread->state == THREAD_SLEEPING)
			thread_make_runnable(s->thread);
		woken++;
	}
	return woken;
}

void futex_wake_all_at(uint64_t uaddr)
{
	wake(current->process->mm, uaddr, UINT32_MAX, ANY_BIT);
}

static long wait_on(uint64_t uaddr, uint32_t expected, uint64_t deadline, uint32_t bits)
{
	struct sleeper s = {
		.thread = current, .mm = current->process->mm, .addr = uaddr, .bits = bits,
	};
	uint32_t value;
	int rc;

	if (get_user(value, uaddr))
		return -EFAULT;
	if (value != expected)
		return -EAGAIN;
	list_push_back(&sleepers, &s.node);
	do
		rc = s.woken ? 0 : thread_sleep(deadline);
	while (!rc && !s.woken);
	list_remove(&s.node);
	return s.woken ? 0 : rc;
}

static long requeue(uint64_t from, uint64_t to, uint32_t wake_count, uint32_t move_count)
{
	const struct mm *mm = current->process->mm;
	long done = wake(mm, from, wake_count, ANY_BIT);
	struct sleeper *s;

	list_for_each(s, &sleepers, node) {
		if (!move_count)
			break;
		if (s->mm == mm && s->addr == from) {
			s->addr = to;
			move_count--;
			done++;
		}
	}
	return done;
}

/* FUTEX_WAIT's time is relative, FUTEX_WAIT_BITSET's absolute. */
static int futex_deadline(uint64_t utimeout, uint64_t op, uint64_t *deadline)
{
	uint64_t ns, now = clock_now();
	int rc;

	*deadline = NO_DEADLINE;
	if (!utimeout)
		return 0;
	rc = timespec_from_user(&ns, utimeout);
	if (rc)
		return rc;
	if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT) {
		*deadline = now + ns;
	} else if (op & FUTEX_CLOCK_REALTIME) {
		uint64_t wall = clock_wall();

		*deadline = now + (ns > wall ? ns - wall : 0);
	} else {
		*deadline = ns;
	}
	return 0;
}

long sys_futex(uint64_t uaddr, uint64_t op, uint64_t value, uint64_t utimeout, uint64_t uaddr2,
	       uint64_t value3)
{
	const struct mm *mm = current->process->mm;
	uint32_t now_there;
	uint64_t deadline;
	int rc;

	if (uaddr % 4)
		return -EINVAL;
	switch (op & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		rc = futex_deadline(utimeout, op, &deadline);
		if (rc)
			return rc;
		return wait_on(uaddr, (uint32_t)value, deadline,
			       (op & FUTEX_CMD_MASK) == FUTEX_WAIT ? ANY_BIT : (uint32_t)value3);
	case FUTEX_WAKE:
		return wake(mm, uaddr, (uint32_t)value, ANY_BIT);
	case FUTEX_WAKE_BITSET:
		return wake(mm, uaddr, (uint32_t)value, (uint32_t)value3);
	case FUTEX_CMP_REQUEUE:
		if (get_user(now_there, uaddr))
			return -EFAULT;
		if (now_there != (uint32_t)value3)
			return -EAGAIN;
		return requeue(uaddr, uaddr2, (uint32_t)value, (uint32_t)utimeout);
	case FUTEX_REQUEUE:
		return requeue(uaddr, uaddr2, (uint32_t)value, (uint32_t)utimeout);
	default:
		return -ENOSYS;
	}
}
