/* SPDX-License-Identifier: MIT */
/* tree.h - what the store says of domains: their names, what guests read
 * about themselves, and what the tools keep. The library's door.
 *
 *   /local/domain/N/...    what guest N sees, as xl makes it
 *   /vm/UUID/...           the same domain by its UUID, as xl makes it
 *   /vane/N/...            what the tools keep: uuid, state, created, config/
 *                          and what is to be done at its end
 *   /vane/names/NAME       "ID UUID": which domain of ours has that name
 *   /vane/creating/UUID    "PID START": who is about to make that domain
 *
 * All of it counts only while a domain with that id and that UUID exists: ids
 * are used again, UUIDs are not. Any function takes NULL for the store where
 * it says so, and then knows nothing.
 */
#ifndef TOOLS_TREE_TREE_H
#define TOOLS_TREE_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include <xenstore.h>

#include "base/paths.h"
#include "base/reason.h"
#include "config/guest_config.h"
#include "ctl/ctl.h"

/* node.c: NULL, with a sentence that says what to start, when no store daemon
 * answers. */
struct xs_handle *tree_open(struct reason *why);

/* "f81d4fae-7dec-11d0-a765-00a0c91e6bf6" and a NUL. */
#define UUID_TEXT 37
void uuid_format(const xen_domain_handle_t handle, char text[UUID_TEXT]);
int uuid_parse(const char *text, xen_domain_handle_t handle);

/* One node, whose path is formatted. 0, or a negative errno: -ENOENT when it
 * is not there, -E2BIG when it does not fit. */
int tree_read(struct xs_handle *store, xs_transaction_t t, char *text,
	      size_t room, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
int tree_write(struct xs_handle *store, xs_transaction_t t, const char *text,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));
/* One that is not there is no error. */
int tree_remove(struct xs_handle *store, xs_transaction_t t,
		const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As tree_write; and then domain `owner` alone may read and write it. */
int tree_give(struct xs_handle *store, xs_transaction_t t, domid_t owner,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* names.c: the name of the domain that exists as `info` says. Without nodes of
 * its own it has none: false, and what is shown instead is no name to find it
 * by, only its id is. `store` may be NULL. */
bool tree_name(struct xs_handle *store,
	       const struct xen_domctl_getdomaininfo *info,
	       char name[GUEST_NAME_MAX + 1]);

/* The id of the living domain of that name, or that id in digits; -ESRCH if
 * there is none. Ids are found without the store, names are not: -ENOTCONN. */
int tree_find(struct ctl *c, struct xs_handle *store, const char *name_or_id,
	      struct xen_domctl_getdomaininfo *info);

/* The id of a living domain that has this name, or -ESRCH. Of
 * our other domains it reads the list in the store, but none of their nodes. */
int tree_name_owner(struct ctl *c, struct xs_handle *store, xs_transaction_t t,
		    const char *name);

/* Gives a domain another name. -EEXIST when it is another's. */
int tree_rename(struct ctl *c, struct xs_handle *store,
		const struct xen_domctl_getdomaininfo *info, const char *name,
		struct reason *why);

/* domain.c: a new domain. */
struct tree_domain {
	domid_t id;
	xen_domain_handle_t handle;
	const struct guest_config *guest;
	/* where the domain file was, and the settings that count */
	const char *config_path;
	const char *config_text;
	uint64_t console_mfn;
	uint32_t console_port;
	uint64_t store_mfn;
	uint32_t store_port;
};

/* Writes all nodes of a new domain at once, or none of them; its name is its
 * own from then on. -EEXIST when another domain has it. */
int tree_make(struct ctl *c, struct xs_handle *store,
	      const struct tree_domain *d, struct reason *why);

/* Says that nothing is missing any more. */
int tree_made(struct xs_handle *store, domid_t id, struct reason *why);

/* Removes all nodes about the domain that had this id and UUID; those of a
 * newer one stay. What tells others that there is something to remove goes
 * last. */
int tree_drop(struct xs_handle *store, domid_t id,
	      const xen_domain_handle_t handle);

/* kept.c: what the tools keep of a domain. */
enum tree_state {
	/* no nodes of ours, or another domain's */
	TREE_FOREIGN,
	TREE_BUILDING,
	TREE_MADE,
	/* it has ended, and on_*="preserve" was obeyed */
	TREE_ENDED,
};

struct tree_kept {
	enum tree_state state;
	enum shutdown_action on_poweroff;
	enum shutdown_action on_reboot;
	enum shutdown_action on_crash;
	char config_path[PATH_ROOM];
};

/* Reads it for the domain that exists as `info` says. 0, or a negative errno
 * when the store did not answer. */
int tree_kept(struct xs_handle *store,
	      const struct xen_domctl_getdomaininfo *info,
	      struct tree_kept *kept);
int tree_set_ended(struct xs_handle *store, domid_t id);

/* The kernel's file, or "" if nobody noted it. */
void tree_kernel(struct xs_handle *store,
		 const struct xen_domctl_getdomaininfo *info,
		 char path[PATH_ROOM]);

/* The settings it was built from, as a domain file; free() it. NULL with errno
 * set. */
char *tree_config_text(struct xs_handle *store, domid_t id);

/* Seconds since 1970 at which it was made; -ENOENT if nobody noted it. */
int64_t tree_start_time(struct xs_handle *store,
			const struct xen_domctl_getdomaininfo *info);

#endif
