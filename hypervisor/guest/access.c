/* SPDX-License-Identifier: MIT */
/* access.c - range checks in front of the copy instructions.
 *
 * Guards: see access.h. The check and the access use the same two numbers,
 * passed by value.
 */
#include "guest/access.h"

#include "base/types.h"

int guest_copy(void *dst, const void *src, size_t n);
int guest_clear(void *dst, size_t n);
int guest_load_u64(uint64_t *dst, uint64_t src);
int guest_load_u32(uint32_t *dst, uint64_t src);
int guest_load_u8(uint8_t *dst, uint64_t src);
int guest_store_u64(uint64_t dst, uint64_t v);
int guest_store_u32(uint64_t dst, uint32_t v);

/* No single copy is larger; callers loop in pieces of at most a page. */
#define COPY_MAX	(1u << 20)

int copy_from_guest(void *dst, uint64_t src, size_t n)
{
	if (unlikely(n > COPY_MAX || !guest_range_ok(src, n)))
		return -EFAULT;
	return guest_copy(dst, (const void *)src, n);
}

int copy_to_guest(uint64_t dst, const void *src, size_t n)
{
	if (unlikely(n > COPY_MAX || !guest_range_ok(dst, n)))
		return -EFAULT;
	return guest_copy((void *)dst, src, n);
}

int clear_guest(uint64_t dst, size_t n)
{
	if (unlikely(n > COPY_MAX || !guest_range_ok(dst, n)))
		return -EFAULT;
	return guest_clear((void *)dst, n);
}

int guest_read_u64(uint64_t *dst, uint64_t src)
{
	if (unlikely(!guest_range_ok(src, 8)))
		return -EFAULT;
	return guest_load_u64(dst, src);
}

int guest_read_u32(uint32_t *dst, uint64_t src)
{
	if (unlikely(!guest_range_ok(src, 4)))
		return -EFAULT;
	return guest_load_u32(dst, src);
}

int guest_write_u64(uint64_t dst, uint64_t v)
{
	if (unlikely(!guest_range_ok(dst, 8)))
		return -EFAULT;
	return guest_store_u64(dst, v);
}

int guest_write_u32(uint64_t dst, uint32_t v)
{
	if (unlikely(!guest_range_ok(dst, 4)))
		return -EFAULT;
	return guest_store_u32(dst, v);
}

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
