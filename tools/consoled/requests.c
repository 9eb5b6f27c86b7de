/* SPDX-License-Identifier: MIT */
/* requests.c - what a client may ask for: one row per verb (protocol.h). */
#include <stdio.h>
#include <string.h>

#include "server.h"

static void do_remove(struct server *s, struct client *c, domid_t id)
{
	struct guest *g = server_find_guest(s, id);

	if (g)
		server_drop_guest(s, g);
	client_say(c, "ok");
	c->state = CLIENT_DONE;
}

/* A domain that was introduced a moment ago may not have been looked at yet. */
static struct guest *find_or_say(struct server *s, struct client *c,
				 domid_t id)
{
	struct guest *g = server_find_guest(s, id);

	if (!g || !g->ring) {
		server_look(s);
		g = server_find_guest(s, id);
	}
	if (g && g->ring)
		return g;
	client_say(c, s->store ?
			      "error domain %u has no console here" :
			      "error the console of domain %u is not known while no store daemon answers (start it: xenstored)",
		   id);
	c->state = CLIENT_DONE;
	return NULL;
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

static void do_name(struct server *s, struct client *c, domid_t id)
{
	struct guest *g = find_or_say(s, c, id);
	char name[GUEST_NAME_MAX + 1];

	if (!g)
		return;
	if (s->store && !store_name(s->store, id, name)) {
		log_file_rename(&g->log, name);
		store_logged(s->store, id, g->log.path);
	}
	client_say(c, "ok");
	c->state = CLIENT_DONE;
}

static const struct verb {
	const char *name;
	void (*run)(struct server *s, struct client *c, domid_t id);
} verbs[] = {
	{ "attach", do_attach },
	{ "show", do_show },
	{ "remove", do_remove },
	{ "name", do_name },
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
