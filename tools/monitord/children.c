/* SPDX-License-Identifier: MIT */
/* children.c - programs that run for a domain.
 *
 * Guards: none is waited for; the pipe that each holds ends with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/paths.h"
#include "monitord.h"

static void become(const struct child *c, int pipe, unsigned int pause_s,
		   char *const arguments[])
{
	char path[PATH_ROOM];
	int log = -1;

	if (!log_path(path, "monitord.log"))
		log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (log >= 0) {
		dup2(log, 1);
		dup2(log, 2);
	}
	fcntl(pipe, F_SETFD, 0);
	if (c->made_from[0])
		setenv(MONITOR_MADE_FROM, c->made_from, 1);
	sleep(pause_s);
	execvp(arguments[0], arguments);
	_exit(127);
}

int child_start(struct monitord *m, struct child *c, unsigned int pause_s,
		char *const arguments[])
{
	struct child *kept = malloc(sizeof(*kept));
	int ends[2];

	if (!kept || pipe2(ends, O_CLOEXEC)) {
		free(kept);
		return -ENOMEM;
	}
	c->pid = fork();
	if (c->pid == 0)
		become(c, ends[1], pause_s, arguments);
	close(ends[1]);
	if (c->pid < 0) {
		close(ends[0]);
		free(kept);
		return -EAGAIN;
	}
	c->pipe = ends[0];
	*kept = *c;
	kept->next = m->children;
	m->children = kept;
	return 0;
}

bool child_has(const struct monitord *m, domid_t dumps, const char *file)
{
	for (const struct child *c = m->children; c; c = c->next)
		if (c->dumps == dumps && (!file || !strcmp(c->file, file)))
			return true;
	return false;
}

/* What was to be known of a domain is written, or could not be: on with what
 * was to follow. */
static void look_done(struct monitord *m, const struct child *c, int status)
{
	struct xen_domctl_getdomaininfo info;
	struct tree_kept kept;

	if (status)
		note("domain %u: looking into it failed with status %d", c->dumps,
		     status);
	if (m->store && !ctl_domain_info(m->ctl, c->dumps, &info) &&
	    !tree_kept(m->store, &info, &kept) && kept.state == TREE_MADE)
		domain_ended(m, &info, &kept, true);
}

void child_ended(struct monitord *m, struct child *c)
{
	struct child **link = &m->children;
	int status = -1;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	close(c->pipe);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status >= 0 && WIFEXITED(status))
		status = WEXITSTATUS(status);
	if (c->dumps)
		look_done(m, c, status);
	else
		again_made(m, c, status);
	free(c);
}
