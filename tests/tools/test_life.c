/* SPDX-License-Identifier: MIT */
/* test_life.c - names, nodes, and a domain's start and end, without consoled
 * and on a machine of paper.
 *
 * Rules: a domain is made whole or not at all; its nodes are xl's; nodes count
 * only for the very domain they were written for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fake_ctl.h"
#include "fake_elf.h"
#include "fake_store.h"
#include "life/life.h"
#include "monitor/client.h"
#include "tree/tree.h"

static char folder[64];
static char kernel[96];
static struct made made;
static struct reason why;
static struct xs_handle *store;

static struct guest_config guest = {
	.name = "guest",
	.kernel = kernel,
	.cmdline = "",
	.memory_kib = 4096,
	.max_kib = 8192,
	.vcpus = 1,
	.vcpus_online = 1,
	.on_reboot = ACTION_RESTART,
};

static int fresh(void **state)
{
	char path[96];
	FILE *f;

	strcpy(folder, "/tmp/test_life.XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv("VANE_RUN_DIR", folder, 1);
	snprintf(kernel, sizeof(kernel), "%s/kernel", folder);
	made_simple(&made, 0xffffffff80000000);
	f = fopen(kernel, "w");
	fwrite(made.bytes, 1, made.size, f);
	fclose(f);
	fake_reset(4096);
	snprintf(path, sizeof(path), "%s/store", folder);
	fake_store_reset(path);
	reason_clear(&why);
	store = tree_open(&why);
	assert_non_null(store);
	return 0;
}

static int done(void **state)
{
	char command[96];

	xs_close(store);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* Nobody is told, as with vane create -e where no monitord runs. */
static int start(void)
{
	struct life_request request = {
		.guest = &guest,
		.config_path = "/g.cfg",
		.config_text = "name = \"guest\"\n",
		.unwatched = true,
	};

	return life_start(NULL, store, &request, &why);
}

static const char *node(const char *format, ...)
{
	static char path[128];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return fake_store_value(path);
}

static const char *uuid(void)
{
	static char text[UUID_TEXT];

	uuid_format(fake.handle, text);
	return text;
}

static void a_domain_starts_and_ends(void **state)
{
	struct xen_domctl_getdomaininfo info;
	char name[GUEST_NAME_MAX + 1];

	assert_int_equal(start(), FAKE_DOMID);
	assert_int_equal(fake.flags & XEN_DOMINF_paused, 0);
	assert_int_equal(tree_find(NULL, store, "guest", &info), FAKE_DOMID);
	assert_int_equal(tree_find(NULL, store, "7", &info), FAKE_DOMID);
	assert_int_equal(tree_find(NULL, store, "0", &info), 0);
	assert_int_equal(tree_find(NULL, store, "8", &info), -ESRCH);
	assert_int_equal(tree_find(NULL, store, "99999", &info), -ESRCH);
	assert_int_equal(tree_find(NULL, store, "7x", &info), -ESRCH);
	assert_int_equal(tree_find(NULL, NULL, "7", &info), FAKE_DOMID);
	assert_int_equal(tree_find(NULL, NULL, "guest", &info), -ENOTCONN);
	assert_int_equal(tree_name_owner(NULL, store, XBT_NULL, "guest"),
			 FAKE_DOMID);
	assert_int_equal(ctl_domain_info(NULL, FAKE_DOMID, &info), 0);
	assert_true(tree_name(store, &info, name));
	assert_string_equal(name, "guest");
	assert_false(tree_name(NULL, &info, name));

	assert_int_equal(life_end(NULL, store, FAKE_DOMID, &why), 0);
	assert_false(fake.exists);
	assert_int_equal(fake_store->node_count, 0);
	assert_int_equal(fake.free_frames, 4096);
}

static void its_nodes_are_xls(void **state)
{
	static const char *const own[] = {
		"device/suspend/event-channel", "control/shutdown",
		"control/feature-poweroff", "control/feature-reboot",
		"control/feature-suspend", "control/sysrq", "data", "drivers",
		"feature", "attr", "error",
	};
	char vm[64];

	guest.vcpus = 2;
	assert_int_equal(start(), FAKE_DOMID);
	guest.vcpus = 1;
	snprintf(vm, sizeof(vm), "/vm/%s", uuid());
	assert_string_equal(node("/local/domain/7/vm"), vm);
	assert_string_equal(node("/local/domain/7/name"), "guest");
	assert_string_equal(node("/local/domain/7/domid"), "7");
	assert_string_equal(node("/local/domain/7/cpu/0/availability"),
			    "online");
	assert_string_equal(node("/local/domain/7/cpu/1/availability"),
			    "offline");
	assert_null(node("/local/domain/7/cpu/2/availability"));
	assert_string_equal(node("/local/domain/7/memory/target"), "4096");
	assert_string_equal(node("/local/domain/7/memory/static-max"), "8192");
	assert_string_equal(node("/local/domain/7/store/port"), "1");
	assert_string_equal(node("/local/domain/7/console/port"), "2");
	assert_string_equal(node("/local/domain/7/console/type"),
			    "xenconsoled");
	assert_int_equal(fake_store->introduced, FAKE_DOMID);
	assert_int_equal(fake_store->introduced_port, 1);
	assert_int_equal(strtoul(node("/local/domain/7/store/ring-ref"), NULL,
				 10), fake_store->introduced_mfn);
	assert_string_not_equal(node("/local/domain/7/store/ring-ref"),
				node("/local/domain/7/console/ring-ref"));
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		assert_string_equal(node("/local/domain/7/%s", own[i]), "");
	assert_string_equal(node("%s/name", vm), "guest");
	assert_string_equal(node("%s/uuid", vm), uuid());
	assert_string_equal(node("%s/image/kernel", vm), kernel);
	assert_string_equal(node("/vane/7/state"), "made");
	assert_string_equal(node("/vane/7/on_reboot"), "restart");
	assert_string_equal(node("/vane/7/config/path"), "/g.cfg");
}

static void a_conflict_in_the_store_is_no_error(void **state)
{
	fake_store->conflicts = 3;
	assert_int_equal(start(), FAKE_DOMID);
	assert_string_equal(node("/vane/7/state"), "made");
}

static void long_domain_files_are_kept_whole(void **state)
{
	struct tree_domain d = { .id = 9, .guest = &guest, .config_path = "" };
	char text[2500], *kept;

	/* the fake store's values are short; the parts are the library's */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	text[900] = '\0';
	d.config_text = text;
	assert_int_equal(tree_make(NULL, store, &d, &why), 0);
	kept = tree_config_text(store, 9);
	assert_string_equal(kept, text);
	free(kept);
	fake_store_write("/vane/9/config/text/1", "y");
	kept = tree_config_text(store, 9);
	assert_int_equal(strlen(kept), 901);
	assert_int_equal(kept[900], 'y');
	free(kept);
}

static void a_paused_domain_stays_paused(void **state)
{
	struct life_request request = {
		.guest = &guest,
		.config_path = "",
		.config_text = "",
		.paused = true,
		.unwatched = true,
	};

	assert_int_equal(life_start(NULL, store, &request, &why), FAKE_DOMID);
	assert_true(fake.flags & XEN_DOMINF_paused);
}

static void however_often_it_was_paused_it_ends(void **state)
{
	assert_int_equal(start(), FAKE_DOMID);
	fake.pauses_full = true;
	assert_int_equal(life_end(NULL, store, FAKE_DOMID, &why), 0);
	assert_false(fake.exists);
	assert_int_equal(fake_store->node_count, 0);
}

static void a_name_is_given_once(void **state)
{
	assert_int_equal(start(), FAKE_DOMID);
	assert_int_equal(start(), -EEXIST);
	assert_says(why, "a domain named \"guest\" is there already, with id 7");
	assert_true(fake.exists);
	assert_string_equal(node("/vane/7/state"), "made");
}

static void a_name_left_by_a_dead_domain_is_free(void **state)
{
	assert_int_equal(start(), FAKE_DOMID);
	/* as if killed between the domain's end and its nodes' */
	ctl_domain_destroy(NULL, FAKE_DOMID);
	assert_int_equal(tree_name_owner(NULL, store, XBT_NULL, "guest"),
			 -ESRCH);
	assert_int_equal(start(), FAKE_DOMID);
}

/* Such a domain has a name, and nothing under /vane. */
static void a_domain_of_others_is_found_too(void **state)
{
	struct xen_domctl_getdomaininfo info;
	char vm[64];

	fake.exists = true;
	fake.handle[0] = 0x5a;
	snprintf(vm, sizeof(vm), "/vm/%s", uuid());
	fake_store_write("/local/domain/7/vm", vm);
	fake_store_write("/local/domain/7/name", "xls");
	assert_int_equal(tree_find(NULL, store, "xls", &info), FAKE_DOMID);
	assert_int_equal(tree_name_owner(NULL, store, XBT_NULL, "xls"),
			 FAKE_DOMID);
	assert_int_equal(tree_name_owner(NULL, store, XBT_NULL, "none"),
			 -ESRCH);
}

static void nodes_of_another_domain_do_not_count(void **state)
{
	struct xen_domctl_getdomaininfo info;
	char name[GUEST_NAME_MAX + 1];
	struct tree_kept kept;
	int nodes;

	assert_int_equal(start(), FAKE_DOMID);
	fake.handle[3] ^= 1;
	assert_int_equal(tree_find(NULL, store, "guest", &info), -ESRCH);
	assert_int_equal(ctl_domain_info(NULL, FAKE_DOMID, &info), 0);
	assert_false(tree_name(store, &info, name));
	/* what is shown in its place is nobody's name */
	assert_int_equal(tree_find(NULL, store, name, &info), -ESRCH);
	assert_int_equal(tree_kept(store, &info, &kept), 0);
	assert_int_equal(kept.state, TREE_FOREIGN);
	/* and who removes the one's leaves the other's */
	nodes = fake_store->node_count;
	assert_int_equal(tree_drop(store, FAKE_DOMID, info.handle), 0);
	assert_int_equal(fake_store->node_count, nodes);
}

static void names_may_change(void **state)
{
	struct xen_domctl_getdomaininfo info;

	assert_int_equal(start(), FAKE_DOMID);
	assert_int_equal(tree_find(NULL, store, "guest", &info), FAKE_DOMID);
	/* characters that a path may not have */
	assert_int_equal(tree_rename(NULL, store, &info, "a.b:c", &why), 0);
	assert_int_equal(tree_find(NULL, store, "guest", &info), -ESRCH);
	assert_int_equal(tree_find(NULL, store, "a.b:c", &info), FAKE_DOMID);
	assert_string_equal(node("/vm/%s/name", uuid()), "a.b:c");
	assert_non_null(node("/vane/names/a@2eb@3ac"));
	assert_null(node("/vane/names/guest"));
	/* its own name again */
	assert_int_equal(tree_rename(NULL, store, &info, "a.b:c", &why), 0);
	assert_int_equal(life_end(NULL, store, FAKE_DOMID, &why), 0);
	assert_int_equal(fake_store->node_count, 0);
}

/* Every call and every change of a node that can fail. */
static void a_failed_start_leaves_nothing(void **state)
{
	int calls, changes;

	assert_int_equal(start(), FAKE_DOMID);
	calls = fake.calls;
	changes = fake_store->changes;
	assert_true(calls > 10 && changes > 40);
	for (int i = 0; i < calls + changes; i++) {
		done(NULL);
		fresh(NULL);
		if (i < calls) {
			fake.fail = i;
			fake.error = -EPERM;
		} else {
			fake_store->fail = i - calls + 1;
		}
		/* some answers matter to nobody, such as those of a look at
		 * what others left */
		if (start() >= 0) {
			assert_string_equal(node("/vane/7/state"), "made");
			continue;
		}
		assert_true(strlen(why.text) > 20);
		assert_false(fake.exists);
		assert_int_equal(fake_store->node_count, 0);
		assert_int_equal(fake.free_frames, 4096);
	}
}

static void without_a_store_there_is_no_domain(void **state)
{
	fake_store_down(true);
	assert_null(tree_open(&why));
	assert_says(why, "(start it: xenstored)");
	reason_clear(&why);
	assert_true(start() < 0);
	assert_false(fake.exists);
	fake_store_down(false);
}

static struct life_request watched = {
	.guest = &guest,
	.config_path = "/g.cfg",
	.config_text = "",
};

static void without_monitord_creation_is_refused(void **state)
{
	assert_int_equal(life_start(NULL, store, &watched, &why), -ENOENT);
	assert_says(why, "vane-monitord does not answer");
	assert_says(why, "create with -e");
	assert_false(fake.exists);
	assert_int_equal(fake_store->node_count, 0);
}

/* A monitord that gives this one answer. */
static pid_t answer_once(const char *answer)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t child;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", folder,
		 MONITOR_SOCKET);
	assert_int_equal(bind(listener, (struct sockaddr *)&address,
			      sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	child = fork();
	if (child == 0) {
		int fd = accept(listener, NULL, NULL);
		char line[MONITOR_LINE_MAX] = "", text[UUID_TEXT];
		xen_domain_handle_t handle;
		int pid;
		long long began;

		/* before there is a domain */
		if (read(fd, line, sizeof(line) - 1) < 0 || fake.exists ||
		    sscanf(line, "create %36s %d %lld\n", text, &pid,
			   &began) != 3 ||
		    pid != getppid() || process_start(pid) != began ||
		    uuid_parse(text, handle))
			_exit(1);
		if (write(fd, answer, strlen(answer)) < 0)
			_exit(2);
		/* the creator holds on until it is done */
		while (read(fd, line, sizeof(line)) > 0)
			;
		_exit(strcmp(answer, "ok\n") ||
		      !strcmp(fake_store_value("/vane/7/state"), "made") ? 0 : 3);
	}
	close(listener);
	return child;
}

static void monitord_knows_before_there_is_a_domain(void **state)
{
	pid_t child = answer_once("ok\n");
	int status;

	assert_int_equal(life_start(NULL, store, &watched, &why), FAKE_DOMID);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static void a_refusal_of_monitords_is_told(void **state)
{
	pid_t child = answer_once("error no, and that is why\n");
	int status;

	assert_int_equal(life_start(NULL, store, &watched, &why), -EPROTO);
	assert_says(why, "vane-monitord: no, and that is why");
	assert_false(fake.exists);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static struct cpu_set sets[2] = {
	{ .bytes = { 0x5 }, .named = 3 },
	{ .bytes = { 0x2 }, .named = 2 },
};

static void give_share(void)
{
	guest.vcpus = 2;
	guest.weight = 512;
	guest.cap = 150;
	guest.tsc_mode = 1;
	guest.cpus = sets;
	guest.cpus_count = 2;
	guest.cpus_soft = sets + 1;
	guest.cpus_soft_count = 1;
}

static int take_share(void **state)
{
	guest.vcpus = 1;
	guest.weight = guest.cap = guest.tsc_mode = 0;
	guest.cpus_count = guest.cpus_soft_count = 0;
	sets[0].named = 3;
	return done(state);
}

static void a_domain_gets_its_cpus_before_it_runs(void **state)
{
	give_share();
	assert_int_equal(start(), FAKE_DOMID);
	assert_int_equal(fake.share.weight, 512);
	assert_int_equal(fake.share.cap, 150);
	assert_int_equal(fake.tsc_mode, 1);
	assert_int_equal(fake.hard[0].bytes[0], 0x5);
	assert_int_equal(fake.hard[1].bytes[0], 0x2);
	assert_int_equal(fake.soft[0].bytes[0], 0x2);
	assert_int_equal(fake.soft[1].bytes[0], 0);
}

static void a_cpu_that_is_not_there_is_refused(void **state)
{
	give_share();
	sets[0].named = FAKE_CPUS + 1;
	assert_int_equal(start(), -EINVAL);
	assert_says(why, "cpus= for vCPU 0: there is no CPU 4: this machine has CPUs 0 to 3");
	assert_false(fake.exists);
	assert_int_equal(fake_store->node_count, 0);
}

static void a_failed_placement_leaves_nothing(void **state)
{
	give_share();
	a_failed_start_leaves_nothing(state);
}

static void waiting_ends_with_the_domain(void **state)
{
	assert_int_equal(life_wait(NULL, store, FAKE_DOMID), -ESRCH);
	assert_int_equal(start(), FAKE_DOMID);
	fake.flags = XEN_DOMINF_shutdown | 3U << XEN_DOMINF_shutdownshift;
	assert_int_equal(life_wait(NULL, store, FAKE_DOMID), 3);
	fake.flags = XEN_DOMINF_dying;
	assert_int_equal(life_wait(NULL, store, FAKE_DOMID), -ESRCH);
	assert_int_equal(life_wait(NULL, NULL, FAKE_DOMID), -ESRCH);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, done)
#define S(name) cmocka_unit_test_setup_teardown(name, fresh, take_share)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_domain_starts_and_ends),
		T(its_nodes_are_xls),
		T(a_conflict_in_the_store_is_no_error),
		T(long_domain_files_are_kept_whole),
		T(a_paused_domain_stays_paused),
		T(however_often_it_was_paused_it_ends),
		T(a_name_is_given_once),
		T(a_name_left_by_a_dead_domain_is_free),
		T(a_domain_of_others_is_found_too),
		T(nodes_of_another_domain_do_not_count),
		T(names_may_change),
		T(a_failed_start_leaves_nothing),
		T(without_a_store_there_is_no_domain),
		T(without_monitord_creation_is_refused),
		T(monitord_knows_before_there_is_a_domain),
		T(a_refusal_of_monitords_is_told),
		S(a_domain_gets_its_cpus_before_it_runs),
		S(a_cpu_that_is_not_there_is_refused),
		S(a_failed_placement_leaves_nothing),
		T(waiting_ends_with_the_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
