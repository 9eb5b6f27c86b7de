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
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xen/sched.h>

#include "cmocka_all.h"
#include "console/client.h"
#include "console/protocol.h"
#include "fake_ctl.h"
#include "fake_store.h"
#include "server.h"

#define CONSOLE_MFN  5
#define CONSOLE_PORT 9

/* What has to happen soon may take that long on a busy machine. */
#define PATIENCE_MS 60000

#define wait_until(condition) \
	for (int tries = 0; !(condition); tries++) { \
		assert_true(tries < PATIENCE_MS); \
		usleep(1000); \
	}

#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

static char folder[64];
static pid_t daemon_pid;
static struct reason why;
static struct server server;

static struct xencons_interface *ring(void)
{
	return (struct xencons_interface *)fake_frame(CONSOLE_MFN);
}

/* As the guest. The daemon may look at any time: a byte is there before its
 * index says so. */
static void say_without_event(const char *text)
{
	for (; *text; text++) {
		XENCONS_RING_IDX at = ring()->out_prod;

		ring()->out[MASK_XENCONS_IDX(at, ring()->out)] = *text;
		__atomic_store_n(&ring()->out_prod, at + 1, __ATOMIC_RELEASE);
	}
}

static void guest_says(const char *text)
{
	say_without_event(text);
	fake_event(FAKE_LOCAL_PORT(CONSOLE_PORT));
}

static void write_node(const char *leaf, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "/local/domain/%u/%s", FAKE_DOMID, leaf);
	fake_store_write(path, value);
}

/* What its maker writes before it introduces the domain. */
static void write_nodes(void)
{
	write_node("vm", "/vm/2a000000-0000-0000-0000-000000000000");
	write_node("name", "guest");
	write_node("console/ring-ref", TEXT_OF(CONSOLE_MFN));
	write_node("console/port", TEXT_OF(CONSOLE_PORT));
}

static void make_domain(void)
{
	fake.exists = true;
	fake.flags = 0;
	fake.handle[0] = 42;
	memset(ring(), 0, FRAME_SIZE);
	write_nodes();
	fake_store_fire("@introduceDomain");
}

static void start_daemon(void)
{
	if (server_open(&server, &why))
		fail_msg("%s", why.text);
	daemon_pid = fork();
	if (daemon_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		server_run(&server);
		_exit(1);
	}
}

/* It was alive until now. */
static void kill_daemon(void)
{
	int status;

	assert_int_equal(kill(daemon_pid, SIGKILL), 0);
	waitpid(daemon_pid, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(server.listener);
	close(server.host.evtchn);
	close(fake.event_writer);
	/* what a process has mapped goes with it; what it found when it was
	 * opened is in this process too */
	fake.mappings = 0;
	while (server.guests) {
		struct guest *g = server.guests;

		server.guests = g->next;
		guest_free(g);
	}
}

/* In place of the C library's: sends when the other side has hung up. */
static bool send_late;

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
	struct pollfd set = { fd, 0, 0 };

	if (send_late)
		assert_int_equal(poll(&set, 1, PATIENCE_MS), 1);
	return sendto(fd, bytes, length, flags, NULL, 0);
}

static int fresh(void **state)
{
	char path[96];

	strcpy(folder, "/tmp/test_consoled.XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("VANE_RUN_DIR", folder, 1);
	setenv("VANE_LOG_DIR", folder, 1);
	reason_clear(&why);
	send_late = false;
	fake_reset(4096);
	snprintf(path, sizeof(path), "%s/store", folder);
	fake_store_reset(path);
	start_daemon();
	return 0;
}

static int done(void **state)
{
	char command[96];

	kill_daemon();
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

/* Reads until the text has come, or fails in the end. */
static void expect(int fd, const char *text)
{
	size_t length = 0;

	for (;;) {
		struct pollfd set = { fd, POLLIN, 0 };
		ssize_t more;

		got[length] = '\0';
		if (strstr(got, text))
			return;
		if (poll(&set, 1, PATIENCE_MS) != 1)
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

	while (poll(&set, 1, PATIENCE_MS) == 1 && read(fd, &byte, 1) == 1)
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
	/* being told of it again changes nothing */
	fake_store_fire("@introduceDomain");
	fd = ask("show");
	expect(fd, "one\ntwo\nthree\n");
	close(fd);
}

static void what_is_typed_reaches_the_guest(void **state)
{
	char line[2048];
	int a, b;

	make_domain();
	a = ask("attach");
	b = ask("attach");
	assert_int_equal(write(a, "ls\n", 3), 3);
	guest_says("$ ");
	expect(b, "$ ");
	wait_until(ring()->in_prod == 3);
	assert_memory_equal(ring()->in, "ls\n", 3);
	ring()->in_cons = 3;

	/* more than the ring holds waits until the guest has read */
	memset(line, 'x', sizeof(line));
	assert_int_equal(write(a, line, sizeof(line)), sizeof(line));
	wait_until(ring()->in_prod == 3 + 1024);
	ring()->in_cons = ring()->in_prod;
	guest_says("!");
	expect(b, "!");
	wait_until(ring()->in_prod == 3 + 2048);
	close(a);
	close(b);
}

static void last_words_are_kept_when_it_goes(void **state)
{
	int fd;

	make_domain();
	fd = ask("attach");
	say_without_event("bye");
	ask_once("remove");
	expect(fd, "bye");
	expect_end(fd);
	expect_log("bye");
	assert_int_equal(fake.mappings, 0);
	/* it was not destroyed after all: then it is looked after again */
	fd = ask("show");
	expect(fd, "bye");
	close(fd);
	say_without_event(", really");
	fake.flags = XEN_DOMINF_dying;
	fake_store_fire("@releaseDomain");
	wait_until(!fake.mappings);
	expect_log("bye, really");
	assert_true(consoled_request("show", FAKE_DOMID, &why) < 0);
	assert_says(why, "domain 7 has no console here");
	fake.exists = false;
	ask_once("remove");	/* twice is fine */
}

/* Nothing fires the port of a guest that has crashed. */
static void last_words_are_taken_when_it_stops(void **state)
{
	int fd;

	make_domain();
	fd = ask("attach");
	say_without_event("crashed");
	fake.flags = XEN_DOMINF_shutdown |
		     SHUTDOWN_crash << XEN_DOMINF_shutdownshift;
	fake_store_fire("@releaseDomain");
	expect(fd, "crashed");
	close(fd);
}

/* As xl: the domain is introduced first, its console comes later. */
static void a_console_may_come_later(void **state)
{
	int fd;

	fake.exists = true;
	fake.handle[0] = 42;
	memset(ring(), 0, FRAME_SIZE);
	fake_store_fire("@introduceDomain");
	assert_true(consoled_request("attach", FAKE_DOMID, &why) < 0);
	assert_says(why, "domain 7 has no console here");
	write_nodes();
	wait_until(fake.mappings);
	fd = ask("attach");
	guest_says("late\n");
	expect(fd, "late\n");
	close(fd);
}

/* The nodes of a domain that is no more may carry the id of one that is. */
static void stale_nodes_are_nobodys(void **state)
{
	make_domain();
	ask_once("attach");
	fake.handle[0] = 43;
	fake_store_fire("@introduceDomain");
	wait_until(!fake.mappings);
	assert_true(consoled_request("attach", FAKE_DOMID, &why) < 0);
	assert_says(why, "domain 7 has no console here");
}

static void a_grant_comes_before_a_frame_number(void **state)
{
	struct grant_entry_v1 *table =
		(struct grant_entry_v1 *)fake_frame(FAKE_GRANTS);
	int fd;

	table[GNTTAB_RESERVED_CONSOLE] = (struct grant_entry_v1){
		GTF_permit_access, 0, CONSOLE_MFN
	};
	fake.exists = true;
	fake.handle[0] = 42;
	memset(ring(), 0, FRAME_SIZE);
	write_nodes();
	write_node("console/ring-ref", "6");
	fake_store_fire("@introduceDomain");
	fd = ask("attach");
	guest_says("granted\n");
	expect(fd, "granted\n");
	close(fd);
}

static void consoles_go_on_without_the_store(void **state)
{
	int fd;

	make_domain();
	fd = ask("attach");
	guest_says("one\n");
	expect(fd, "one\n");
	fake_store_down(true);
	guest_says("two\n");
	expect(fd, "two\n");
	close(fd);
	/* it has noticed, and looks for another */
	wait_until(fake_store->refused);
	/* its successor tells of what came and went meanwhile */
	fake_store_write("/local/domain/7/vm", "/vm/none");
	fake.handle[0] = 43;
	fake_store_down(false);
	wait_until(fake_store->watch_count >= 2);
	wait_until(!fake.mappings);
	make_domain();
	fd = ask("attach");
	guest_says("three\n");
	expect(fd, "three\n");
	close(fd);
}

static void the_log_follows_a_new_name(void **state)
{
	char path[96];

	make_domain();
	guest_says("text");
	ask_once("show");
	write_node("name", "other");
	ask_once("name");
	snprintf(path, sizeof(path), "%s/guest-other.log", folder);
	assert_int_equal(access(path, R_OK), 0);
	assert_string_equal(fake_store_value("/local/domain/7/console/log"),
			    path);
}

static void too_many_clients_are_told(void **state)
{
	int fds[256], fd;

	make_domain();
	for (int i = 0; i < 256; i++)
		fds[i] = ask("attach");
	/* though it closes before it has been asked */
	send_late = true;
	assert_true(consoled_request("attach", FAKE_DOMID, &why) < 0);
	send_late = false;
	assert_says(why, "256 others are connected");
	guest_says("to all");
	for (int i = 0; i < 256; i++) {
		expect(fds[i], "to all");
		close(fds[i]);
	}
	/* and there is room again */
	wait_until((fd = consoled_request("attach", FAKE_DOMID, &why)) >= 0);
	expect(fd, "to all");
	close(fd);
}

static void a_lying_guest_harms_itself_only(void **state)
{
	int fd;

	make_domain();
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
		"attach 99999\n", "attach -1\n", "show 7\n", "name 3\n",
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
	guest_says("still here");
	fd = ask("show");
	expect(fd, "still here");
	close(fd);
	close(silent);
}

/* A terminal that is not read misses output; the log and others do not. */
static void a_slow_client_misses_output(void **state)
{
	char lines[2001];
	int slow, fd;

	make_domain();
	slow = ask("attach");
	memset(lines, 'x', sizeof(lines));
	for (size_t i = 99; i < sizeof(lines); i += 100)
		lines[i] = '\n';
	lines[sizeof(lines) - 1] = '\0';
	for (int i = 0; i < 400; i++) {
		guest_says(lines);
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

/* Nothing that was in the log, or in the ring, is lost with a daemon. */
static void a_new_daemon_takes_over(void **state)
{
	int fd;

	make_domain();
	guest_says("before\n");
	fd = ask("attach");
	expect(fd, "before\n");
	close(fd);
	kill_daemon();
	say_without_event("between\n");
	start_daemon();
	fd = ask("attach");
	expect(fd, "before\nbetween\n");
	guest_says("after\n");
	expect(fd, "after\n");
	close(fd);
	expect_log("before\nbetween\nafter\n");
}

/* A domain of the same name that was made meanwhile begins a new log. */
static void a_new_domain_begins_a_new_log(void **state)
{
	int fd;

	make_domain();
	guest_says("old\n");
	ask_once("show");
	kill_daemon();
	fake_store_down(true);
	fake_store->node_count = 0;
	fake_store_down(false);
	memset(ring(), 0, FRAME_SIZE);
	write_nodes();
	start_daemon();
	guest_says("new\n");
	fd = ask("attach");
	expect(fd, "new\n");
	close(fd);
	expect_log("new\n");
}

static void a_second_daemon_is_refused(void **state)
{
	static struct server second;
	int fd;

	make_domain();
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
		T(last_words_are_kept_when_it_goes),
		T(last_words_are_taken_when_it_stops),
		T(a_console_may_come_later),
		T(stale_nodes_are_nobodys),
		T(a_grant_comes_before_a_frame_number),
		T(consoles_go_on_without_the_store),
		T(the_log_follows_a_new_name),
		T(too_many_clients_are_told),
		T(a_lying_guest_harms_itself_only),
		T(rude_clients_harm_themselves_only),
		T(a_slow_client_misses_output),
		T(a_second_daemon_is_refused),
		T(a_new_daemon_takes_over),
		T(a_new_domain_begins_a_new_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
