/* SPDX-License-Identifier: MIT */
/* iter.h - where a read puts its bytes, where a write takes them from.
 *
 * One shape for a user buffer, a user's vector of buffers and a kernel buffer,
 * so that drivers copy without knowing which it is.
 */
#ifndef FS_ITER_H
#define FS_ITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Linux's struct iovec; the address is a user's unless the iter says kernel. */
struct iovec {
	uint64_t base;
	uint64_t len;
};

struct iter {
	const struct iovec *seg;
	unsigned int segs;
	bool kernel;
	size_t skip;		/* bytes of seg[0] already used */
	size_t left;		/* bytes in all segments not yet used */
	struct iovec one;	/* storage for the single-buffer forms */
};

void iter_user(struct iter *it, uint64_t addr, size_t len);
void iter_kernel(struct iter *it, const void *buf, size_t len);
void iter_vector(struct iter *it, const struct iovec *seg, unsigned int segs,
		 size_t total);

/* Both return how many bytes were moved: min(n, it->left), or fewer if the
 * user's memory ended. 0 for n > 0 and it->left > 0 means EFAULT. */
size_t iter_put(struct iter *to, const void *src, size_t n);
size_t iter_take(struct iter *from, void *dst, size_t n);
size_t iter_zero(struct iter *to, size_t n);

/* A user's vector into fast[], or kmalloc'ed memory if it is longer: *out says
 * which, and the caller frees what is not fast. Nothing to free on error. */
int iovec_from_user(uint64_t uvec, uint64_t count, struct iovec *fast,
		    unsigned int fast_count, struct iovec **out, size_t *total);

#endif
