/* SPDX-License-Identifier: MIT */
/* test_daemon.c - going into the background, and being found there.
 *
 * Rules: a name that is there answers; who starts a daemon knows whether it
 * is ready; there is one daemon of a kind.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/daemon.h"
#include "cmocka_all.h"

static char folder[64];
static char path[96];
static struct reason why;

static int fresh(void **state)
{
	strcpy(folder, "/tmp/test_daemon.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/d.sock", folder);
	reason_clear(&why);
	return 0;
}

static int done(void **state)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void one_daemon_answers(void **state)
{
	struct stat st;
	int fd = daemon_listen("d", path, &why), end;

	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	end = daemon_connect("d", path, "", &why);
	assert_true(end >= 0);
	close(end);
	assert_int_equal(daemon_listen("d", path, &why), -EADDRINUSE);
	assert_non_null(strstr(why.text, "another d answers"));
	/* it dies; what it leaves is replaced */
	close(fd);
	reason_clear(&why);
	assert_int_equal(daemon_connect("d", path, "; or", &why),
			 -ECONNREFUSED);
	assert_non_null(strstr(why.text, "(start it: d; or)"));
	fd = daemon_listen("d", path, &why);
	assert_true(fd >= 0);
	close(fd);
}

static void long_names_are_refused(void **state)
{
	char name[200];

	memset(name, 'x', sizeof(name));
	memcpy(name, folder, strlen(folder));
	name[strlen(folder)] = '/';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(daemon_listen("d", name, &why), -ENAMETOOLONG);
	/* "PATH.part" is too long, PATH is not */
	name[105] = '\0';
	assert_int_equal(daemon_listen("d", name, &why), -ENAMETOOLONG);
	assert_int_equal(daemon_connect("d", name, "", &why), -ENOENT);
}

/* Nobody who sees the name is refused. */
static void a_name_that_is_there_answers(void **state)
{
	pid_t child = fork();
	int fds[500], status;

	if (child == 0) {
		for (;;) {
			int fd = daemon_connect("d", path, "", &why);

			if (fd == -ECONNREFUSED)
				_exit(1);
			if (fd >= 0)
				close(fd);
		}
	}
	assert_true(child > 0);
	/* closed later: a name may be looked up before it is gone */
	for (int i = 0; i < 500; i++) {
		fds[i] = daemon_listen("d", path, &why);
		assert_true(fds[i] >= 0);
		unlink(path);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	for (int i = 0; i < 500; i++)
		close(fds[i]);
}

static int serve(int ready, void *context)
{
	if (!context)
		return 7;
	return daemon_ready(ready) ? 1 : 0;
}

static void who_starts_it_knows_whether_it_is_ready(void **state)
{
	assert_int_equal(daemon_background("d", serve, path), 0);
	assert_int_equal(daemon_background("d", serve, NULL), 1);
	assert_int_equal(daemon_ready(-1), 0);
	while (wait(NULL) > 0)
		;
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_daemon_answers),
		T(long_names_are_refused),
		T(a_name_that_is_there_answers),
		T(who_starts_it_knows_whether_it_is_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
