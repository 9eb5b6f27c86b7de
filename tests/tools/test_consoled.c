/* SPDX-License-Identifier: MIT */
/* test_consoled.c - the daemon itself, in a forked process: this process is
 * the guest (its ring, its port, its end) and the clients.
 *
 * Rules: what the guest wrote before anyone looked is kept and shown; a client
 * that is rude, slow or silent, and a guest that lies, harm themselves only.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xen/sched.h>

#include "cmocka_all.h"
#include "console/client.h"
#include "console/protocol.h"
#include "fake_ctl.h"
#include "registry/registry.h"
#include "server.h"

#define CONSOLE_MFN  5
#define CONSOLE_PORT 9

static char folder[64];
static pid_t daemon_pid;
static struct reason why;
static struct server server;

static struct xencons_interface *ring(void)
{
	return (struct xencons_interface *)fake_frame(CONSOLE_MFN);
}

/* As the guest: writes and fires its port. */
static void guest_says(const char *text)
{
	for (; *text; text++)
		ring()->out[MASK_XENCONS_IDX(ring()->out_prod++, ring()->out)] =
			*text;
	fake_event(FAKE_LOCAL_PORT(CONSOLE_PORT));
}

static void make_domain(void)
{
	struct domain_record r = {
		.id = FAKE_DOMID,
		.name = "guest",
		.console_mfn = CONSOLE_MFN,
		.console_port = CONSOLE_PORT,
	};

	fake.exists = true;
	fake.handle[0] = 42;
	memcpy(r.handle, fake.handle, sizeof(r.handle));
	memset(ring(), 0, FRAME_SIZE);
	assert_int_equal(registry_write(&r, &why), 0);
}

static int fresh(void **state)
{
	strcpy(folder, "/tmp/test_consoled.XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("VANE_RUN_DIR", folder, 1);
	setenv("VANE_LOG_DIR", folder, 1);
	reason_clear(&why);
	fake_reset(4096);
	assert_int_equal(server_open(&server, &why), 0);
	daemon_pid = fork();
	if (daemon_pid == 0) {
		alarm(60);
		server_run(&server);
		_exit(1);
	}
	return 0;
}

static int done(void **state)
{
	char command[96];
	int status;

	assert_int_equal(kill(daemon_pid, SIGKILL), 0);
	waitpid(daemon_pid, &status, 0);
	/* it was alive until now */
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(server.listener);
	close(server.host.evtchn);
	close(fake.event_writer);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static int ask(const char *verb)
{
	int fd = consoled_request(verb, FAKE_DOMID, &why);

	if (fd < 0)
		fail_msg("%s: %s", verb, why.text);
	return fd;
}

static void ask_once(const char *verb)
{
	close(ask(verb));
}

/* What the last expect() read. */
static char got[1 << 20];

/* Reads until the text has come, or fails after a second. */
static void expect(int fd, const char *text)
{
	size_t length = 0;

	for (;;) {
		struct pollfd set = { fd, POLLIN, 0 };
		ssize_t more;

		got[length] = '\0';
		if (strstr(got, text))
			return;
		if (poll(&set, 1, 1000) != 1)
			fail_msg("\"%s\" did not come: \"%s\"", text, got);
		more = read(fd, got + length, sizeof(got) - 1 - length);
		if (more <= 0)
			fail_msg("\"%s\" did not come before the end: \"%s\"",
				 text, got);
		length += (size_t)more;
	}
}

static void expect_end(int fd)
{
	char byte;
	struct pollfd set = { fd, POLLIN, 0 };

	while (poll(&set, 1, 1000) == 1 && read(fd, &byte, 1) == 1)
		;
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
}

static void expect_log(const char *text)
{
	char path[96], kept[4096] = "";
	size_t length;
	FILE *f;

	snprintf(path, sizeof(path), "%s/guest-guest.log", folder);
	f = fopen(path, "r");
	assert_non_null(f);
	length = fread(kept, 1, sizeof(kept) - 1, f);
	kept[length] = '\0';
	fclose(f);
	assert_string_equal(kept, text);
}

static void output_is_kept_from_the_first_byte(void **state)
{
	int fd;

	make_domain();
	ask_once("add");
	guest_says("one\n");
	guest_says("two\n");
	fd = ask("show");
	expect(fd, "one\ntwo\n");
	expect_end(fd);
	fd = ask("attach");
	expect(fd, "one\ntwo\n");
	guest_says("three\n");
	expect(fd, "three\n");
	close(fd);
	expect_log("one\ntwo\nthree\n");
	/* adding it again changes nothing */
	ask_once("add");
	fd = ask("show");
	expect(fd, "one\ntwo\nthree\n");
	close(fd);
}

static void what_is_typed_reaches_the_guest(void **state)
{
	char line[2048];
	int a, b;

	make_domain();
	ask_once("add");
	a = ask("attach");
	b = ask("attach");
	assert_int_equal(write(a, "ls\n", 3), 3);
	guest_says("$ ");
	expect(b, "$ ");
	for (int i = 0; i < 100 && ring()->in_prod != 3; i++)
		usleep(10000);
	assert_int_equal(ring()->in_prod, 3);
	assert_memory_equal(ring()->in, "ls\n", 3);
	ring()->in_cons = 3;

	/* more than the ring holds waits until the guest has read */
	memset(line, 'x', sizeof(line));
	assert_int_equal(write(a, line, sizeof(line)), sizeof(line));
	for (int i = 0; i < 100 && ring()->in_prod != 3 + 1024; i++)
		usleep(10000);
	assert_int_equal(ring()->in_prod, 3 + 1024);
	ring()->in_cons = ring()->in_prod;
	guest_says("!");
	expect(b, "!");
	for (int i = 0; i < 100 && ring()->in_prod != 3 + 2048; i++)
		usleep(10000);
	assert_int_equal(ring()->in_prod, 3 + 2048);
	close(a);
	close(b);
}

static void waiters_learn_of_the_end(void **state)
{
	char line[64];
	int fd;

	make_domain();
	ask_once("add");
	fd = ask("wait");
	fake.flags = XEN_DOMINF_shutdown |
		     SHUTDOWN_reboot << XEN_DOMINF_shutdownshift;
	fake_event(FAKE_VIRQ_PORT);
	assert_int_equal(consoled_line(fd, line, sizeof(line)), 0);
	assert_string_equal(line, "shutdown 1");
	expect_end(fd);
	/* one who comes late is told at once */
	fd = ask("wait");
	assert_int_equal(consoled_line(fd, line, sizeof(line)), 0);
	assert_string_equal(line, "shutdown 1");
	close(fd);

	fake.flags = 0;
	fd = ask("wait");
	fake.exists = false;
	fake_event(FAKE_VIRQ_PORT);
	assert_int_equal(consoled_line(fd, line, sizeof(line)), 0);
	assert_string_equal(line, "gone");
	expect_end(fd);
}

static void last_words_are_kept_when_it_goes(void **state)
{
	int fd;

	make_domain();
	ask_once("add");
	fd = ask("attach");
	for (const char *p = "bye"; *p; p++)	/* and fires no port */
		ring()->out[ring()->out_prod++] = *p;
	ask_once("remove");
	expect(fd, "bye");
	expect_end(fd);
	expect_log("bye");
	assert_int_equal(fake.mappings, 0);
	assert_true(consoled_request("show", FAKE_DOMID, &why) < 0);
	assert_says(why, "domain 7 has no console here");
	ask_once("remove");	/* twice is fine */
}

static void a_lying_guest_harms_itself_only(void **state)
{
	int fd;

	make_domain();
	ask_once("add");
	fd = ask("attach");
	ring()->out_prod = 0x80000000;
	fake_event(FAKE_LOCAL_PORT(CONSOLE_PORT));
	expect(fd, "the guest broke its console ring");
	ring()->in_prod = 77777;
	assert_int_equal(write(fd, "x", 1), 1);
	guest_says("fine again");
	expect(fd, "fine again");
	close(fd);
}

static int raw_client(const char *text)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.60s/%s",
		 folder, CONSOLED_SOCKET);
	assert_int_equal(connect(fd, (struct sockaddr *)&address,
				 sizeof(address)), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void rude_clients_harm_themselves_only(void **state)
{
	static const char *const requests[] = {
		"\n", "attach\n", "attach x\n", "attach 7 7\n", "fly 7\n",
		"attach 99999\n", "attach -1\n", "add 7\n", "wait 3\n",
	};
	char line[400];
	int silent = raw_client("att"), fd;

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		fd = raw_client(requests[i]);
		expect(fd, "error ");
		expect_end(fd);
	}
	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	fd = raw_client(line);
	expect(fd, "error the request is too long");
	close(fd);
	close(raw_client("attach 7"));
	make_domain();
	ask_once("add");
	guest_says("still here");
	fd = ask("show");
	expect(fd, "still here");
	close(fd);
	close(silent);
}

/* A terminal that is not read misses output; the log and others do not. */
static void a_slow_client_misses_output(void **state)
{
	char line[101];
	int slow, fd;

	make_domain();
	ask_once("add");
	slow = ask("attach");
	memset(line, 'x', 99);
	line[99] = '\n';
	line[100] = '\0';
	for (int i = 0; i < 8000; i++) {
		guest_says(line);
		while (ring()->out_cons != ring()->out_prod)
			usleep(10);
	}
	guest_says("the end\n");
	fd = ask("attach");
	expect(fd, "the end\n");
	close(fd);
	expect(slow, "the end\n");
	assert_non_null(strstr(got, "bytes skipped]"));
	close(slow);
}

static void a_new_daemon_takes_over(void **state)
{
	int fd;

	make_domain();
	ask_once("add");
	guest_says("before\n");
	fd = ask("attach");
	expect(fd, "before\n");
	done(NULL);
	fake_reset(4096);
	strcpy(folder, "/tmp/test_consoled.XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("VANE_RUN_DIR", folder, 1);
	setenv("VANE_LOG_DIR", folder, 1);
	make_domain();
	assert_int_equal(server_open(&server, &why), 0);
	daemon_pid = fork();
	if (daemon_pid == 0) {
		server_run(&server);
		_exit(1);
	}
	/* nobody told it to add the domain */
	guest_says("after\n");
	fd = ask("attach");
	expect(fd, "after\n");
	close(fd);
}

static void a_second_daemon_is_refused(void **state)
{
	static struct server second;
	int fd;

	make_domain();
	ask_once("add");
	assert_true(server_open(&second, &why) < 0);
	assert_says(why, "another consoled answers at");
	reason_clear(&why);
	guest_says("still here\n");
	fd = ask("attach");
	expect(fd, "still here\n");
	close(fd);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(output_is_kept_from_the_first_byte),
		T(what_is_typed_reaches_the_guest),
		T(waiters_learn_of_the_end),
		T(last_words_are_kept_when_it_goes),
		T(a_lying_guest_harms_itself_only),
		T(rude_clients_harm_themselves_only),
		T(a_slow_client_misses_output),
		T(a_second_daemon_is_refused),
		T(a_new_daemon_takes_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
