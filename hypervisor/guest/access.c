/* SPDX-License-Identifier: MIT */
/* access.c - as many bytes of a guest's instruction as can be read.
 *
 * Guards: see access.h.
 */
#include "guest/access.h"

size_t guest_fetch(void *dst, uint64_t src, size_t n)
{
	uint8_t *to = dst;
	size_t done;

	/* Mostly all of it can be read: in two words that may overlap. */
	if (likely(n >= 8 && n <= 16 && guest_range_ok(src, n) &&
		   !guest_load_u64((uint64_t *)to, src) &&
		   !guest_load_u64((uint64_t *)(to + n - 8), src + n - 8)))
		return n;
	for (done = 0; done < n; done++)
		if (!guest_range_ok(src + done, 1) ||
		    guest_load_u8(to + done, src + done))
			break;
	return done;
}
