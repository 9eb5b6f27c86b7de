/* SPDX-License-Identifier: MIT */
/* guest.c - one guest's console: its page, its port, its output.
 *
 * Guards: what a guest writes reaches its log in order, and is taken from the
 * ring only once it is there: a daemon that is killed loses none of it. How
 * much a guest writes costs one ring per event at most.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/grant_table.h>

#include "ctl/evtchn.h"
#include "ctl/gntdev.h"
#include "guest.h"

struct guest *guest_new(domid_t id, const xen_domain_handle_t handle)
{
	struct guest *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->id = id;
	g->port = -1;
	g->log.fd = -1;
	memcpy(g->handle, handle, sizeof(g->handle));
	return g;
}

/* By the grant that whoever made the domain put there for us; where there is
 * none, or the guest has taken it back, as the control domain may. */
static int map_ring(struct guest_host *host, struct guest *g, uint64_t mfn)
{
	g->ring = gntdev_map(host->grants, g->id, GNTTAB_RESERVED_CONSOLE);
	g->granted = g->ring != NULL;
	if (!g->ring)
		g->ring = ctl_foreign_map(host->ctl, g->id, &mfn, 1, NULL);
	return g->ring ? 0 : -errno;
}

static void unmap_ring(struct guest_host *host, struct guest *g)
{
	if (g->granted)
		gntdev_unmap(g->ring);
	else
		ctl_foreign_unmap(host->ctl, g->ring, 1);
	g->ring = NULL;
}

int guest_connect(struct guest_host *host, struct guest *g,
		  const struct console_facts *facts, struct reason *why)
{
	int rc = map_ring(host, g, facts->ring_mfn);

	if (rc)
		return refuse_errno(why, rc,
				    "cannot map the console page of domain %u",
				    g->id);
	g->port = evtchn_bind_interdomain(host->evtchn, g->id, facts->port);
	if (g->port < 0) {
		unmap_ring(host, g);
		return refuse_errno(why, g->port,
				    "cannot bind the console port of domain %u",
				    g->id);
	}
	/* without a log the console still works */
	log_file_open(&g->log, facts->name, !facts->logged, facts->limit);
	if (facts->logged)
		history_load(&g->history, &g->log);
	guest_drain(host, g);
	return 0;
}

static void keep(struct guest *g, const char *bytes, size_t count)
{
	history_add(&g->history, bytes, count);
	log_file_write(&g->log, bytes, count);
}

bool guest_drain(struct guest_host *host, struct guest *g)
{
	static const char note[] =
		"\r\n[consoled: the guest broke its console ring; output lost]\r\n";
	char bytes[sizeof(g->ring->out)];
	uint32_t end;
	bool broken;
	size_t count;

	if (!g->ring)
		return false;
	count = ring_look(g->ring, bytes, sizeof(bytes), &end, &broken);
	if (broken && !g->broken) {
		g->broken = true;
		keep(g, note, sizeof(note) - 1);
	}
	if (count)
		keep(g, bytes, count);
	ring_took(g->ring, end);
	if (!count)
		return broken;
	evtchn_notify(host->evtchn, (uint32_t)g->port);
	return true;
}

size_t guest_type(struct guest_host *host, struct guest *g, const char *bytes,
		  size_t count)
{
	size_t room = g->ring ? ring_room(g->ring) : 0;

	if (count > room)
		count = room;
	if (!count)
		return 0;
	ring_put(g->ring, bytes, count);
	evtchn_notify(host->evtchn, (uint32_t)g->port);
	return count;
}

void guest_release(struct guest_host *host, struct guest *g)
{
	if (!g->ring)
		return;
	guest_drain(host, g);
	evtchn_unbind(host->evtchn, (uint32_t)g->port);
	g->port = -1;
	unmap_ring(host, g);
	log_file_close(&g->log);
}

void guest_free(struct guest *g)
{
	free(g);
}
