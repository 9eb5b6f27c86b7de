/* SPDX-License-Identifier: MIT */
/* test_life.c - names, records, and a domain's start and end, without consoled
 * and on a machine of paper.
 *
 * Rules: a domain is made whole or not at all; a record counts only for the
 * very domain it was written for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fake_ctl.h"
#include "fake_elf.h"
#include "life.h"
#include "registry/registry.h"

static char folder[64];
static char kernel[96];
static struct made made;
static struct reason why, warning;

static struct guest_config guest = {
	.name = "guest",
	.kernel = kernel,
	.cmdline = "",
	.memory_kib = 4096,
	.max_kib = 4096,
	.vcpus = 1,
};

static int fresh(void **state)
{
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
	reason_clear(&why);
	reason_clear(&warning);
	return 0;
}

static int done(void **state)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static int start(void)
{
	return life_start(NULL, &guest, "/g.cfg", false, &warning, &why);
}

static bool has_record(void)
{
	struct domain_record r;

	return registry_read(FAKE_DOMID, &r) == 0;
}

static void a_domain_starts_and_ends(void **state)
{
	struct xen_domctl_getdomaininfo info;
	struct domain_record r;
	char name[GUEST_NAME_MAX + 1];

	assert_int_equal(start(), FAKE_DOMID);
	assert_says(warning, "consoled does not answer");
	assert_int_equal(fake.flags & XEN_DOMINF_paused, 0);
	assert_int_equal(registry_find(NULL, "guest", &info), FAKE_DOMID);
	assert_int_equal(registry_find(NULL, "7", &info), FAKE_DOMID);
	assert_int_equal(registry_find(NULL, "Domain-0", &info), 0);
	assert_int_equal(registry_find(NULL, "0", &info), 0);
	assert_int_equal(registry_find(NULL, "8", &info), -ESRCH);
	assert_int_equal(registry_find(NULL, "99999", &info), -ESRCH);
	assert_int_equal(registry_find(NULL, "7x", &info), -ESRCH);
	/* what tells two of one name apart */
	assert_int_equal(registry_find_other(NULL, "guest", 8, &info),
			 FAKE_DOMID);
	assert_int_equal(registry_find_other(NULL, "guest", FAKE_DOMID, &info),
			 -ESRCH);
	assert_int_equal(registry_read(FAKE_DOMID, &r), 0);
	assert_string_equal(r.config, "/g.cfg");
	assert_memory_equal(r.handle, fake.handle, sizeof(r.handle));
	assert_int_equal(r.console_port, 2);
	assert_int_equal(r.store_port, 1);
	assert_int_not_equal(r.console_mfn, r.store_mfn);

	assert_int_equal(ctl_domain_info(NULL, FAKE_DOMID, &info), 0);
	registry_name(&info, name);
	assert_string_equal(name, "guest");

	assert_int_equal(life_end(NULL, FAKE_DOMID, &why), 0);
	assert_false(fake.exists);
	assert_false(has_record());
	assert_int_equal(fake.free_frames, 4096);
}

static void a_paused_domain_stays_paused(void **state)
{
	assert_int_equal(life_start(NULL, &guest, "/g.cfg", true, &warning,
				    &why), FAKE_DOMID);
	assert_true(fake.flags & XEN_DOMINF_paused);
}

static void however_often_it_was_paused_it_ends(void **state)
{
	assert_int_equal(start(), FAKE_DOMID);
	fake.pauses_full = true;
	assert_int_equal(life_end(NULL, FAKE_DOMID, &why), 0);
	assert_false(fake.exists);
	assert_false(has_record());
}

static void a_name_is_given_once(void **state)
{
	assert_int_equal(start(), FAKE_DOMID);
	assert_int_equal(start(), -EEXIST);
	assert_says(why, "a domain named \"guest\" is there already, with id 7");
	assert_true(fake.exists);
}

static void a_record_of_another_domain_does_not_count(void **state)
{
	struct xen_domctl_getdomaininfo info;
	char name[GUEST_NAME_MAX + 1];

	assert_int_equal(start(), FAKE_DOMID);
	fake.handle[3] ^= 1;
	assert_int_equal(registry_find(NULL, "guest", &info), -ESRCH);
	assert_int_equal(ctl_domain_info(NULL, FAKE_DOMID, &info), 0);
	assert_false(registry_name(&info, name));
	/* what is shown in its place is nobody's name */
	assert_int_equal(registry_find(NULL, name, &info), -ESRCH);
	assert_int_equal(registry_find(NULL, "(null)", &info), -ESRCH);
}

static void a_damaged_record_is_no_record(void **state)
{
	static const char *const texts[] = {
		"", "name", "uuid=xyz\n", "name=a\nuuid=00\n",
		"name=a\nconsole=\n", "name=a\nstore=1\n",
	};
	struct domain_record r;
	char path[96];

	snprintf(path, sizeof(path), "%s/domains", folder);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/domains/7", folder);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		FILE *f = fopen(path, "w");

		fputs(texts[i], f);
		fclose(f);
		assert_int_equal(registry_read(7, &r), -EPROTO);
	}
	assert_int_equal(registry_read(8, &r), -ENOENT);
}

/* Every call that can fail, and a folder that cannot be written. */
static void a_failed_start_leaves_nothing(void **state)
{
	int calls;

	assert_int_equal(start(), FAKE_DOMID);
	calls = fake.calls;
	for (int i = 0; i < calls; i++) {
		registry_remove(FAKE_DOMID);
		fake_reset(4096);
		fake.fail = i;
		fake.error = -EPERM;
		reason_clear(&why);
		assert_true(start() < 0);
		assert_true(strlen(why.text) > 20);
		assert_false(fake.exists);
		assert_false(has_record());
		assert_int_equal(fake.free_frames, 4096);
	}

	registry_remove(FAKE_DOMID);
	fake_reset(4096);
	reason_clear(&why);
	setenv("VANE_RUN_DIR", kernel, 1);	/* a file, not a folder */
	assert_true(start() < 0);
	assert_says(why, "cannot make the folder");
	assert_false(fake.exists);
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
	guest.cpus = sets;
	guest.cpus_count = 2;
	guest.cpus_soft = sets + 1;
	guest.cpus_soft_count = 1;
}

static int take_share(void **state)
{
	guest.vcpus = 1;
	guest.weight = guest.cap = 0;
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
	assert_false(has_record());
}

static void a_failed_placement_leaves_nothing(void **state)
{
	give_share();
	a_failed_start_leaves_nothing(state);
}

static void waiting_ends_with_the_domain(void **state)
{
	assert_int_equal(life_wait(NULL, FAKE_DOMID), -ESRCH);
	assert_int_equal(start(), FAKE_DOMID);
	fake.flags = XEN_DOMINF_shutdown | 3U << XEN_DOMINF_shutdownshift;
	assert_int_equal(life_wait(NULL, FAKE_DOMID), 3);
	fake.flags = XEN_DOMINF_dying;
	assert_int_equal(life_wait(NULL, FAKE_DOMID), -ESRCH);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, done)
#define S(name) cmocka_unit_test_setup_teardown(name, fresh, take_share)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_domain_starts_and_ends),
		T(a_paused_domain_stays_paused),
		T(however_often_it_was_paused_it_ends),
		T(a_name_is_given_once),
		T(a_record_of_another_domain_does_not_count),
		T(a_damaged_record_is_no_record),
		T(a_failed_start_leaves_nothing),
		S(a_domain_gets_its_cpus_before_it_runs),
		S(a_cpu_that_is_not_there_is_refused),
		S(a_failed_placement_leaves_nothing),
		T(waiting_ends_with_the_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
