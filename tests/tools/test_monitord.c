/* SPDX-License-Identifier: MIT */
/* test_monitord.c - what becomes of domains, on a machine of paper.
 *
 * Rules: what a dead creator left half made is taken away; what is made stays
 * until it ends, and then on_*= decide; a daemon that died at any moment has
 * forgotten nothing. "vane" is a script here that notes how it was called.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xen/sched.h>

#include "cmocka_all.h"
#include "fake_ctl.h"
#include "fake_elf.h"
#include "fake_store.h"
#include "life/life.h"
#include "monitord.h"

static char folder[64];
static char kernel[96];
static struct made made;
static struct reason why;
static struct monitord m;

static struct guest_config guest = {
	.name = "guest",
	.kernel = kernel,
	.cmdline = "",
	.memory_kib = 4096,
	.max_kib = 4096,
	.vcpus = 1,
	.vcpus_online = 1,
};

static void put_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

static const char *file(const char *name)
{
	static char text[2048];
	char path[128];
	size_t got = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	got = fread(text, 1, sizeof(text) - 1, f);
	text[got] = '\0';
	fclose(f);
	return text;
}

static int fresh(void **state)
{
	char path[128];
	FILE *f;

	strcpy(folder, "/tmp/test_monitord.XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("VANE_RUN_DIR", folder, 1);
	setenv("VANE_LOG_DIR", folder, 1);
	setenv("NOTED", folder, 1);
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", folder);
	setenv("PATH", path, 1);
	snprintf(path, sizeof(path), "%s/again", folder);
	mkdir(path, 0755);
	put_file("vane", "#!/bin/sh\necho \"$@\" >> $NOTED/calls\n", 0755);
	snprintf(kernel, sizeof(kernel), "%s/kernel", folder);
	made_simple(&made, 0xffffffff80000000);
	f = fopen(kernel, "w");
	fwrite(made.bytes, 1, made.size, f);
	fclose(f);
	fake_reset(4096);
	snprintf(path, sizeof(path), "%s/store", folder);
	fake_store_reset(path);
	reason_clear(&why);
	memset(&m, 0, sizeof(m));
	m.store = tree_open(&why);
	guest.on_poweroff = guest.on_reboot = guest.on_crash = ACTION_DESTROY;
	return 0;
}

static int done(void **state)
{
	char command[96];

	while (m.creators) {
		struct creator *c = m.creators;

		m.creators = c->next;
		if (c->fd >= 0)
			close(c->fd);
		free(c);
	}
	xs_close(m.store);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void start(void)
{
	struct life_request request = {
		.guest = &guest,
		.config_path = "/g.cfg",
		.config_text = "name = \"guest\"\nmemory = 4\n",
		.unwatched = true,
	};

	assert_int_equal(life_start(NULL, m.store, &request, &why),
			 FAKE_DOMID);
}

static const char *uuid(void)
{
	static char text[UUID_TEXT];

	uuid_format(fake.handle, text);
	return text;
}

static void shut_down(unsigned int reason)
{
	fake.flags = XEN_DOMINF_shutdown |
		     reason << XEN_DOMINF_shutdownshift;
}

static void announce(long long pid, long long began)
{
	char path[128], value[64];

	snprintf(path, sizeof(path), "/vane/creating/%s", uuid());
	snprintf(value, sizeof(value), "%lld %lld", pid, began);
	fake_store_write(path, value);
}

/* Nobody waits here: what would have been slept is only written down. */
unsigned int sleep(unsigned int seconds)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/pauses", folder);
	f = fopen(path, "a");
	fprintf(f, "%u ", seconds);
	fclose(f);
	return 0;
}

/* Lets the one child do its work to its end. */
static void finish_child(void)
{
	assert_non_null(m.children);
	child_ended(&m, m.children);
}

static void what_was_left_half_made_is_taken_away(void **state)
{
	start();
	fake_store_write("/vane/7/state", "building");
	announce(999999999, 1);
	creators_adopt(&m);
	creators_look(&m);
	assert_false(fake.exists);
	assert_int_equal(fake_store->node_count, 0);
	assert_null(m.creators);
}

/* Killed before its first node: only the UUID tells. */
static void a_domain_without_nodes_is_taken_away_too(void **state)
{
	fake.exists = true;
	fake.handle[0] = 0x42;
	announce(999999999, 1);
	creators_adopt(&m);
	creators_look(&m);
	assert_false(fake.exists);
	assert_int_equal(fake_store->node_count, 0);
}

static void what_is_made_outlives_its_creator(void **state)
{
	char note[128];

	start();
	snprintf(note, sizeof(note), "/vane/creating/%s", uuid());
	announce(999999999, 1);
	assert_non_null(fake_store_value(note));
	creators_adopt(&m);
	creators_look(&m);
	assert_true(fake.exists);
	assert_null(fake_store_value(note));
	assert_string_equal(fake_store_value("/vane/7/state"), "made");
}

static void a_living_creator_is_left_alone(void **state)
{
	start();
	fake_store_write("/vane/7/state", "building");
	announce(getpid(), process_start(getpid()));
	creators_adopt(&m);
	creators_adopt(&m);
	assert_true(creators_to_watch(&m));
	creators_look(&m);
	assert_true(fake.exists);
	assert_non_null(m.creators);
	assert_null(m.creators->next);
}

/* The id of a dead creator may be another process's by now. */
static void a_later_process_is_not_the_creator(void **state)
{
	start();
	fake_store_write("/vane/7/state", "building");
	announce(getpid(), process_start(getpid()) - 1);
	creators_adopt(&m);
	creators_look(&m);
	assert_false(fake.exists);
}

static struct creator *connect_creator(int *end)
{
	struct creator *c = calloc(1, sizeof(*c));
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	c->fd = ends[0];
	m.creators = c;
	*end = ends[1];
	return c;
}

static void say(int end, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(end, format, args);
	va_end(args);
}

static void hears(int end, const char *words)
{
	char line[256] = "";

	assert_true(read(end, line, sizeof(line) - 1) > 0);
	assert_non_null(strstr(line, words));
}

static void the_end_of_the_line_is_the_creators_end(void **state)
{
	struct creator *c;
	int end;

	start();
	fake_store_write("/vane/7/state", "building");
	c = connect_creator(&end);
	say(end, "create %s %d", uuid(), getpid());
	creator_speaks(&m, c);
	assert_false(c->announced);
	say(end, " %lld\n", process_start(getpid()));
	creator_speaks(&m, c);
	assert_true(c->announced);
	hears(end, "ok\n");
	creators_look(&m);
	assert_true(fake.exists);
	close(end);
	creator_speaks(&m, c);
	creators_look(&m);
	assert_false(fake.exists);
	assert_int_equal(fake_store->node_count, 0);
}

static void nonsense_is_refused(void **state)
{
	static const char *const lines[] = {
		"\n", "make x 1 2\n", "create 00 1 2\n", "create\n",
		"create 11111111-2222-3333-4444-55555555555x 1 2\n",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct creator *c;
		int end;

		c = connect_creator(&end);
		say(end, "%s", lines[i]);
		creator_speaks(&m, c);
		hears(end, "error expected");
		creators_look(&m);
		assert_null(m.creators);
		close(end);
	}
}

static void without_the_store_creators_are_told(void **state)
{
	struct creator *c;
	int end;

	c = connect_creator(&end);
	fake_store_down(true);
	say(end, "create %s 1 2\n", uuid());
	creator_speaks(&m, c);
	hears(end, "start it: xenstored");
	close(end);
	fake_store_down(false);
	assert_int_equal(domains_look(&m, false), 0);
	fake_store_down(true);
	assert_true(domains_look(&m, false) < 0);
	fake_store_down(false);
}

/* A crash is looked into before anything is done about it. */
static void crash(void)
{
	shut_down(SHUTDOWN_crash);
	assert_int_equal(domains_look(&m, false), 0);
	assert_true(fake.exists);
	assert_string_equal(fake_store_value("/vane/7/state"), "made");
	/* not twice at a time */
	assert_int_equal(domains_look(&m, false), 0);
	finish_child();
}

static void each_reason_has_its_action(void **state)
{
	static const struct {
		unsigned int reason;
		bool poweroff, reboot, crash, stays;
	} rows[] = {
		{ SHUTDOWN_poweroff, true, false, false, false },
		{ SHUTDOWN_reboot, false, true, false, false },
		{ SHUTDOWN_crash, false, false, true, false },
		{ SHUTDOWN_watchdog, false, false, true, false },
		{ SHUTDOWN_suspend, true, true, true, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		done(NULL);
		fresh(NULL);
		guest.on_poweroff = rows[i].poweroff ? ACTION_DESTROY :
						       ACTION_PRESERVE;
		guest.on_reboot = rows[i].reboot ? ACTION_DESTROY :
						   ACTION_PRESERVE;
		guest.on_crash = rows[i].crash ? ACTION_DESTROY :
						 ACTION_PRESERVE;
		start();
		assert_int_equal(domains_look(&m, false), 0);
		assert_true(fake.exists);
		shut_down(rows[i].reason);
		assert_int_equal(domains_look(&m, false), 0);
		if (rows[i].crash && !rows[i].stays)
			finish_child();
		assert_int_equal(fake.exists, rows[i].stays);
		assert_null(m.children);
	}
}

static void what_is_preserved_is_looked_at_once(void **state)
{
	guest.on_crash = ACTION_PRESERVE;
	start();
	crash();
	assert_true(fake.exists);
	assert_string_equal(file("calls"), "backtrace --log 7\n");
	assert_string_equal(fake_store_value("/vane/7/state"), "ended");
	/* whatever it says now */
	fake_store_write("/vane/7/on_crash", "destroy");
	assert_int_equal(domains_look(&m, true), 0);
	assert_true(fake.exists);
}

static void domains_of_others_are_left_alone(void **state)
{
	fake.exists = true;
	fake.handle[0] = 0x42;
	shut_down(SHUTDOWN_poweroff);
	assert_int_equal(domains_look(&m, true), 0);
	assert_true(fake.exists);
}

static void a_restart_is_a_creation(void **state)
{
	char name[64], call[128];

	guest.on_reboot = ACTION_RESTART;
	start();
	snprintf(name, sizeof(name), "again/%s.cfg", uuid());
	shut_down(SHUTDOWN_reboot);
	assert_int_equal(domains_look(&m, false), 0);
	assert_false(fake.exists);
	assert_int_equal(fake_store->node_count, 0);
	/* the promise: the same settings */
	assert_non_null(strstr(file(name), "made from /g.cfg\n"));
	assert_non_null(strstr(file(name), "\nname = \"guest\"\nmemory = 4\n"));
	/* nothing is done twice */
	assert_int_equal(domains_look(&m, true), 0);
	finish_child();
	assert_null(m.children);
	snprintf(call, sizeof(call), "create -q %s/%s\n", folder, name);
	assert_string_equal(file("calls"), call);
	assert_null(file(name));
}

static void a_promise_outlives_the_daemon(void **state)
{
	put_file("again/x.cfg", "name = \"x\"\n", 0644);
	put_file("again/.y.part", "name", 0644);
	assert_int_equal(domains_look(&m, true), 0);
	finish_child();
	assert_null(m.children);
	assert_non_null(strstr(file("calls"), "again/x.cfg\n"));
}

/* The store daemon may just be on its way. */
static void a_creation_that_fails_is_tried_again(void **state)
{
	/* the third begins as soon as the second has ended */
	put_file("vane", "#!/bin/sh\n"
			 "echo >> $NOTED/tries\n"
			 "test $(wc -l < $NOTED/tries) = 3\n", 0755);
	put_file("again/x.cfg", "name = \"x\"\n", 0644);
	assert_int_equal(domains_look(&m, true), 0);
	finish_child();
	assert_non_null(file("again/x.cfg"));
	/* not twice at a time */
	assert_int_equal(domains_look(&m, true), 0);
	assert_null(m.children->next);
	finish_child();
	assert_non_null(file("again/x.cfg"));
	finish_child();
	assert_null(file("again/x.cfg"));
	assert_null(m.children);
}

static void but_not_for_ever(void **state)
{
	put_file("vane", "#!/bin/sh\nexit 3\n", 0755);
	put_file("again/x.cfg", "name = \"x\"\n", 0644);
	assert_int_equal(domains_look(&m, true), 0);
	for (int i = 0; i < 5; i++) {
		assert_non_null(file("again/x.cfg"));
		finish_child();
	}
	assert_null(m.children);
	assert_null(file("again/x.cfg"));
	assert_string_equal(file("pauses"), "1 2 4 8 16 ");
}

static void without_the_store_a_promise_waits_for_it(void **state)
{
	struct xs_handle *store = m.store;

	put_file("vane", "#!/bin/sh\nexit 1\n", 0755);
	put_file("again/x.cfg", "name = \"x\"\n", 0644);
	assert_int_equal(domains_look(&m, true), 0);
	m.store = NULL;
	finish_child();
	assert_null(m.children);
	assert_non_null(file("again/x.cfg"));
	m.store = store;
	assert_int_equal(domains_look(&m, true), 0);
	m.store = NULL;
	finish_child();
	m.store = store;
}

/* Killed after the old one was renamed: the promise has the better name. */
static void a_promise_is_made_once(void **state)
{
	char name[64];

	guest.on_reboot = ACTION_RENAME_RESTART;
	start();
	snprintf(name, sizeof(name), "again/%s.cfg", uuid());
	put_file(name, "name = \"guest\"\n", 0644);
	fake_store_write("/local/domain/7/name", "guest-20260131T2359Z");
	shut_down(SHUTDOWN_reboot);
	assert_int_equal(domains_look(&m, false), 0);
	assert_string_equal(file(name), "name = \"guest\"\n");
	finish_child();
}

/* A guest that maps another's memory must not hold up the daemon. */
static void whoever_lingers_is_not_waited_for(void **state)
{
	int calls;

	guest.on_reboot = ACTION_RESTART;
	start();
	fake.lingers = true;
	shut_down(SHUTDOWN_reboot);
	calls = fake.calls;
	assert_int_equal(domains_look(&m, false), 0);
	assert_true(fake.flags & XEN_DOMINF_dying);
	assert_int_equal(fake_store->node_count, 0);
	assert_int_equal(domains_look(&m, false), 0);
	assert_true(fake.calls - calls < 20);
	finish_child();
	assert_null(m.children);

	done(NULL);
	fresh(NULL);
	start();
	fake_store_write("/vane/7/state", "building");
	fake.lingers = true;
	announce(999999999, 1);
	creators_adopt(&m);
	calls = fake.calls;
	creators_look(&m);
	assert_true(fake.flags & XEN_DOMINF_dying);
	assert_true(fake.calls - calls < 20);
}

static void rename_restart_keeps_the_old_one(void **state)
{
	const char *name;

	guest.on_crash = ACTION_RENAME_RESTART;
	start();
	crash();
	assert_true(fake.exists);
	name = fake_store_value("/local/domain/7/name");
	assert_memory_equal(name, "guest-20", 8);
	assert_string_equal(fake_store_value("/vane/7/state"), "ended");
	/* its successor has the old name */
	assert_int_equal(tree_name_owner(NULL, m.store, XBT_NULL, "guest"),
			 -ESRCH);
	finish_child();
	assert_non_null(file("calls"));
}

static void stays_as_it_was(void)
{
	assert_true(fake.exists);
	assert_string_equal(fake_store_value("/vane/7/state"), "ended");
	assert_string_equal(fake_store_value("/local/domain/7/name"), "guest");
	assert_null(m.children);
	assert_null(file("calls"));
}

/* /run is full, or its folder gone: no promise, so no end either. */
static void what_cannot_be_promised_is_kept(void **state)
{
	char path[128];

	guest.on_reboot = ACTION_RESTART;
	start();
	snprintf(path, sizeof(path), "%s/again", folder);
	assert_int_equal(rmdir(path), 0);
	shut_down(SHUTDOWN_reboot);
	assert_int_equal(domains_look(&m, false), 0);
	stays_as_it_was();
	mkdir(path, 0755);
	assert_int_equal(domains_look(&m, true), 0);
	stays_as_it_was();
}

static void what_cannot_be_renamed_is_kept(void **state)
{
	char name[64];

	guest.on_reboot = ACTION_RENAME_RESTART;
	start();
	snprintf(name, sizeof(name), "again/%s.cfg", uuid());
	fake_store->changes = 0;
	fake_store->fail = 1;
	shut_down(SHUTDOWN_reboot);
	assert_int_equal(domains_look(&m, false), 0);
	stays_as_it_was();
	assert_null(file(name));
	assert_int_equal(domains_look(&m, true), 0);
	stays_as_it_was();
}

static void the_notes_are_bounded(void **state)
{
	char path[128];
	struct stat st;

	open_notes();
	for (unsigned int i = 0; i < 3 * NOTES_BYTES / 100; i++)
		note("%0*u", 100, i);
	snprintf(path, sizeof(path), "%s/monitord.log", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, 1, NOTES_BYTES + 200);
	snprintf(path, sizeof(path), "%s/monitord.log.1", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, NOTES_BYTES, NOTES_BYTES + 200);
}

static void memory_is_written_before_it_is_gone(void **state)
{
	guest.on_crash = ACTION_COREDUMP_RESTART;
	start();
	crash();
	assert_memory_equal(file("calls"), "dump-core --log 7 ", 18);
	assert_non_null(strstr(file("calls"), "core-guest\n"));
	assert_false(fake.exists);
	finish_child();
	assert_non_null(strstr(file("calls"), "\ncreate -q "));
}

static void nodes_of_nobody_are_dropped(void **state)
{
	start();
	ctl_domain_destroy(NULL, FAKE_DOMID);
	assert_int_equal(domains_look(&m, false), 0);
	assert_int_equal(fake_store->node_count, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_left_half_made_is_taken_away),
		T(a_domain_without_nodes_is_taken_away_too),
		T(what_is_made_outlives_its_creator),
		T(a_living_creator_is_left_alone),
		T(a_later_process_is_not_the_creator),
		T(the_end_of_the_line_is_the_creators_end),
		T(nonsense_is_refused),
		T(without_the_store_creators_are_told),
		T(each_reason_has_its_action),
		T(what_is_preserved_is_looked_at_once),
		T(domains_of_others_are_left_alone),
		T(a_restart_is_a_creation),
		T(a_promise_outlives_the_daemon),
		T(a_creation_that_fails_is_tried_again),
		T(but_not_for_ever),
		T(without_the_store_a_promise_waits_for_it),
		T(a_promise_is_made_once),
		T(whoever_lingers_is_not_waited_for),
		T(rename_restart_keeps_the_old_one),
		T(what_cannot_be_promised_is_kept),
		T(what_cannot_be_renamed_is_kept),
		T(the_notes_are_bounded),
		T(memory_is_written_before_it_is_gone),
		T(nodes_of_nobody_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
