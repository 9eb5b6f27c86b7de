/* SPDX-License-Identifier: MIT */
/* registry.h - what the control domain remembers of each domain.
 *
 * One file per domain, RUN/domains/ID, of KEY=VALUE lines, replaced by rename
 * so that a reader sees all of it or nothing. It stands in for the store
 * until there is one. A record counts only while a domain with its id and its
 * handle exists: ids are used again, handles are not. The first domain has no
 * file; its name is Domain-0.
 */
#ifndef TOOLS_REGISTRY_REGISTRY_H
#define TOOLS_REGISTRY_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/paths.h"
#include "base/reason.h"
#include "config/guest_config.h"
#include "ctl/ctl.h"

struct domain_record {
	domid_t id;
	xen_domain_handle_t handle;
	char name[GUEST_NAME_MAX + 1];
	/* the domain file it was made from */
	char config[PATH_ROOM];
	uint64_t console_mfn;
	uint32_t console_port;
	uint64_t store_mfn;
	uint32_t store_port;
};

int registry_write(const struct domain_record *record, struct reason *why);

/* -ENOENT when there is no record, -EPROTO when it is damaged. */
int registry_read(domid_t id, struct domain_record *record);
void registry_remove(domid_t id);

/* Reads the record of a domain that exists as `info` says. Without a valid
 * one it has no name: false, and what is shown instead is no name to find it
 * by, only its id is. The first domain is Domain-0. */
bool registry_name(const struct xen_domctl_getdomaininfo *info,
		   char name[GUEST_NAME_MAX + 1]);

/* The id of the living domain of that name, or that id in digits; -ESRCH if
 * there is none. */
int registry_find(struct ctl *c, const char *name_or_id,
		  struct xen_domctl_getdomaininfo *info);

/* The id of a living domain of that name that is not `except`. */
int registry_find_other(struct ctl *c, const char *name, domid_t except,
			struct xen_domctl_getdomaininfo *info);

/* "f81d4fae-7dec-11d0-a765-00a0c91e6bf6" and a NUL. */
#define UUID_TEXT 37
void uuid_format(const xen_domain_handle_t handle, char text[UUID_TEXT]);

#endif
