/* SPDX-License-Identifier: MIT */
/* tty.h - terminals: line discipline, job control, and what is behind them.
 *
 * The line discipline (tty_ldisc.c) knows bytes and settings only; tty.c knows
 * processes; a driver (console.c, pty.c) gives a struct tty its `write`.
 */
#ifndef FS_TTY_H
#define FS_TTY_H

#include "core/wait.h"
#include "fs/file.h"

/* Linux's kernel-side struct termios. */
struct termios {
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t line;
	uint8_t cc[19];
};

struct winsize {
	uint16_t rows, cols, xpixel, ypixel;
};

enum { VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN, VSWTC, VSTART, VSTOP,
       VSUSP, VEOL, VREPRINT, VDISCARD, VWERASE, VLNEXT, VEOL2 };

#define INLCR	0000100u
#define IGNCR	0000200u
#define ICRNL	0000400u
#define OPOST	0000001u
#define ONLCR	0000004u
#define ISIG	0000001u
#define ICANON	0000002u
#define ECHO	0000010u
#define ECHOE	0000020u
#define ECHOK	0000040u
#define ECHONL	0000100u
#define NOFLSH	0000200u
#define TOSTOP	0000400u
#define ECHOCTL	0001000u
#define ECHOKE	0004000u
#define IEXTEN	0100000u

#define TTY_RING	4096u

/* An entry of the input ring: a byte, or the end of a line. */
#define TTY_EOL		0x100u	/* with the byte that ended it */
#define TTY_EOF		0x200u	/* ^D: ends a read, gives no byte */

struct tty {
	uint32_t refs;
	uint32_t rdev;
	struct termios termios;
	struct winsize winsize;
	int sid;		/* session it controls, or 0 */
	int pgid;		/* foreground process group, or 0 */
	bool hungup;		/* reads end, writes fail */
	struct waitq readable;
	struct waitq writable;
	/* bytes to the other side, already processed; takes all it is given */
	void (*write)(struct tty *t, const char *buf, size_t len);
	/* bytes it takes now; NULL: any number */
	size_t (*room)(struct tty *t);
	/* the last reference is gone; NULL: the tty is static */
	void (*destroy)(struct tty *t);
	void *priv;
	unsigned int head, tail;	/* free-running; entries are head - tail */
	unsigned int lines;		/* EOL and EOF entries in the ring */
	uint16_t ring[TTY_RING];
};

void tty_init(struct tty *t, uint32_t rdev);
struct tty *tty_get(struct tty *t);	/* NULL stays NULL, here and below */
void tty_put(struct tty *t);
void tty_hangup(struct tty *t);		/* the other side is gone */
/* A session's leader is exiting: its terminal goes free. */
struct process;
void tty_session_leader_exit(struct process *p);

/* --- line discipline --- */

void tty_input(struct tty *t, const char *buf, size_t len);
/* With OPOST applied; returns how much of buf the other side had room for. */
size_t tty_output(struct tty *t, const char *buf, size_t len);
/* Bytes that a read would give now (canonical: of the first line); *eof says
 * that a read would end here even with none. */
size_t tty_available(struct tty *t, bool *eof);
/* Move up to n bytes out of the ring, in canonical mode at most one line. */
long tty_take(struct tty *t, struct iter *to);
void tty_flush_input(struct tty *t);
/* After a change of ICANON: find the lines in what was typed ahead. */
void tty_rescan(struct tty *t);

/* --- files --- */

extern const struct file_ops tty_file_ops;	/* f->priv is a counted tty */
int tty_attach(struct file *f, struct tty *t);	/* open: sets priv, job control */
long tty_ioctl_common(struct tty *t, struct file *f, unsigned int cmd,
		      unsigned long arg);	/* also for a pty's master */

void console_tty_init(void);
void pty_init(void);

#endif
