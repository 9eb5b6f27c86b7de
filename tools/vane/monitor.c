/* SPDX-License-Identifier: MIT */
/* monitor.c - the process that waits for the end of a domain.
 *
 * As xl does, `vane create` leaves one behind for each domain. What it does
 * goes to LOG/vane-NAME.log.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <xen/sched.h>

#include "base/paths.h"
#include "life.h"
#include "monitor.h"

#define RESTART_PAUSE_S 1

static enum shutdown_action choose(const struct guest_config *guest,
				   int reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		return guest->on_poweroff;
	case SHUTDOWN_reboot:
		return guest->on_reboot;
	case SHUTDOWN_suspend:
		return ACTION_PRESERVE;
	default:
		return guest->on_crash;
	}
}

/* Carries out the action. The id to wait for next, or 0 to leave. */
static domid_t act(struct ctl *c, const struct guest_config *guest,
		   const char *config_path, domid_t id,
		   enum shutdown_action action)
{
	struct reason why = { 0 }, warning = { 0 };
	int rc;

	if (action == ACTION_PRESERVE)
		return 0;
	if (life_end(c, id, &why)) {
		printf("%s\n", why.text);
		return 0;
	}
	if (action == ACTION_DESTROY)
		return 0;
	/* one that ends as soon as it starts must not eat the machine */
	sleep(RESTART_PAUSE_S);
	rc = life_start(c, guest, config_path, false, &warning, &why);
	if (rc < 0) {
		printf("cannot restart it: %s\n", why.text);
		return 0;
	}
	printf("started it again, with id %d\n", rc);
	if (warning.text[0])
		printf("warning: %s; its output is not kept\n", warning.text);
	return (domid_t)rc;
}

static void watch(const struct guest_config *guest, const char *config_path,
		  domid_t id)
{
	struct reason why = { 0 };
	struct ctl *c;

	if (ctl_open(&c, &why)) {
		printf("%s\n", why.text);
		return;
	}
	while (id) {
		int reason = life_wait(c, id);
		enum shutdown_action action;

		if (reason < 0)
			break;
		action = choose(guest, reason);
		printf("domain %u (%s) has shut down, reason %d: %s\n", id,
		       guest->name, reason, shutdown_action_name(action));
		fflush(stdout);
		id = act(c, guest, config_path, id, action);
		fflush(stdout);
	}
	ctl_close(c);
}

/* Nothing of the terminal may keep the person's shell waiting, and nothing
 * of the create command's care (blocked signals) is inherited. */
static void leave_terminal(const char *name)
{
	char folder[PATH_ROOM], path[PATH_ROOM];
	int null = open("/dev/null", O_RDWR);
	sigset_t none;
	int log;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	log_path(folder, "%s", "");
	make_folders(folder);
	log_path(path, "vane-%s.log", name);
	log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	dup2(null, 0);
	dup2(log >= 0 ? log : null, 1);
	dup2(log >= 0 ? log : null, 2);
	if (null > 2)
		close(null);
	if (log > 2)
		close(log);
	setsid();
	signal(SIGHUP, SIG_IGN);
}

int monitor_start(const struct guest_config *guest, const char *config_path,
		  domid_t id, struct reason *why)
{
	pid_t child = fork();

	if (child < 0)
		return refuse_errno(why, -errno,
				    "cannot leave a process behind to watch domain %u",
				    id);
	if (child == 0) {
		leave_terminal(guest->name);
		watch(guest, config_path, id);
		_exit(0);
	}
	return 0;
}
