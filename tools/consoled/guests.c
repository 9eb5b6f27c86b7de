/* SPDX-License-Identifier: MIT */
/* guests.c - which guests consoled looks after: coming, going, shut down. */
#include <errno.h>
#include <string.h>

#include "server.h"

struct guest *server_find_guest(struct server *s, domid_t id)
{
	struct guest *g = s->guests;

	while (g && g->id != id)
		g = g->next;
	return g;
}

void server_drop_guest(struct server *s, struct guest *g)
{
	struct guest **link = &s->guests;

	guest_release(&s->host, g);
	for (struct client *c = s->clients; c; c = c->next)
		if (c->guest == g)
			client_guest_gone(c);
	while (*link != g)
		link = &(*link)->next;
	*link = g->next;
	guest_free(g);
}

int server_add_guest(struct server *s, domid_t id, bool fresh,
		     struct reason *why)
{
	struct domain_record record;
	struct guest *g = server_find_guest(s, id);
	int rc = registry_read(id, &record);

	if (rc)
		return refuse_errno(why, rc,
				    "domain %u is not in the registry", id);
	if (g && !memcmp(g->handle, record.handle, sizeof(g->handle)))
		return 0;
	if (g)
		server_drop_guest(s, g);
	g = guest_open(&s->host, &record, fresh, why);
	if (!g)
		return -EIO;
	g->next = s->guests;
	s->guests = g;
	return 0;
}
