/* SPDX-License-Identifier: MIT */
/* hv.c - what the daemon needs of the hypervisor, by Linux's device files.
 *
 * Guards: a domain's page is mapped through the grant it gave us at its
 * creation (entry 1 of its table); where that cannot be had, as its frame.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/grant_table.h>
#include <xen/io/xs_wire.h>

#include "ctl/ctl.h"
#include "ctl/evtchn.h"
#include "ctl/gntdev.h"
#include "hv.h"

#define BACKEND "/dev/xen/xenbus_backend"
#define BACKEND_EVTCHN _IOC(_IOC_NONE, 'B', 0, 0)

struct hv {
	struct ctl *ctl;
	int evtchn;
	/* -1: rings are mapped as frames */
	int gntdev;
	int backend;
	int virq;
	/* what hv_look saw, by id; not `complete` if it failed */
	struct xen_domctl_getdomaininfo *seen;
	size_t seen_count;
	bool complete;
};

struct hv *hv_open(struct reason *why)
{
	struct hv *hv = calloc(1, sizeof(*hv));

	if (!hv) {
		refuse(why, -ENOMEM, "out of memory");
		return NULL;
	}
	hv->evtchn = hv->gntdev = hv->backend = hv->virq = -1;
	if (ctl_open(&hv->ctl, why))
		goto out;
	hv->evtchn = evtchn_open();
	if (hv->evtchn < 0) {
		refuse_errno(why, hv->evtchn, "cannot open the event channels");
		goto out;
	}
	hv->virq = evtchn_bind_virq(hv->evtchn, VIRQ_DOM_EXC);
	if (hv->virq < 0) {
		refuse_errno(why, hv->virq,
			     "cannot be told of domains that end (does another xenstored run?)");
		goto out;
	}
	hv->gntdev = gntdev_open();
	hv->backend = open(BACKEND, O_RDWR | O_CLOEXEC);
	return hv;
out:
	hv_close(hv);
	return NULL;
}

void hv_close(struct hv *hv)
{
	if (!hv)
		return;
	if (hv->backend >= 0)
		close(hv->backend);
	if (hv->gntdev >= 0)
		close(hv->gntdev);
	if (hv->evtchn >= 0)
		close(hv->evtchn);
	ctl_close(hv->ctl);
	free(hv->seen);
	free(hv);
}

static struct hv_domain state_of(const struct xen_domctl_getdomaininfo *info)
{
	struct hv_domain state = {
		.alive = !(info->flags & XEN_DOMINF_dying),
		.shutdown = info->flags & XEN_DOMINF_shutdown,
	};

	memcpy(state.handle, info->handle, sizeof(state.handle));
	return state;
}

struct hv_domain hv_domain(struct hv *hv, uint32_t id)
{
	struct xen_domctl_getdomaininfo info;

	if (id >= DOMID_FIRST_RESERVED ||
	    ctl_domain_info(hv->ctl, (domid_t)id, &info))
		return (struct hv_domain){ 0 };
	return state_of(&info);
}

void hv_look(struct hv *hv)
{
	domid_t first = 0;
	int count;

	hv->seen_count = 0;
	hv->complete = false;
	for (;;) {
		struct xen_domctl_getdomaininfo *more =
			realloc(hv->seen, (hv->seen_count + CTL_LIST_MAX) *
						  sizeof(*more));

		if (!more)
			return;
		hv->seen = more;
		count = ctl_domain_list(hv->ctl, first, more + hv->seen_count,
					CTL_LIST_MAX);
		if (count <= 0)
			break;
		hv->seen_count += (size_t)count;
		first = more[hv->seen_count - 1].domain + 1;
	}
	hv->complete = !count;
}

static int compare_ids(const void *id, const void *info)
{
	const struct xen_domctl_getdomaininfo *i = info;

	return (int)*(const uint32_t *)id - (int)i->domain;
}

struct hv_domain hv_seen(struct hv *hv, uint32_t id)
{
	const struct xen_domctl_getdomaininfo *info;

	if (!hv->complete)
		return hv_domain(hv, id);
	info = bsearch(&id, hv->seen, hv->seen_count, sizeof(*info),
		       compare_ids);
	return info ? state_of(info) : (struct hv_domain){ 0 };
}

static void *map_own(struct hv *hv, uint32_t *port)
{
	void *page;
	int rc = ioctl(hv->backend, BACKEND_EVTCHN);

	if (rc < 0)
		return NULL;
	*port = (uint32_t)rc;
	page = mmap(NULL, FRAME_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		    hv->backend, 0);
	return page == MAP_FAILED ? NULL : page;
}

struct xenstore_domain_interface *hv_map(struct hv *hv, uint32_t id,
					 uint64_t gfn, uint32_t *port)
{
	void *page = NULL;

	if (!id)
		return map_own(hv, port);
	if (hv->gntdev >= 0)
		page = gntdev_map(hv->gntdev, id, GNTTAB_RESERVED_XENSTORE);
	if (!page)
		page = ctl_foreign_map(hv->ctl, (domid_t)id, &gfn, 1, NULL);
	return page;
}

void hv_unmap(struct hv *hv, struct xenstore_domain_interface *page)
{
	munmap(page, FRAME_SIZE);
}

int hv_bind(struct hv *hv, uint32_t id, uint32_t remote_port)
{
	return evtchn_bind_interdomain(hv->evtchn, id ? id : DOMID_SELF,
				       remote_port);
}

void hv_unbind(struct hv *hv, int port)
{
	evtchn_unbind(hv->evtchn, (uint32_t)port);
}

void hv_notify(struct hv *hv, int port)
{
	evtchn_notify(hv->evtchn, (uint32_t)port);
}

int hv_fd(struct hv *hv)
{
	return hv->evtchn;
}

int hv_next(struct hv *hv)
{
	int port = evtchn_next(hv->evtchn);

	if (port < 0)
		return port;
	evtchn_unmask(hv->evtchn, (uint32_t)port);
	return port == hv->virq ? HV_DOMAINS : port;
}
