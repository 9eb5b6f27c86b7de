/* SPDX-License-Identifier: MIT */
/* domain.c - the nodes of one domain, as it comes and goes.
 *
 * Guards: a guest sees all of its nodes or none; what the daemons must know to
 * tidy up is written with it, and removed last.
 * Invariant: paths, values and permissions of what guests see are xl's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "names.h"
#include "tree/tree.h"

/* A value and its path share one request of XENSTORE_PAYLOAD_MAX. */
#define TEXT_PART 3072

/* One transaction's work; the first error stays. */
struct writer {
	struct xs_handle *store;
	xs_transaction_t t;
	const struct tree_domain *d;
	char uuid[UUID_TEXT];
	int rc;
};

#define PUT(w, text, ...)                                                     \
	do {                                                                  \
		if (!(w)->rc)                                                 \
			(w)->rc = tree_write((w)->store, (w)->t, text,        \
					     __VA_ARGS__);                    \
	} while (0)
#define GIVE(w, ...)                                                          \
	do {                                                                  \
		if (!(w)->rc)                                                 \
			(w)->rc = tree_give((w)->store, (w)->t, (w)->d->id,   \
					    __VA_ARGS__);                     \
	} while (0)

static const char *number(char text[24], uint64_t n)
{
	snprintf(text, 24, "%llu", (unsigned long long)n);
	return text;
}

/* A fresh folder that the guest may read; nodes made in it later are so too. */
static void put_folder(struct writer *w, const char *format, const char *name)
{
	struct xs_permissions perms[2] = {
		{ .id = 0, .perms = XS_PERM_NONE },
		{ .id = w->d->id, .perms = XS_PERM_READ },
	};
	char path[64];

	if (w->rc)
		return;
	snprintf(path, sizeof(path), format, name);
	w->rc = tree_remove(w->store, w->t, "%s", path);
	PUT(w, "", "%s", path);
	if (!w->rc && !xs_set_permissions(w->store, w->t, path, perms, 2))
		w->rc = -errno;
}

/* Those that the guest itself writes. */
static void put_guests_own(struct writer *w)
{
	static const char *const nodes[] = {
		"device/suspend/event-channel", "control/shutdown",
		"control/feature-poweroff", "control/feature-reboot",
		"control/feature-suspend", "control/sysrq", "data", "drivers",
		"feature", "attr", "error",
	};

	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		GIVE(w, "/local/domain/%u/%s", w->d->id, nodes[i]);
}

static void put_domain(struct writer *w)
{
	const struct tree_domain *d = w->d;
	const struct guest_config *g = d->guest;
	unsigned int id = d->id;
	char text[24], vm[UUID_TEXT + 4];

	put_folder(w, "/local/domain/%s", number(text, id));
	snprintf(vm, sizeof(vm), "/vm/%s", w->uuid);
	PUT(w, vm, "/local/domain/%u/vm", id);
	PUT(w, g->name, "/local/domain/%u/name", id);
	PUT(w, number(text, id), "/local/domain/%u/domid", id);
	for (uint32_t i = 0; i < g->vcpus; i++)
		PUT(w, i < g->vcpus_online ? "online" : "offline",
		    "/local/domain/%u/cpu/%u/availability", id, i);
	PUT(w, number(text, g->max_kib), "/local/domain/%u/memory/static-max",
	    id);
	PUT(w, number(text, g->memory_kib), "/local/domain/%u/memory/target",
	    id);
	PUT(w, "0", "/local/domain/%u/memory/videoram", id);
	put_guests_own(w);
	PUT(w, "1",
	    "/local/domain/%u/control/platform-feature-multiprocessor-suspend",
	    id);
	PUT(w, "1",
	    "/local/domain/%u/control/platform-feature-xs_reset_watches", id);
}

static void put_rings(struct writer *w)
{
	const struct tree_domain *d = w->d;
	unsigned int id = d->id;
	char text[24];

	PUT(w, number(text, d->store_port), "/local/domain/%u/store/port", id);
	PUT(w, number(text, d->store_mfn), "/local/domain/%u/store/ring-ref",
	    id);
	PUT(w, "0", "/local/domain/%u/console/backend-id", id);
	PUT(w, "1048576", "/local/domain/%u/console/limit", id);
	PUT(w, "xenconsoled", "/local/domain/%u/console/type", id);
	PUT(w, "pty", "/local/domain/%u/console/output", id);
	PUT(w, "", "/local/domain/%u/console/tty", id);
	PUT(w, number(text, d->console_port), "/local/domain/%u/console/port",
	    id);
	PUT(w, number(text, d->console_mfn),
	    "/local/domain/%u/console/ring-ref", id);
}

static void put_vm(struct writer *w)
{
	const struct guest_config *g = w->d->guest;
	char text[24];

	put_folder(w, "/vm/%s", w->uuid);
	PUT(w, w->uuid, "/vm/%s/uuid", w->uuid);
	PUT(w, g->name, "/vm/%s/name", w->uuid);
	PUT(w, "linux", "/vm/%s/image/ostype", w->uuid);
	PUT(w, g->kernel, "/vm/%s/image/kernel", w->uuid);
	snprintf(text, sizeof(text), "%lld.00", (long long)time(NULL));
	PUT(w, text, "/vm/%s/start_time", w->uuid);
}

/* A domain file may be longer than one request. */
static void put_config(struct writer *w)
{
	const char *text = w->d->config_text;
	size_t left = strlen(text);
	char part[TEXT_PART + 1];

	PUT(w, w->d->config_path, "/vane/%u/config/path", w->d->id);
	for (unsigned int i = 0; left; i++) {
		size_t count = left < TEXT_PART ? left : TEXT_PART;

		memcpy(part, text, count);
		part[count] = '\0';
		PUT(w, part, "/vane/%u/config/text/%u", w->d->id, i);
		text += count;
		left -= count;
	}
}

static void put_kept(struct writer *w)
{
	const struct guest_config *g = w->d->guest;
	unsigned int id = w->d->id;
	char text[24];

	if (!w->rc)
		w->rc = tree_remove(w->store, w->t, "/vane/%u", id);
	PUT(w, w->uuid, "/vane/%u/uuid", id);
	PUT(w, "building", "/vane/%u/state", id);
	PUT(w, shutdown_action_name(g->on_poweroff), "/vane/%u/on_poweroff",
	    id);
	PUT(w, shutdown_action_name(g->on_reboot), "/vane/%u/on_reboot", id);
	PUT(w, shutdown_action_name(g->on_crash), "/vane/%u/on_crash", id);
	PUT(w, number(text, (uint64_t)time(NULL)), "/vane/%u/created", id);
	put_config(w);
}

static int make_in(struct ctl *c, struct writer *w, struct reason *why)
{
	const struct tree_domain *d = w->d;

	w->rc = tree_claim_name(c, w->store, w->t, d->id, d->handle,
				d->guest->name, why);
	put_kept(w);
	put_domain(w);
	put_rings(w);
	put_vm(w);
	return w->rc;
}

int tree_make(struct ctl *c, struct xs_handle *store,
	      const struct tree_domain *d, struct reason *why)
{
	struct writer w = { .store = store, .d = d };
	int rc;

	uuid_format(d->handle, w.uuid);
	do {
		w.t = xs_transaction_start(store);
		rc = w.t ? make_in(c, &w, why) : -errno;
		if (w.t && !xs_transaction_end(store, w.t, rc != 0) && !rc)
			rc = -errno;
	} while (rc == -EAGAIN);
	if (!rc)
		return 0;
	return refuse_errno(why, rc, "the store refused the nodes of domain %u",
			    d->id);
}

int tree_made(struct xs_handle *store, domid_t id, struct reason *why)
{
	int rc = tree_write(store, XBT_NULL, "made", "/vane/%u/state", id);

	return rc ? refuse_errno(why, rc,
				 "the store refused to note that domain %u is made",
				 id) : 0;
}

/* The index may name a newer domain by now. */
static int drop_name(struct xs_handle *store, const char *name,
		     const char *uuid)
{
	char node[NAME_NODE], row[UUID_TEXT + 16];

	name_to_node(name, node);
	if (tree_read(store, XBT_NULL, row, sizeof(row), "/vane/names/%s",
		      node) || !strstr(row, uuid))
		return 0;
	return tree_remove(store, XBT_NULL, "/vane/names/%s", node);
}

int tree_drop(struct xs_handle *store, domid_t id,
	      const xen_domain_handle_t handle)
{
	char name[GUEST_NAME_MAX + 1], uuid[UUID_TEXT], kept[UUID_TEXT];
	int rc = 0;

	uuid_format(handle, uuid);
	if (tree_is_about(store, XBT_NULL, id, handle)) {
		if (!tree_read(store, XBT_NULL, name, sizeof(name),
			       "/local/domain/%u/name", id))
			rc = drop_name(store, name, uuid);
		if (!rc)
			rc = tree_remove(store, XBT_NULL, "/local/domain/%u",
					 id);
	}
	if (!rc)
		rc = tree_remove(store, XBT_NULL, "/vm/%s", uuid);
	if (!rc && !tree_read(store, XBT_NULL, kept, sizeof(kept),
			      "/vane/%u/uuid", id) && !strcmp(kept, uuid))
		rc = tree_remove(store, XBT_NULL, "/vane/%u", id);
	return rc;
}
