/* SPDX-License-Identifier: MIT */
/* guests.c - which guests consoled looks after.
 *
 * One function, server_look, compares what there is with what is known. It is
 * called at the start, whenever the store tells of anything, and when the
 * store is back; so no piece of news can be missed for good. With everything
 * known already it asks the hypervisor for its list and the store for nothing.
 */
#include <errno.h>
#include <stdio.h>
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
	if (g->awaited && s->store)
		store_await_console(s->store, g->id, false);
	for (struct client *c = s->clients; c; c = c->next)
		if (c->guest == g)
			client_guest_gone(c);
	while (*link != g)
		link = &(*link)->next;
	*link = g->next;
	guest_free(g);
}

/* A console without a page yet: perhaps the store knows where it is by now. */
static void connect_guest(struct server *s, struct guest *g)
{
	struct console_facts facts;
	struct reason why = { 0 };
	int rc = store_console(s->store, g->id, g->handle, &facts);

	if (rc && !g->awaited) {
		store_await_console(s->store, g->id, true);
		g->awaited = true;
	}
	if (rc)
		return;
	if (guest_connect(&s->host, g, &facts, &why)) {
		fprintf(stderr, "consoled: %s\n", why.text);
		return;
	}
	if (g->awaited)
		store_await_console(s->store, g->id, false);
	g->awaited = false;
	if (!facts.logged)
		store_logged(s->store, g->id, g->log.path);
}

/* One domain of the hypervisor's list. */
static void look_at(struct server *s,
		    const struct xen_domctl_getdomaininfo *info)
{
	struct guest *g = server_find_guest(s, info->domain);

	if (info->domain == 0 || (info->flags & XEN_DOMINF_dying))
		return;
	if (g && memcmp(g->handle, info->handle, sizeof(g->handle))) {
		server_drop_guest(s, g);
		g = NULL;
	}
	if (!g) {
		g = guest_new(info->domain, info->handle);
		if (!g)
			return;
		g->next = s->guests;
		s->guests = g;
	}
	g->seen = true;
	if (!g->ring && s->store)
		connect_guest(s, g);
	else if (info->flags & XEN_DOMINF_shutdown)
		guest_drain(&s->host, g);
}

void server_look(struct server *s)
{
	struct xen_domctl_getdomaininfo list[CTL_LIST_MAX];
	struct guest *next;
	domid_t first = 0;
	int count;

	for (struct guest *g = s->guests; g; g = g->next)
		g->seen = false;
	while ((count = ctl_domain_list(s->host.ctl, first, list,
					CTL_LIST_MAX)) > 0) {
		for (int i = 0; i < count; i++)
			look_at(s, &list[i]);
		first = list[count - 1].domain + 1;
	}
	for (struct guest *g = s->guests; g && !count; g = next) {
		next = g->next;
		if (!g->seen)
			server_drop_guest(s, g);
	}
}

void server_store_lost(struct server *s)
{
	xs_close(s->store);
	s->store = NULL;
	for (struct guest *g = s->guests; g; g = g->next)
		g->awaited = false;
}

void server_look_for_store(struct server *s)
{
	s->store = store_connect();
	if (s->store)
		server_look(s);
}
