/* SPDX-License-Identifier: MIT */
/* life.c - starting and ending a domain, with all that goes with it.
 *
 * Guards: a domain that could not be completed is undone; a domain that ends
 * leaves no file, no mapping and no memory behind.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "build/build.h"
#include "console/client.h"
#include "console/protocol.h"
#include "life.h"
#include "placement.h"
#include "registry/registry.h"

/* How long a destroyed domain may linger until others let go of it. */
#define LINGER_STEP_MS 10
#define LINGER_STEPS   500

static int tell_consoled(const char *verb, domid_t id, struct reason *why)
{
	int fd = consoled_request(verb, id, why);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* A random UUID; all zeroes would be taken for another domain's. */
static int make_handle(xen_domain_handle_t handle, struct reason *why)
{
	if (getrandom(handle, 16, 0) != 16)
		return refuse_errno(why, -errno, "cannot make a UUID");
	handle[6] = (handle[6] & 0x0f) | 0x40;
	handle[8] = (handle[8] & 0x3f) | 0x80;
	return 0;
}

/* Asked before there is a domain, and again once its own name can be seen: of
 * two that were made at the same time, one at most keeps the name. */
static int check_name_is_free(struct ctl *c, const char *name, domid_t own,
			      struct reason *why)
{
	struct xen_domctl_getdomaininfo info;
	int rc = registry_find_other(c, name, own, &info);

	if (rc == -ESRCH)
		return 0;
	if (rc < 0)
		return refuse_errno(why, rc, "cannot list the domains");
	return refuse(why, -EEXIST,
		      "a domain named \"%s\" is there already, with id %d; destroy it or change name=",
		      name, rc);
}

static int record(const struct guest_config *guest, const char *config_path,
		  const xen_domain_handle_t handle,
		  const struct built_domain *built, struct reason *why)
{
	struct domain_record r = {
		.id = built->id,
		.console_mfn = built->console_mfn,
		.console_port = built->console_port,
		.store_mfn = built->store_mfn,
		.store_port = built->store_port,
	};

	memcpy(r.handle, handle, sizeof(r.handle));
	snprintf(r.name, sizeof(r.name), "%s", guest->name);
	snprintf(r.config, sizeof(r.config), "%s", config_path);
	return registry_write(&r, why);
}

static int introduce(struct ctl *c, const struct guest_config *guest,
		     const char *config_path,
		     const xen_domain_handle_t handle,
		     const struct built_domain *built, bool paused,
		     struct reason *warning, struct reason *why)
{
	int rc = record(guest, config_path, handle, built, why);

	if (!rc)
		rc = check_name_is_free(c, guest->name, built->id, why);
	if (rc)
		return rc;
	rc = tell_consoled("add", built->id, warning);
	if (rc && rc != -ENOENT && rc != -ECONNREFUSED)
		return refuse(why, rc, "%s", warning->text);
	if (paused)
		return 0;
	rc = ctl_domain_unpause(c, built->id);
	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused to start domain %u",
				    built->id);
	return 0;
}

int life_start(struct ctl *c, const struct guest_config *guest,
	       const char *config_path, bool paused, struct reason *warning,
	       struct reason *why)
{
	struct build_request request = {
		.name = guest->name,
		.kernel = guest->kernel,
		.ramdisk = guest->ramdisk,
		.cmdline = guest->cmdline,
		.memory_kib = guest->memory_kib,
		.max_kib = guest->max_kib,
		.vcpus = guest->vcpus,
	};
	struct built_domain built;
	int rc = check_name_is_free(c, guest->name, DOMID_INVALID, why);

	if (rc)
		return rc;
	rc = make_handle(request.handle, why);
	if (rc)
		return rc;
	rc = build_domain(c, &request, &built, why);
	if (rc)
		return rc;
	rc = apply_placement(c, guest, built.id, why);
	if (!rc)
		rc = introduce(c, guest, config_path, request.handle, &built,
			       paused, warning, why);
	if (rc) {
		struct reason ignored = { 0 };

		life_end(c, built.id, &ignored);
		return rc;
	}
	return built.id;
}

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* Destroyed is gone only when nobody maps its frames any more. */
static int wait_until_gone(struct ctl *c, domid_t id, struct reason *why)
{
	struct xen_domctl_getdomaininfo info;

	for (int i = 0; i < LINGER_STEPS; i++) {
		if (ctl_domain_info(c, id, &info) == -ESRCH)
			return 0;
		sleep_ms(LINGER_STEP_MS);
	}
	return refuse(why, -EBUSY,
		      "domain %u is destroyed, but others still use its memory; it stays in the list, dying, until they let go",
		      id);
}

int life_end(struct ctl *c, domid_t id, struct reason *why)
{
	struct reason ignored = { 0 };
	int rc = ctl_domain_pause(c, id);

	/* a domain paused as often as can be counted stands still as well */
	if (rc == -ESRCH)
		return refuse(why, rc, "domain %u is gone already", id);
	if (rc && rc != -EOVERFLOW)
		return refuse_errno(why, rc,
				    "the hypervisor refused to stop domain %u",
				    id);
	/* without consoled there is nothing it could hold */
	tell_consoled("remove", id, &ignored);
	rc = ctl_domain_destroy(c, id);
	if (rc == -ESRCH)
		return refuse(why, rc, "domain %u is gone already", id);
	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused to destroy domain %u",
				    id);
	registry_remove(id);
	return wait_until_gone(c, id, why);
}

/* The reason a domain has shut down for, or -ESRCH once it is gone, or
 * -EAGAIN while it is alive. */
static int look(struct ctl *c, domid_t id)
{
	struct xen_domctl_getdomaininfo info;

	if (ctl_domain_info(c, id, &info) || (info.flags & XEN_DOMINF_dying))
		return -ESRCH;
	if (!(info.flags & XEN_DOMINF_shutdown))
		return -EAGAIN;
	return (int)(info.flags >> XEN_DOMINF_shutdownshift) &
	       XEN_DOMINF_shutdownmask;
}

/* Sleeps until consoled says that something has happened. It knows nothing of
 * a domain that is about to go; where it does not run, a second will do. */
static void wait_for_news(domid_t id)
{
	struct reason ignored = { 0 };
	char line[CONSOLED_LINE_MAX];
	int fd = consoled_request("wait", id, &ignored);

	if (fd == -EPROTO)
		sleep_ms(100);
	else if (fd < 0 || consoled_line(fd, line, sizeof(line)))
		sleep_ms(1000);
	if (fd >= 0)
		close(fd);
}

int life_wait(struct ctl *c, domid_t id)
{
	for (;;) {
		int rc = look(c, id);

		if (rc != -EAGAIN)
			return rc;
		wait_for_news(id);
	}
}
