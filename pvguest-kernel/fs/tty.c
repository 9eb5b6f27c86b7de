/* SPDX-License-Identifier: MIT */
/* tty.c - terminals as files: blocking reads, settings and job control.
 *
 * Guards: a background process that reads (or, with TOSTOP, writes) its own
 * terminal is stopped instead; only a session's leader acquires a terminal,
 * and a terminal controls one session at most.
 * Not here: what bytes mean (tty_ldisc.c).
 */
#include "fs/tty.h"

#include "core/errno.h"
#include "core/process.h"
#include "core/time.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "mm/user.h"

#define TCGETS		0x5401
#define TCSETS		0x5402
#define TCSETSW		0x5403
#define TCSETSF		0x5404
#define TCSBRK		0x5409
#define TCXONC		0x540a
#define TCFLSH		0x540b
#define TIOCSCTTY	0x540e
#define TIOCGPGRP	0x540f
#define TIOCSPGRP	0x5410
#define TIOCOUTQ	0x5411
#define TIOCGWINSZ	0x5413
#define TIOCSWINSZ	0x5414
#define FIONREAD	0x541b
#define TIOCNOTTY	0x5422
#define TCSBRKP		0x5425
#define TIOCGSID	0x5429

_Static_assert(sizeof(struct termios) == 36, "Linux's kernel termios");

void tty_init(struct tty *t, uint32_t rdev)
{
	static const uint8_t cc[19] = {
		[VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21,
		[VEOF] = 4, [VMIN] = 1, [VSTART] = 17, [VSTOP] = 19,
		[VSUSP] = 26, [VREPRINT] = 18, [VDISCARD] = 15,
		[VWERASE] = 23, [VLNEXT] = 22,
	};

	memset(t, 0, sizeof(*t));
	t->refs = 1;
	t->rdev = rdev;
	t->termios.iflag = ICRNL;
	t->termios.oflag = OPOST | ONLCR;
	t->termios.cflag = 0000017 | 0000060 | 0000200;	/* 38400, 8 bits, CREAD */
	t->termios.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL |
			   ECHOKE | IEXTEN;
	memcpy(t->termios.cc, cc, sizeof(cc));
	waitq_init(&t->readable);
	waitq_init(&t->writable);
}

struct tty *tty_get(struct tty *t)
{
	if (t)
		t->refs++;
	return t;
}

void tty_put(struct tty *t)
{
	if (t && --t->refs == 0 && t->destroy)
		t->destroy(t);
}

/* Nobody in the session has this terminal any more. */
static void disassociate(struct tty *t)
{
	struct process *p;

	list_for_each(p, &process_list, node)
		if (p->tty == t) {
			p->tty = NULL;
			tty_put(t);
		}
	t->sid = t->pgid = 0;
}

void tty_hangup(struct tty *t)
{
	t->hungup = true;
	if (t->pgid) {
		signal_group(t->pgid, SIGHUP);
		signal_group(t->pgid, SIGCONT);
	}
	waitq_wake(&t->readable);
	waitq_wake(&t->writable);
}

void tty_session_leader_exit(struct process *p)
{
	struct tty *t = p->tty;

	if (!t || t->sid != p->sid)
		return;
	if (t->pgid) {
		signal_group(t->pgid, SIGHUP);
		signal_group(t->pgid, SIGCONT);
	}
	tty_get(t);
	disassociate(t);
	tty_put(t);
}

static int acquire(struct tty *t, bool steal)
{
	struct process *p = current->process;

	if (p->tty == t && t->sid == p->sid)
		return 0;
	if (p->sid != p->pid || p->tty)
		return -EPERM;
	if (t->sid && !steal)
		return -EPERM;
	disassociate(t);
	p->tty = tty_get(t);
	t->sid = p->sid;
	t->pgid = p->pgid;
	return 0;
}

int tty_attach(struct file *f, struct tty *t)
{
	struct process *p = current->process;

	f->priv = tty_get(t);
	if (!(f->flags & O_NOCTTY) && p->sid == p->pid && !p->tty && !t->sid)
		return acquire(t, false);
	return 0;
}

static void tty_release(struct file *f)
{
	tty_put(f->priv);
}

/* No process outside the group, but of its session, is a parent of one inside:
 * nobody would ever continue it if it were stopped. */
static bool group_is_orphaned(int pgid)
{
	struct process *p;

	list_for_each(p, &process_list, node)
		if (p->pgid == pgid && p->parent && p->parent->pgid != pgid &&
		    p->parent->sid == p->sid)
			return false;
	return true;
}

/* 0, or what a background process gets for touching its own terminal. */
static int check_foreground(struct tty *t, int sig)
{
	struct process *p = current->process;

	if (p->tty != t || !t->pgid || p->pgid == t->pgid)
		return 0;
	if (signal_blocked_or_ignored(sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (group_is_orphaned(p->pgid))
		return -EIO;
	signal_group(p->pgid, sig);
	return -EINTR;
}

/* Wait until a read has something to give; 0, or why it has not. */
static int wait_readable(struct tty *t, struct file *f, size_t want)
{
	bool canon = t->termios.lflag & ICANON;
	size_t min = canon ? 1 : min_u64(t->termios.cc[VMIN], want);
	uint64_t patience = canon ? 0 : t->termios.cc[VTIME] * 100 * NSEC_PER_MSEC;
	uint64_t deadline = NO_DEADLINE;
	size_t seen = 0;
	bool eof;
	int rc;

	if (patience && min == 0)
		deadline = clock_now() + patience;
	for (;;) {
		size_t n = tty_available(t, &eof);

		if (n >= (min ? min : 1) || eof || t->hungup)
			return 0;
		if (f->flags & O_NONBLOCK)
			return n ? 0 : -EAGAIN;
		if (min == 0 && !patience)
			return 0;
		if (min && patience && n > seen)
			deadline = clock_now() + patience;
		seen = n;
		rc = waitq_wait(&t->readable, deadline);
		if (rc)
			return rc == -ETIMEDOUT || n ? 0 : rc;
	}
}

static long tty_read(struct file *f, struct iter *to, uint64_t *pos)
{
	struct tty *t = f->priv;
	int rc = check_foreground(t, SIGTTIN);

	if (rc == 0 && to->left)
		rc = wait_readable(t, f, to->left);
	return rc ? rc : tty_take(t, to);
}

static long tty_write(struct file *f, struct iter *from, uint64_t *pos)
{
	struct tty *t = f->priv;
	char chunk[256];
	long done = 0;
	int rc = 0;

	if (t->termios.lflag & TOSTOP)
		rc = check_foreground(t, SIGTTOU);
	while (rc == 0 && from->left) {
		struct iter at = *from;
		size_t n = iter_take(&at, chunk, sizeof(chunk));
		size_t out;

		if (n == 0)
			rc = -EFAULT;
		else if (t->hungup)
			rc = -EIO;
		if (rc)
			break;
		out = tty_output(t, chunk, n);
		done += (long)out;
		iter_take(from, chunk, out);
		if (out == n)
			continue;
		if (f->flags & O_NONBLOCK)
			rc = -EAGAIN;
		else
			rc = waitq_wait(&t->writable, NO_DEADLINE);
	}
	return done ? done : rc;
}

static unsigned int tty_poll(struct file *f, struct poll_table *pt)
{
	struct tty *t = f->priv;
	unsigned int mask = 0;
	bool eof;

	poll_wait(pt, &t->readable);
	poll_wait(pt, &t->writable);
	if (tty_available(t, &eof) || eof)
		mask |= POLLIN | POLLRDNORM;
	if (t->hungup)
		return mask | POLLHUP | POLLIN;
	if (!t->room || t->room(t))
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

static long set_termios(struct tty *t, unsigned long arg, bool flush)
{
	struct termios new;

	if (get_user(new, arg))
		return -EFAULT;
	if (flush)
		tty_flush_input(t);
	if ((new.lflag ^ t->termios.lflag) & ICANON) {
		t->termios = new;
		tty_rescan(t);
		waitq_wake(&t->readable);
	}
	t->termios = new;
	return 0;
}

static long set_winsize(struct tty *t, unsigned long arg)
{
	struct winsize new;

	if (get_user(new, arg))
		return -EFAULT;
	if (memcmp(&new, &t->winsize, sizeof(new)) != 0) {
		t->winsize = new;
		if (t->pgid)
			signal_group(t->pgid, SIGWINCH);
	}
	return 0;
}

static bool group_in_session(int pgid, int sid)
{
	struct process *p;

	list_for_each(p, &process_list, node)
		if (p->pgid == pgid && p->sid == sid)
			return true;
	return false;
}

static long set_foreground(struct tty *t, unsigned long arg)
{
	struct process *p = current->process;
	int32_t pgid;
	int rc;

	if (p->tty != t || t->sid != p->sid)
		return -ENOTTY;
	rc = check_foreground(t, SIGTTOU);
	if (rc)
		return rc;
	if (get_user(pgid, arg))
		return -EFAULT;
	if (pgid <= 0)
		return -EINVAL;
	if (!group_in_session(pgid, p->sid))
		return -EPERM;
	t->pgid = pgid;
	return 0;
}

static long put_int(unsigned long arg, int32_t value)
{
	return put_user(value, arg);
}

static long give_up(struct tty *t)
{
	struct process *p = current->process;

	if (p->tty != t)
		return -ENOTTY;
	if (p->sid == p->pid) {
		tty_session_leader_exit(p);
		return 0;
	}
	p->tty = NULL;
	tty_put(t);
	return 0;
}

long tty_ioctl_common(struct tty *t, struct file *f, unsigned int cmd,
		      unsigned long arg)
{
	bool mine = current->process->tty == t;
	bool eof;

	switch (cmd) {
	case TCGETS:
		return put_user(t->termios, arg);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(t, arg, cmd == TCSETSF);
	case TCFLSH:
		if (arg != 1)
			tty_flush_input(t);
		return 0;
	case TCSBRK:
	case TCSBRKP:
	case TCXONC:
		return 0;
	case TIOCSCTTY:
		return acquire(t, arg == 1);
	case TIOCNOTTY:
		return give_up(t);
	case TIOCGPGRP:
		return mine ? put_int(arg, t->pgid) : -ENOTTY;
	case TIOCSPGRP:
		return set_foreground(t, arg);
	case TIOCGSID:
		return mine ? put_int(arg, t->sid) : -ENOTTY;
	case TIOCGWINSZ:
		return put_user(t->winsize, arg);
	case TIOCSWINSZ:
		return set_winsize(t, arg);
	case FIONREAD:
		return put_int(arg, (int32_t)tty_available(t, &eof));
	case TIOCOUTQ:
		return put_int(arg, 0);
	}
	return -ENOTTY;
}

static long tty_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	return tty_ioctl_common(f->priv, f, cmd, arg);
}

const struct file_ops tty_file_ops = {
	.release = tty_release,
	.read = tty_read,
	.write = tty_write,
	.ioctl = tty_ioctl,
	.poll = tty_poll,
};
