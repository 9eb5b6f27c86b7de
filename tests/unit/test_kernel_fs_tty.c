/* SPDX-License-Identifier: MIT */
/* test_kernel_fs_tty.c - the line discipline, by the bytes on both sides.
 *
 * Rule: what is typed becomes lines, echoes and signals as termios says; the
 * ring never overflows and a line in it can always be ended.
 */
#include "kernel.h"

#include "core/console.h"
#include "core/signal.h"
#include "fs/tty.h"

#define TCGETS		0x5401
#define TCSETS		0x5402
#define TIOCSCTTY	0x540e
#define FIONREAD	0x541b

static char buf[8192];

static void type(const char *text)
{
	tty_console_input(text, strlen(text));
}

static int setup(void **state)
{
	struct termios t;

	fake_boot(state);
	assert_int_equal(sys_ioctl(0, TCGETS, U(&t)), 0);
	t.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOCTL | IEXTEN;
	t.iflag = ICRNL;
	t.oflag = OPOST | ONLCR;
	t.cc[VMIN] = 1;
	t.cc[VTIME] = 0;
	assert_int_equal(sys_ioctl(0, TCSETS, U(&t)), 0);
	assert_int_equal(sys_ioctl(0, 0x540b, 2), 0);	/* TCFLSH */
	fake_console_len = 0;
	return 0;
}

static void set_lflag(uint32_t off, uint32_t on, uint8_t min, uint8_t time)
{
	struct termios t;

	sys_ioctl(0, TCGETS, U(&t));
	t.lflag = (t.lflag & ~off) | on;
	t.cc[VMIN] = min;
	t.cc[VTIME] = time;
	assert_int_equal(sys_ioctl(0, TCSETS, U(&t)), 0);
}

static void reads(const char *want)
{
	assert_int_equal(sys_read(0, U(buf), sizeof(buf)), strlen(want));
	assert_memory_equal(buf, want, strlen(want));
}

static void shown(const char *want)
{
	assert_int_equal(fake_console_len, strlen(want));
	assert_memory_equal(fake_console, want, strlen(want));
	fake_console_len = 0;
}

static void lines(void **state)
{
	type("one\rtwo\nthr");
	shown("one\r\ntwo\r\nthr");
	reads("one\n");
	assert_int_equal(sys_read(0, U(buf), 2), 2);
	assert_memory_equal(buf, "tw", 2);
	reads("o\n");
	assert_int_equal(sys_read(0, U(buf), 10), -EINTR);	/* not a line yet */
	type("ee\n");
	reads("three\n");
}

static void editing(void **state)
{
	type("abc\x7f\x7f");
	shown("abc\b \b\b \b");
	type("x\n");
	reads("ax\n");
	type("wrong line\x15right\n");
	reads("right\n");
	type("one two  \x17three\n");
	reads("one three\n");
	/* erasing stops at the end of the last line */
	type("kept\n\x7f\x7f\x15.\n");
	reads("kept\n");
	reads(".\n");
	fake_console_len = 0;
	type("\x01\x7f\n");		/* ^A is shown as two */
	shown("^A\b \b\b \b\r\n");
	reads("\n");
	type("\xc3\xa9\x7f!\n");	/* an e with accent in UTF-8 */
	reads("!\n");
}

static void end_of_file(void **state)
{
	type("\x04");
	assert_int_equal(sys_read(0, U(buf), 10), 0);
	type("part\x04");
	reads("part");
	type("exact\x04");
	assert_int_equal(sys_read(0, U(buf), 5), 5);	/* takes the ^D with it */
	type("next\n");
	reads("next\n");
}

static void signals(void **state)
{
	struct process shell = { .pid = 6, .pgid = 6, .sid = 7 };

	current->process->pgid = 7;
	assert_int_equal(sys_ioctl(0, TIOCSCTTY, 0), 0);
	type("lost\x03");
	assert_int_equal(fake_signal, SIGINT);
	assert_int_equal(fake_signal_group, 7);
	shown("lost^C");
	type("\x1c");
	assert_int_equal(fake_signal, SIGQUIT);
	type("\x1a");
	assert_int_equal(fake_signal, SIGTSTP);
	type("kept\n");
	reads("kept\n");
	/* a background process is stopped for reading, if there is a shell in
	 * its session to continue it */
	current->process->pgid = 8;
	fake_signal = 0;
	assert_int_equal(sys_read(0, U(buf), 10), -EIO);
	assert_int_equal(fake_signal, 0);
	current->process->parent = &shell;
	assert_int_equal(sys_read(0, U(buf), 10), -EINTR);
	assert_int_equal(fake_signal, SIGTTIN);
	assert_int_equal(sys_write(1, U("x"), 1), 1);
	set_lflag(0, TOSTOP, 1, 0);
	assert_int_equal(sys_write(1, U("x"), 1), -EINTR);
	assert_int_equal(fake_signal, SIGTTOU);
	current->process->pgid = 7;
	set_lflag(ISIG | TOSTOP, 0, 1, 0);
	fake_signal = 0;
	type("\x03\n");
	reads("\x03\n");
	assert_int_equal(fake_signal, 0);
	current->process->parent = NULL;
	tty_session_leader_exit(current->process);
	assert_null(current->process->tty);
	assert_int_equal(fake_signal, SIGCONT);
}

static void raw(void **state)
{
	int n;

	set_lflag(ICANON | ECHO | ISIG, 0, 1, 0);
	type("ab\x03\x7f\x04");
	shown("");
	assert_int_equal(sys_ioctl(0, FIONREAD, U(&n)), 0);
	assert_int_equal(n, 5);
	reads("ab\x03\x7f\x04");
	assert_int_equal(sys_read(0, U(buf), 10), -EINTR);
	set_lflag(0, 0, 3, 0);
	type("xy");
	reads("xy");		/* the signal ends the wait; what is there counts */
	set_lflag(0, 0, 0, 0);
	assert_int_equal(sys_read(0, U(buf), 10), 0);
	set_lflag(0, 0, 0, 1);
	assert_int_equal(sys_read(0, U(buf), 10), 0);
}

static void typed_ahead(void **state)
{
	set_lflag(ICANON | ECHO, 0, 1, 0);
	type("cmd\nrest");
	set_lflag(0, ICANON, 1, 0);
	reads("cmd\n");
	assert_int_equal(sys_read(0, U(buf), 10), -EINTR);
	set_lflag(ICANON, 0, 1, 0);
	reads("rest");
}

static void a_full_ring(void **state)
{
	long n = 0, got;

	set_lflag(ECHO, 0, 1, 0);
	for (int i = 0; i < 5000; i++)
		type("x");
	type("\n");
	got = sys_read(0, U(buf), sizeof(buf));
	assert_int_equal(got, TTY_RING);
	assert_int_equal(buf[got - 1], '\n');
	set_lflag(ICANON, 0, 0, 0);
	for (int i = 0; i < 5000; i++)
		type("y");
	while ((got = sys_read(0, U(buf), 100)) > 0)
		n += got;
	assert_int_equal(n, TTY_RING);
	/* what did not fit is gone, what comes now is not */
	type("z");
	assert_int_equal(sys_read(0, U(buf), 100), 1);
}

static void output(void **state)
{
	struct termios t;

	assert_int_equal(sys_write(1, U("a\nb\n"), 4), 4);
	shown("a\r\nb\r\n");
	sys_ioctl(0, TCGETS, U(&t));
	t.oflag = 0;
	sys_ioctl(0, TCSETS, U(&t));
	assert_int_equal(sys_write(1, U("a\nb\n"), 4), 4);
	shown("a\nb\n");
	assert_int_equal(sys_write(1, 100, 4), -EFAULT);
	assert_int_equal(sys_ioctl(0, TCGETS, 100), -EFAULT);
	assert_int_equal(sys_ioctl(0, 0x1234, 0), -ENOTTY);
}

static void a_pair(void **state)
{
	unsigned long objects = fake_objects;
	int master = fake_open("/dev/ptmx", O_RDWR | O_NONBLOCK);
	int slave = fake_open("/dev/pts/0", O_RDWR | O_NOCTTY | O_NONBLOCK);
	long n, total = 0;

	assert_true(master >= 0 && slave >= 0);
	assert_int_equal(sys_write(U(master), U("in\n"), 3), 3);
	assert_int_equal(sys_read(U(slave), U(buf), 100), 3);
	assert_int_equal(sys_read(U(master), U(buf), 100), 4);
	assert_memory_equal(buf, "in\r\n", 4);
	/* a master that does not read stops the slave, and loses nothing */
	memset(buf, 'o', sizeof(buf));
	while ((n = sys_write(U(slave), U(buf), 1000)) > 0)
		total += n;
	assert_int_equal(n, -EAGAIN);
	while ((n = sys_read(U(master), U(buf), 1000)) > 0)
		total -= n;
	assert_int_equal(total, 0);
	sys_close(U(master));
	assert_int_equal(sys_read(U(slave), U(buf), 10), 0);
	assert_int_equal(sys_write(U(slave), U("x"), 1), -EIO);
	assert_int_equal(fake_open("/dev/pts/0", O_RDWR), -ENOENT);
	sys_close(U(slave));
	assert_int_equal(fake_objects, objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines, setup),
		cmocka_unit_test_setup(editing, setup),
		cmocka_unit_test_setup(end_of_file, setup),
		cmocka_unit_test_setup(signals, setup),
		cmocka_unit_test_setup(raw, setup),
		cmocka_unit_test_setup(typed_ahead, setup),
		cmocka_unit_test_setup(a_full_ring, setup),
		cmocka_unit_test_setup(output, setup),
		cmocka_unit_test_setup(a_pair, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
