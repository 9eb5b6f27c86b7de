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

/* [va, va + n) touches nothing of the hypervisor's, is canonical and does
 * not wrap. */
static inline bool guest_range_ok(uint64_t va, uint64_t n)
{
	uint64_t last = va + n - 1;

	if (!n)
		return true;
	return last >= va && (last < 0x800000000000UL || va >= GUEST_HOLE_END);
}

/* A trap frame (at most 128 bytes) fits on either side of sp: one comparison,
 * because a wrap around the top of memory stays in the guest's own. */
static inline bool guest_stack_ok(uint64_t sp)
{
	return sp - (0x800000000000UL - 128) >
	       GUEST_HOLE_END + 128 - (0x800000000000UL - 128);
}

MUST_CHECK int copy_from_guest(void *dst, uint64_t src, size_t n);
MUST_CHECK int copy_to_guest(uint64_t dst, const void *src, size_t n);
MUST_CHECK int clear_guest(uint64_t dst, size_t n);

/* One naturally sized access. */
MUST_CHECK int guest_read_u64(uint64_t *dst, uint64_t src);
MUST_CHECK int guest_read_u32(uint32_t *dst, uint64_t src);
MUST_CHECK int guest_write_u64(uint64_t dst, uint64_t v);
MUST_CHECK int guest_write_u32(uint64_t dst, uint32_t v);
/* Instruction bytes for the emulator: as many of `n` as can be read,
 * stopping at the end of what is mapped; returns the number. */
size_t guest_fetch(void *dst, uint64_t src, size_t n);

#endif
