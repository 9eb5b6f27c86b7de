/* SPDX-License-Identifier: MIT */
/* bitmap.c - copying a tool's bitmap of CPUs or nodes in and out.
 *
 * Invariant: only bytes the caller says it has are touched, and all of them
 * are written on the way out.
 */
#include "control/machine.h"

#include "base/errno.h"
#include "base/types.h"
#include "guest/access.h"

#define MAP_MAX_BYTES	PAGE_SIZE	/* more CPUs than anybody has */

static size_t map_bytes(const struct xenctl_bitmap *map)
{
	return ((size_t)map->nr_bits + 7) / 8;
}

long bitmap_from_caller(uint64_t *bits, const struct xenctl_bitmap *map)
{
	size_t n = MIN(map_bytes(map), sizeof(*bits));
	uint64_t v = 0;

	if (copy_from_guest(&v, (uint64_t)map->bitmap.p, n))
		return -EFAULT;
	if (map->nr_bits < 64)
		v &= (1UL << map->nr_bits) - 1;
	*bits = v;
	return 0;
}

long bitmap_to_caller(const struct xenctl_bitmap *map, uint64_t bits)
{
	uint64_t to = (uint64_t)map->bitmap.p;
	size_t all = map_bytes(map), n = MIN(all, sizeof(bits));

	if (all > MAP_MAX_BYTES)
		return -EINVAL;
	if (copy_to_guest(to, &bits, n))
		return -EFAULT;
	return clear_guest(to + n, all - n);
}
