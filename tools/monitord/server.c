/* SPDX-License-Identifier: MIT */
/* server.c - monitord's loop: poll, then look at whatever has changed.
 *
 * Guards: nobody is waited for but in poll(); without the store it waits for
 * the store, and then looks at everything.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/paths.h"
#include "monitord.h"

enum { SLOT_STORE, SLOT_LISTENER, SLOTS_FIXED };

#define WAITED_MAX 256
#define LOOK_MS 1000

/* Two daemons would do everything twice; the second one goes. */
static int listen_socket(struct reason *why)
{
	char path[PATH_ROOM], folder[PATH_ROOM];
	int rc;

	run_path(folder, "again");
	run_path(path, MONITOR_SOCKET);
	rc = make_folders(folder);
	if (rc)
		return refuse_errno(why, rc, "cannot make %s", folder);
	return daemon_listen("vane-monitord", path, why);
}

static void lose_store(struct monitord *m)
{
	xs_close(m->store);
	m->store = NULL;
	note("the store daemon does not answer; waiting for it");
}

/* With the store comes all that happened while there was none. */
static void find_store(struct monitord *m)
{
	struct reason ignored = { 0 };

	m->store = tree_open(&ignored);
	if (!m->store)
		return;
	if (!xs_watch(m->store, "@releaseDomain", "end")) {
		lose_store(m);
		return;
	}
	creators_adopt(m);
	if (domains_look(m, true) < 0)
		lose_store(m);
}

int monitord_open(struct monitord *m, struct reason *why)
{
	int rc;

	memset(m, 0, sizeof(*m));
	rc = ctl_open(&m->ctl, why);
	if (rc)
		return rc;
	m->listener = listen_socket(why);
	if (m->listener < 0)
		return m->listener;
	find_store(m);
	return 0;
}

static void serve_store(struct monitord *m)
{
	char **event;

	while ((event = xs_check_watch(m->store)))
		free(event);
	if (errno != EAGAIN || domains_look(m, false) < 0)
		lose_store(m);
}

/* What is served, behind the fixed slots. */
struct waited {
	struct creator *creator;
	struct child *child;
};

static int fill_poll_set(struct monitord *m, struct pollfd *set,
			 struct waited *waited)
{
	int count = SLOTS_FIXED;

	set[SLOT_STORE] = (struct pollfd){
		m->store ? xs_fileno(m->store) : -1, POLLIN, 0 };
	set[SLOT_LISTENER] = (struct pollfd){ m->listener, POLLIN, 0 };
	for (struct child *c = m->children; c && count < WAITED_MAX;
	     c = c->next) {
		waited[count] = (struct waited){ .child = c };
		set[count++] = (struct pollfd){ c->pipe, POLLIN, 0 };
	}
	for (struct creator *c = m->creators; c && count < WAITED_MAX;
	     c = c->next) {
		waited[count] = (struct waited){ .creator = c };
		set[count++] = (struct pollfd){ c->fd, POLLIN, 0 };
	}
	/* no room for another: it waits in the listener's queue */
	if (count == WAITED_MAX)
		set[SLOT_LISTENER].fd = -1;
	return count;
}

int monitord_run(struct monitord *m)
{
	struct pollfd set[WAITED_MAX];
	struct waited waited[WAITED_MAX];

	for (;;) {
		int count = fill_poll_set(m, set, waited);
		bool look = !m->store || creators_to_watch(m);
		int ready = poll(set, (nfds_t)count, look ? LOOK_MS : -1);

		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready < 0)
			continue;
		for (int i = SLOTS_FIXED; i < count; i++) {
			if (!set[i].revents)
				continue;
			if (waited[i].child)
				child_ended(m, waited[i].child);
			else
				creator_speaks(m, waited[i].creator);
		}
		if (!m->store)
			find_store(m);
		else if (set[SLOT_STORE].revents)
			serve_store(m);
		if (m->store)
			creators_look(m);
		if (set[SLOT_LISTENER].revents)
			creators_accept(m);
	}
}
