/* SPDX-License-Identifier: MIT */
/* ring.h - the console page, seen from the side that does not trust it. */
#ifndef CONSOLED_RING_H
#define CONSOLED_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/console.h>

/* Copies what the guest has written into out[]; returns how much. `room` must
 * hold a whole ring. *broken is set when the guest's indices claim more than
 * a ring holds; then everything in it is skipped. It is the guest's again only
 * with ring_took(*end). */
size_t ring_look(const struct xencons_interface *ring, char *out, size_t room,
		 uint32_t *end, bool *broken);
void ring_took(struct xencons_interface *ring, uint32_t end);

/* How many bytes the guest can be given now; 0 for broken indices. */
size_t ring_room(const struct xencons_interface *ring);

/* Gives the guest bytes; `count` must not be more than ring_room said. */
void ring_put(struct xencons_interface *ring, const char *bytes, size_t count);

#endif
