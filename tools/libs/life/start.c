/* SPDX-License-Identifier: MIT */
/* start.c - making a domain, step by step.
 *
 * Guards: a domain is made whole or not at all. What fails here is undone
 * here; what dies here is undone by vane-monitord, which knows of the domain
 * before there is one.
 * Invariant: the last step is the note that the domain is made; whoever finds
 * it without that note, and its creator dead, may destroy it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/step.h"
#include "life/life.h"
#include "life/placement.h"
#include "monitor/client.h"
#include "tree/tree.h"

/* All that a start holds. */
struct start {
	struct ctl *ctl;
	struct xs_handle *store;
	const struct life_request *request;
	xen_domain_handle_t handle;
	/* the connection that tells monitord that we live; -1: none */
	int announced;
	struct built_domain built;
};

/* A random UUID; all zeroes would be taken for another domain's. */
static int make_handle(xen_domain_handle_t handle, struct reason *why)
{
	if (getrandom(handle, 16, 0) != 16)
		return refuse_errno(why, -errno, "cannot make a UUID");
	handle[6] = (handle[6] & 0x0f) | 0x40;
	handle[8] = (handle[8] & 0x3f) | 0x80;
	return 0;
}

/* Spares the building of what could not be named; tree_make asks again. */
static int check_name(struct start *s, struct reason *why)
{
	const char *name = s->request->guest->name;
	int owner = tree_name_owner(s->ctl, s->store, XBT_NULL, name);

	if (owner == -ESRCH)
		return 0;
	if (owner < 0)
		return refuse_errno(why, owner,
				    "cannot ask the store for the name \"%s\"",
				    name);
	return refuse(why, -EEXIST,
		      "a domain named \"%s\" is there already, with id %d; destroy it, or choose another name",
		      name, owner);
}

static int announce(struct start *s, struct reason *why)
{
	struct reason inner = { 0 };
	int rc = make_handle(s->handle, why);

	if (rc)
		return rc;
	s->announced = monitor_announce(s->handle, &inner);
	if (s->announced >= 0)
		return 0;
	rc = s->announced;
	if (s->request->unwatched && (rc == -ENOENT || rc == -ECONNREFUSED))
		return 0;
	return refuse(why, rc, "%s", inner.text);
}

struct build_request request_of(const struct guest_config *guest)
{
	return (struct build_request){
		.name = guest->name,
		.kernel = guest->kernel,
		.ramdisk = guest->ramdisk,
		.cmdline = guest->cmdline,
		.memory_kib = guest->memory_kib,
		.max_kib = guest->max_kib,
		.vcpus = guest->vcpus,
		.event_channels = guest->event_channels,
	};
}

static int build(struct start *s, struct reason *why)
{
	struct build_request request = request_of(s->request->guest);

	memcpy(request.handle, s->handle, sizeof(request.handle));
	return build_domain(s->ctl, &request, &s->built, why);
}

static int place(struct start *s, struct reason *why)
{
	return apply_placement(s->ctl, s->request->guest, s->built.id, why);
}

static int set_tsc_mode(struct start *s, struct reason *why)
{
	uint32_t mode = s->request->guest->tsc_mode;
	int rc = mode ? ctl_domain_set_tsc_mode(s->ctl, s->built.id, mode) : 0;

	return rc ? refuse_errno(why, rc, "the hypervisor refused tsc_mode=") : 0;
}

static int write_nodes(struct start *s, struct reason *why)
{
	struct tree_domain d = {
		.id = s->built.id,
		.guest = s->request->guest,
		.config_path = s->request->config_path,
		.config_text = s->request->config_text,
		.console_mfn = s->built.console_mfn,
		.console_port = s->built.console_port,
		.store_mfn = s->built.store_mfn,
		.store_port = s->built.store_port,
	};

	memcpy(d.handle, s->handle, sizeof(d.handle));
	return tree_make(s->ctl, s->store, &d, why);
}

static int introduce(struct start *s, struct reason *why)
{
	if (xs_introduce_domain(s->store, s->built.id, s->built.store_mfn,
				s->built.store_port))
		return 0;
	return refuse_errno(why, -errno,
			    "the store daemon refused to serve domain %u",
			    s->built.id);
}

static int let_run(struct start *s, struct reason *why)
{
	int rc;

	if (s->request->paused)
		return 0;
	rc = ctl_domain_unpause(s->ctl, s->built.id);
	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused to start domain %u",
				    s->built.id);
	return 0;
}

static int note_made(struct start *s, struct reason *why)
{
	return tree_made(s->store, s->built.id, why);
}

static int run_steps(struct start *s, struct reason *why)
{
	static const struct {
		int (*run)(struct start *s, struct reason *why);
		const char *done;
	} steps[] = {
		{ check_name, "parse: name is free" },
		{ announce, "parse: announced" },
		{ build, "load: domain built" },
		{ place, "load: CPUs chosen" },
		{ set_tsc_mode, "load: TSC mode set" },
		{ write_nodes, "store: nodes written" },
		{ introduce, "store: introduced" },
		{ let_run, "start: unpaused" },
		{ note_made, "start: noted as made" },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int rc = steps[i].run(s, why);

		if (rc)
			return rc;
		step(steps[i].done);
	}
	return 0;
}

int life_start(struct ctl *c, struct xs_handle *store,
	       const struct life_request *request, struct reason *why)
{
	struct start s = {
		.ctl = c,
		.store = store,
		.request = request,
		.announced = -1,
	};
	int rc = run_steps(&s, why);

	if (rc && s.built.id) {
		struct reason ignored = { 0 };

		life_end(c, store, s.built.id, &ignored);
	}
	if (s.announced >= 0)
		close(s.announced);
	return rc ? rc : s.built.id;
}
