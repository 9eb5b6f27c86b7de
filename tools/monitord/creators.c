/* SPDX-License-Identifier: MIT */
/* creators.c - who makes domains, and the end of what they left half made.
 *
 * Guards: a domain whose creator died before it was made is taken away, with
 * its nodes; one that is made stays, whatever became of its creator.
 * Invariant: /vane/creating/UUID is in the store from before the creator
 * begins until it has been looked after, so that a later daemon can do it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "life/life.h"
#include "monitord.h"

static struct creator *add(struct monitord *m, int fd)
{
	struct creator *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = fd;
	c->next = m->creators;
	m->creators = c;
	return c;
}

void creators_accept(struct monitord *m)
{
	int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0 && !add(m, fd))
		close(fd);
}

static void leave(struct creator *c)
{
	close(c->fd);
	c->fd = -1;
	c->gone = true;
}

static void say(struct creator *c, const char *text)
{
	if (send(c->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		leave(c);
}

/* The line is whole. Its UUID is in the store before "ok" is said. */
static void announced(struct monitord *m, struct creator *c)
{
	char uuid[UUID_TEXT], value[64];
	int pid;

	if (sscanf(c->line, "create %36s %d %lld", uuid, &pid, &c->start) != 3 ||
	    uuid_parse(uuid, c->handle)) {
		say(c, "error expected create UUID PID START\n");
		leave(c);
		return;
	}
	c->pid = pid;
	snprintf(value, sizeof(value), "%d %lld", pid, c->start);
	if (!m->store || tree_write(m->store, XBT_NULL, value,
				    "/vane/creating/%s", uuid)) {
		say(c, "error the store daemon does not answer (start it: xenstored)\n");
		leave(c);
		return;
	}
	c->announced = true;
	say(c, "ok\n");
}

void creator_speaks(struct monitord *m, struct creator *c)
{
	ssize_t got = read(c->fd, c->line + c->length,
			   sizeof(c->line) - 1 - c->length);

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		leave(c);
		return;
	}
	c->length += (size_t)got;
	if (!c->announced && memchr(c->line, '\n', c->length))
		announced(m, c);
	/* nobody has more to say than one line */
	if (c->length == sizeof(c->line) - 1)
		leave(c);
}

bool creators_to_watch(const struct monitord *m)
{
	for (struct creator *c = m->creators; c; c = c->next)
		if (c->fd < 0)
			return true;
	return false;
}

static int find_by_handle(struct monitord *m, const xen_domain_handle_t handle,
			  struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl_getdomaininfo list[CTL_LIST_MAX];
	domid_t first = 1;

	for (;;) {
		int count = ctl_domain_list(m->ctl, first, list, CTL_LIST_MAX);

		if (count <= 0)
			return count ? count : -ESRCH;
		for (int i = 0; i < count; i++) {
			if (!memcmp(list[i].handle, handle,
				    sizeof(list[i].handle))) {
				*info = list[i];
				return 0;
			}
		}
		first = list[count - 1].domain + 1;
	}
}

static int reap_domain(struct monitord *m, const struct creator *c)
{
	struct xen_domctl_getdomaininfo info;
	struct tree_kept kept;
	struct reason why = { 0 };
	int rc = find_by_handle(m, c->handle, &info);

	if (rc == -ESRCH)
		return 0;
	if (!rc)
		rc = tree_kept(m->store, &info, &kept);
	if (rc || kept.state >= TREE_MADE)
		return rc;
	note("domain %u was left half made by process %d: destroyed",
	     info.domain, (int)c->pid);
	rc = life_destroy(m->ctl, m->store, info.domain, &why);
	if (rc && rc != -ESRCH)
		note("%s", why.text);
	/* nodes that came after it was gone */
	return tree_drop(m->store, info.domain, c->handle);
}

/* 0 when there is nothing left to do about it. */
static int reap(struct monitord *m, const struct creator *c)
{
	char uuid[UUID_TEXT];
	int rc;

	if (!c->announced)
		return 0;
	rc = reap_domain(m, c);
	if (rc)
		return rc;
	uuid_format(c->handle, uuid);
	return tree_remove(m->store, XBT_NULL, "/vane/creating/%s", uuid);
}

void creators_look(struct monitord *m)
{
	struct creator **link = &m->creators;
	bool reaped = false;

	while (*link) {
		struct creator *c = *link;

		if (c->fd < 0 && !c->gone && process_start(c->pid) != c->start)
			c->gone = true;
		if (!c->gone || reap(m, c)) {
			link = &c->next;
			continue;
		}
		*link = c->next;
		free(c);
		reaped = true;
	}
	/* a guest may have ended before it was noted as made */
	if (reaped)
		domains_look(m, false);
}

static bool known(const struct monitord *m, const xen_domain_handle_t handle)
{
	for (struct creator *c = m->creators; c; c = c->next)
		if (c->announced &&
		    !memcmp(c->handle, handle, sizeof(c->handle)))
			return true;
	return false;
}

void creators_adopt(struct monitord *m)
{
	unsigned int count = 0;
	char **uuids = xs_directory(m->store, XBT_NULL, "/vane/creating",
				    &count);

	for (unsigned int i = 0; uuids && i < count; i++) {
		xen_domain_handle_t handle;
		struct creator *c;
		char value[64];
		int pid = 0;

		if (uuid_parse(uuids[i], handle) || known(m, handle) ||
		    tree_read(m->store, XBT_NULL, value, sizeof(value),
			      "/vane/creating/%s", uuids[i]))
			continue;
		c = add(m, -1);
		if (!c)
			break;
		memcpy(c->handle, handle, sizeof(c->handle));
		c->announced = true;
		if (sscanf(value, "%d %lld", &pid, &c->start) != 2)
			c->gone = true;
		c->pid = pid;
	}
	free(uuids);
}
