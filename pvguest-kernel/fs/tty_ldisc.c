/* SPDX-License-Identifier: MIT */
/* tty_ldisc.c - the line discipline: from typed bytes to lines and signals.
 *
 * Guards: the ring never overflows (bytes that do not fit are dropped, but a
 * full line can always be ended), erasing never crosses the end of a line, and
 * `lines` counts exactly the line ends in the ring.
 * Not handled: IXON flow control, ISTRIP, IUCLC, tab expansion, VLNEXT.
 */
#include "fs/tty.h"

#include "core/errno.h"
#include "core/signal.h"
#include "lib/string.h"

#define NO_CHAR	0	/* a c_cc entry of 0 is switched off */

static unsigned int used(const struct tty *t)
{
	return t->head - t->tail;
}

static uint16_t *entry(struct tty *t, unsigned int at)
{
	return &t->ring[at % TTY_RING];
}

static void push(struct tty *t, unsigned int what)
{
	*entry(t, t->head++) = (uint16_t)what;
	if (what & (TTY_EOL | TTY_EOF))
		t->lines++;
}

static bool is_cc(const struct tty *t, unsigned int which, uint8_t c)
{
	return t->termios.cc[which] != NO_CHAR && t->termios.cc[which] == c;
}

size_t tty_output(struct tty *t, const char *buf, size_t len)
{
	bool crlf = (t->termios.oflag & (OPOST | ONLCR)) == (OPOST | ONLCR);
	size_t room = t->room ? t->room(t) : SIZE_MAX;
	char out[256];
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		size_t cost = crlf && buf[i] == '\n' ? 2 : 1;

		if (room < cost)
			break;
		room -= cost;
		if (n + cost > sizeof(out)) {
			t->write(t, out, n);
			n = 0;
		}
		if (cost == 2)
			out[n++] = '\r';
		out[n++] = buf[i];
	}
	if (n)
		t->write(t, out, n);
	return i;
}

static void echo(struct tty *t, uint8_t c)
{
	char text[2] = { '^', (char)(c ^ 0x40) };

	if ((c < ' ' || c == 127) && c != '\t' && c != '\n' && c != '\r' &&
	    (t->termios.lflag & ECHOCTL))
		tty_output(t, text, 2);
	else
		tty_output(t, (char *)&c, 1);
}

static bool shown_as_two(const struct tty *t, uint8_t c)
{
	return (c < ' ' || c == 127) && c != '\t' &&
	       (t->termios.lflag & ECHOCTL);
}

/* Take back the last byte of the unfinished line; false if there is none. A
 * UTF-8 character's continuation bytes go with it, and show nothing. */
static bool erase_one(struct tty *t)
{
	uint16_t last;

	if (used(t) == 0)
		return false;
	last = *entry(t, t->head - 1);
	if (last & (TTY_EOL | TTY_EOF))
		return false;
	t->head--;
	if ((last & 0xc0) == 0x80)
		return erase_one(t);
	if ((t->termios.lflag & (ECHO | ECHOE)) == (ECHO | ECHOE)) {
		tty_output(t, "\b \b", 3);
		if (shown_as_two(t, (uint8_t)last))
			tty_output(t, "\b \b", 3);
	}
	return true;
}

static void erase_word(struct tty *t)
{
	while (used(t) && *entry(t, t->head - 1) == ' ' && erase_one(t))
		;
	while (used(t) && *entry(t, t->head - 1) != ' ' && erase_one(t))
		;
}

static void erase_line(struct tty *t)
{
	while (erase_one(t))
		;
}

/* The signal a byte stands for, or 0. */
static int signal_of(const struct tty *t, uint8_t c)
{
	if (!(t->termios.lflag & ISIG))
		return 0;
	if (is_cc(t, VINTR, c))
		return SIGINT;
	if (is_cc(t, VQUIT, c))
		return SIGQUIT;
	return is_cc(t, VSUSP, c) ? SIGTSTP : 0;
}

static bool input_signal(struct tty *t, uint8_t c)
{
	int sig = signal_of(t, c);

	if (!sig)
		return false;
	if (!(t->termios.lflag & NOFLSH))
		tty_flush_input(t);
	if (t->termios.lflag & ECHO)
		echo(t, c);
	if (t->pgid)
		signal_group(t->pgid, sig);
	return true;
}

static bool input_edit(struct tty *t, uint8_t c)
{
	if (is_cc(t, VERASE, c) || (c == '\b' && t->termios.cc[VERASE] == 127))
		erase_one(t);
	else if (is_cc(t, VKILL, c))
		erase_line(t);
	else if (is_cc(t, VWERASE, c) && (t->termios.lflag & IEXTEN))
		erase_word(t);
	else
		return false;
	return true;
}

static void input_canonical(struct tty *t, uint8_t c)
{
	bool end = c == '\n' || is_cc(t, VEOL, c);

	if (input_edit(t, c))
		return;
	if (is_cc(t, VEOF, c)) {
		if (used(t) < TTY_RING)
			push(t, TTY_EOF);
		return;
	}
	/* the last place is kept for what ends the line */
	if (used(t) >= (end ? TTY_RING : TTY_RING - 1))
		return;
	push(t, end ? TTY_EOL | c : c);
	if ((t->termios.lflag & ECHO) ||
	    (c == '\n' && (t->termios.lflag & ECHONL)))
		echo(t, c);
}

static void input_byte(struct tty *t, uint8_t c)
{
	if (c == '\r') {
		if (t->termios.iflag & IGNCR)
			return;
		if (t->termios.iflag & ICRNL)
			c = '\n';
	} else if (c == '\n' && (t->termios.iflag & INLCR)) {
		c = '\r';
	}
	if (input_signal(t, c))
		return;
	if (t->termios.lflag & ICANON) {
		input_canonical(t, c);
		return;
	}
	if (used(t) < TTY_RING) {
		push(t, c);
		if (t->termios.lflag & ECHO)
			echo(t, c);
	}
}

void tty_input(struct tty *t, const char *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		input_byte(t, (uint8_t)buf[i]);
	waitq_wake(&t->readable);
}

void tty_flush_input(struct tty *t)
{
	t->tail = t->head;
	t->lines = 0;
}

void tty_rescan(struct tty *t)
{
	t->lines = 0;
	for (unsigned int i = t->tail; i != t->head; i++) {
		uint16_t *e = entry(t, i);

		if ((*e & 0xff) == '\n' && !(*e & TTY_EOF))
			*e |= TTY_EOL;
		if (*e & (TTY_EOL | TTY_EOF))
			t->lines++;
	}
}

size_t tty_available(struct tty *t, bool *eof)
{
	size_t n = 0;

	*eof = false;
	if (!(t->termios.lflag & ICANON))
		return used(t);
	if (!t->lines)
		return 0;
	for (unsigned int i = t->tail; i != t->head; i++, n++)
		if (*entry(t, i) & (TTY_EOL | TTY_EOF)) {
			*eof = *entry(t, i) & TTY_EOF;
			return *eof ? n : n + 1;
		}
	return n;
}

long tty_take(struct tty *t, struct iter *to)
{
	bool canon = t->termios.lflag & ICANON;
	bool stop = false;
	long done = 0;

	while (!stop && to->left && used(t)) {
		uint16_t e = *entry(t, t->tail);
		uint8_t c = (uint8_t)e;

		if (!(e & TTY_EOF) && iter_put(to, &c, 1) != 1)
			return done ? done : -EFAULT;
		t->tail++;
		if (e & (TTY_EOL | TTY_EOF)) {
			t->lines--;
			stop = canon;
		}
		done += !(e & TTY_EOF);
	}
	/* a read that the line filled exactly also takes the ^D behind it */
	if (canon && !stop && done && used(t) &&
	    *entry(t, t->tail) & TTY_EOF) {
		t->tail++;
		t->lines--;
	}
	return done;
}
