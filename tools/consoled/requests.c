/* SPDX-License-Identifier: MIT */
/* requests.c - what a client may ask for: one row per verb (protocol.h). */
#include <stdio.h>
#include <string.h>

#include "server.h"

static void do_add(struct server *s, struct client *c, domid_t id)
{
	struct reason why = { 0 };

	if (server_add_guest(s, id, true, &why))
		client_say(c, "error %s", why.text);
	else
		client_say(c, "ok");
	c->state = CLIENT_DONE;
}

static void do_remove(struct server *s, struct client *c, domid_t id)
{
	struct guest *g = server_find_guest(s, id);

	if (g)
		server_drop_guest(s, g);
	client_say(c, "ok");
	c->state = CLIENT_DONE;
}

static struct guest *find_or_say(struct server *s, struct client *c,
				 domid_t id)
{
	struct guest *g = server_find_guest(s, id);

	if (!g) {
		client_say(c, "error domain %u has no console here", id);
		c->state = CLIENT_DONE;
	}
	return g;
}

static void do_attach(struct server *s, struct client *c, domid_t id)
{
	struct guest *g = find_or_say(s, c, id);

	if (!g)
		return;
	client_attach(c, g, CLIENT_ATTACHED);
	client_say(c, "ok");
}

static void do_show(struct server *s, struct client *c, domid_t id)
{
	struct guest *g = find_or_say(s, c, id);

	if (!g)
		return;
	guest_drain(&s->host, g);
	client_attach(c, g, CLIENT_SHOWING);
	client_say(c, "ok");
	client_send_output(c);
}

static void do_wait(struct server *s, struct client *c, domid_t id)
{
	struct guest *g = find_or_say(s, c, id);

	if (!g)
		return;
	client_attach(c, g, CLIENT_WAITING);
	client_say(c, "ok");
	if (!guest_check(&s->host, g))
		server_drop_guest(s, g);
	else if (g->shutdown >= 0)
		client_guest_shut_down(c);
}

static const struct verb {
	const char *name;
	void (*run)(struct server *s, struct client *c, domid_t id);
} verbs[] = {
	{ "add", do_add },   { "remove", do_remove }, { "attach", do_attach },
	{ "show", do_show }, { "wait", do_wait },
};

void server_request(struct server *s, struct client *c)
{
	char name[16];
	unsigned int id;
	char rest;

	if (sscanf(c->line, "%15s %u%c", name, &id, &rest) == 2 &&
	    id < DOMID_FIRST_RESERVED) {
		for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
			if (!strcmp(verbs[i].name, name)) {
				verbs[i].run(s, c, (domid_t)id);
				return;
			}
		}
	}
	client_say(c, "error expected VERB ID, with a verb of this version");
	c->state = CLIENT_DONE;
}
