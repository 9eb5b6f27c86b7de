/* SPDX-License-Identifier: MIT */
/* guest.c - one guest's console: its page, its port, its output.
 *
 * Guards: what a guest writes reaches its log in order and once; how much it
 * writes costs one ring per event at most.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/evtchn.h"
#include "guest.h"

struct guest *guest_open(struct guest_host *host,
			 const struct domain_record *r, bool fresh,
			 struct reason *why)
{
	struct guest *g = calloc(1, sizeof(*g));

	if (!g) {
		refuse(why, -ENOMEM, "out of memory");
		return NULL;
	}
	g->id = r->id;
	g->port = -1;
	g->log.fd = -1;
	g->shutdown = -1;
	memcpy(g->handle, r->handle, sizeof(g->handle));
	memcpy(g->name, r->name, sizeof(g->name));
	g->ring = ctl_foreign_map(host->ctl, g->id, &r->console_mfn, 1, NULL);
	if (!g->ring) {
		refuse_errno(why, -errno,
			     "cannot map the console page of domain %u", g->id);
		goto out;
	}
	g->port = evtchn_bind_interdomain(host->evtchn, g->id,
					  r->console_port);
	if (g->port < 0) {
		refuse_errno(why, g->port,
			     "cannot bind the console port of domain %u",
			     g->id);
		goto out;
	}
	/* without a log the console still works */
	log_file_open(&g->log, g->name, fresh);
	return g;
out:
	guest_release(host, g);
	guest_free(g);
	return NULL;
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
	bool broken;
	size_t count;

	if (!g->ring)
		return false;
	count = ring_take(g->ring, bytes, sizeof(bytes), &broken);
	if (broken && !g->broken) {
		g->broken = true;
		keep(g, note, sizeof(note) - 1);
	}
	if (!count)
		return broken;
	keep(g, bytes, count);
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

bool guest_check(struct guest_host *host, struct guest *g)
{
	struct xen_domctl_getdomaininfo info;

	if (!g->ring || ctl_domain_info(host->ctl, g->id, &info) ||
	    memcmp(info.handle, g->handle, sizeof(g->handle)) ||
	    (info.flags & XEN_DOMINF_dying))
		return false;
	g->shutdown = -1;
	if (info.flags & XEN_DOMINF_shutdown)
		g->shutdown = (int)(info.flags >> XEN_DOMINF_shutdownshift) &
			      XEN_DOMINF_shutdownmask;
	return true;
}

void guest_release(struct guest_host *host, struct guest *g)
{
	if (g->port >= 0) {
		guest_drain(host, g);
		evtchn_unbind(host->evtchn, (uint32_t)g->port);
	}
	g->port = -1;
	ctl_foreign_unmap(host->ctl, g->ring, 1);
	g->ring = NULL;
	log_file_close(&g->log);
}

void guest_free(struct guest *g)
{
	free(g);
}
