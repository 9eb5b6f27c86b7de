/* SPDX-License-Identifier: MIT */
/* access.h - crossing into the memory of the vCPU that called.
 *
 * Guards: a guest pointer never reaches hypervisor memory, and a fault on
 * it is an error code. Addresses are guest-virtual, translated by the page
 * tables in use. Read once: copy to a local, check the local, never go
 * back. All return 0 or -EFAULT; a failed copy may have copied a part.
 */
#ifndef PARAVANE_GUEST_ACCESS_H
#define PARAVANE_GUEST_ACCESS_H

#include "base/compiler.h"
#include "base/errno.h"

#define GUEST_HOLE_START	0xffff800000000000UL	/* the hypervisor's slots */
#define GUEST_HOLE_END		0xffff880000000000UL

#define GUEST_LOW_END		0x800000000000UL	/* canonical below */

/* [va, va + n) touches nothing of the hypervisor's and is canonical. One
 * comparison for a small n: what wraps around the top of memory goes on in the
 * guest's own, at its bottom. */
static inline bool guest_range_ok(uint64_t va, uint64_t n)
{
	return !n || (n <= GUEST_LOW_END / 2 && va - (GUEST_LOW_END - n + 1) >=
					GUEST_HOLE_END - GUEST_LOW_END + n - 1);
}

/* A trap frame (at most 128 bytes) fits on either side of sp. */
static inline bool guest_stack_ok(uint64_t sp)
{
	return guest_range_ok(sp - 128, 256);
}

/* guest/copy.S: the instructions themselves, unchecked. Each 0 or -EFAULT. */
int guest_copy(void *dst, const void *src, size_t n);
int guest_clear(void *dst, size_t n);
int guest_load_u64(uint64_t *dst, uint64_t src);
int guest_load_u32(uint32_t *dst, uint64_t src);
int guest_load_u8(uint8_t *dst, uint64_t src);
int guest_store_u64(uint64_t dst, uint64_t v);
int guest_store_u32(uint64_t dst, uint32_t v);

/* No single copy is larger; callers loop in pieces of at most a page. */
#define GUEST_COPY_MAX	(1u << 20)

static inline bool guest_copy_ok(uint64_t va, size_t n)
{
	return likely(n <= GUEST_COPY_MAX && guest_range_ok(va, n));
}

MUST_CHECK static inline int copy_from_guest(void *dst, uint64_t src, size_t n)
{
	return guest_copy_ok(src, n) ? guest_copy(dst, (const void *)src, n) : -EFAULT;
}

MUST_CHECK static inline int copy_to_guest(uint64_t dst, const void *src, size_t n)
{
	return guest_copy_ok(dst, n) ? guest_copy((void *)dst, src, n) : -EFAULT;
}

MUST_CHECK static inline int clear_guest(uint64_t dst, size_t n)
{
	return guest_copy_ok(dst, n) ? guest_clear((void *)dst, n) : -EFAULT;
}

/* One naturally sized access. */
MUST_CHECK static inline int guest_read_u64(uint64_t *dst, uint64_t src)
{
	return guest_copy_ok(src, 8) ? guest_load_u64(dst, src) : -EFAULT;
}

MUST_CHECK static inline int guest_read_u32(uint32_t *dst, uint64_t src)
{
	return guest_copy_ok(src, 4) ? guest_load_u32(dst, src) : -EFAULT;
}

MUST_CHECK static inline int guest_write_u64(uint64_t dst, uint64_t v)
{
	return guest_copy_ok(dst, 8) ? guest_store_u64(dst, v) : -EFAULT;
}

MUST_CHECK static inline int guest_write_u32(uint64_t dst, uint32_t v)
{
	return guest_copy_ok(dst, 4) ? guest_store_u32(dst, v) : -EFAULT;
}

/* Instruction bytes for the emulator: as many of `n` as can be read,
 * stopping at the end of what is mapped; returns the number. */
size_t guest_fetch(void *dst, uint64_t src, size_t n);

#endif
