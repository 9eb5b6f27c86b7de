/* SPDX-License-Identifier: MIT */
/* ring.c - the console page, seen from the side that does not trust it.
 *
 * Guards: every index is read once into a local and bounded before it is
 * used, and masked when it is used. The guest may change the page at any
 * time; all it can spoil is its own console.
 */
#include <stdint.h>

#include "ring.h"

static uint32_t read_once(const XENCONS_RING_IDX *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

size_t ring_look(const struct xencons_interface *ring, char *out, size_t room,
		 uint32_t *end, bool *broken)
{
	uint32_t cons = read_once(&ring->out_cons);
	uint32_t prod = read_once(&ring->out_prod);
	uint32_t count = prod - cons;

	*broken = count > sizeof(ring->out);
	if (*broken || count > room)
		count = 0;
	for (uint32_t i = 0; i < count; i++)
		out[i] = ring->out[MASK_XENCONS_IDX(cons + i, ring->out)];
	*end = prod;
	return count;
}

void ring_took(struct xencons_interface *ring, uint32_t end)
{
	__atomic_store_n(&ring->out_cons, end, __ATOMIC_RELEASE);
}

size_t ring_room(const struct xencons_interface *ring)
{
	uint32_t used = read_once(&ring->in_prod) - read_once(&ring->in_cons);

	return used > sizeof(ring->in) ? 0 : sizeof(ring->in) - used;
}

void ring_put(struct xencons_interface *ring, const char *bytes, size_t count)
{
	uint32_t prod = read_once(&ring->in_prod);

	for (size_t i = 0; i < count; i++)
		ring->in[MASK_XENCONS_IDX(prod + i, ring->in)] = bytes[i];
	__atomic_store_n(&ring->in_prod, prod + (uint32_t)count,
			 __ATOMIC_RELEASE);
}
