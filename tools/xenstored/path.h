/* SPDX-License-Identifier: MIT */
/* path.h - names of nodes: /local/domain/1/name, or @ and a special name. */
#ifndef XENSTORED_PATH_H
#define XENSTORED_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

/* Room for any canonical path, its final zero included. */
#define PATH_ROOM_MAX (XENSTORE_ABS_PATH_MAX + 32)
/* Levels a path can have, "/" included: each takes a slash and a letter. */
#define LEVELS_MAX (PATH_ROOM_MAX / 2)

/* Writes the absolute form of `name` as domain `id` means it. `relative` gets
 * the number of leading bytes that are the domain's own folder, 0 if the name
 * was absolute. False when it does not fit or is not a name. `limit` is the
 * longest path allowed, what a domain's own folder takes not counted. */
bool path_canonical(char out[PATH_ROOM_MAX], const char *name, unsigned int id,
		    unsigned int limit, size_t *relative);

/* The parent's path; false for "/". */
bool path_parent(char out[PATH_ROOM_MAX], const char *path);

/* The last component. */
const char *path_name(const char *path);

/* How deep below "/"; 0 is "/" itself. */
unsigned int path_depth(const char *path);

/* The length of the next shorter ancestor of the first `length` bytes of
 * `path`: 1 for "/", 0 when `length` is 1 already. */
size_t path_up(const char *path, size_t length);

#endif
