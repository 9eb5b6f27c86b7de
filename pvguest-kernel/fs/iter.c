/* SPDX-License-Identifier: MIT */
/* iter.c - copying between kernel memory and whatever a read or write names.
 *
 * Invariant: `left` never exceeds what the segments still hold, so the loops
 * end before the vector does.
 */
#include "fs/iter.h"

#include "lib/string.h"
#include "mm/user.h"

enum direction { PUT, TAKE, ZERO };

void iter_user(struct iter *it, uint64_t addr, size_t len)
{
	it->one = (struct iovec){ addr, len };
	iter_vector(it, &it->one, 1, len);
}

void iter_kernel(struct iter *it, const void *buf, size_t len)
{
	iter_user(it, (uint64_t)buf, len);
	it->kernel = true;
}

void iter_vector(struct iter *it, const struct iovec *seg, unsigned int segs,
		 size_t total)
{
	it->seg = seg;
	it->segs = segs;
	it->kernel = false;
	it->skip = 0;
	it->left = total;
}

/* One contiguous piece; 0 or -EFAULT. */
static int move_piece(struct iter *it, uint64_t addr, void *buf, size_t n,
		      enum direction dir)
{
	if (!it->kernel) {
		if (dir == TAKE)
			return copy_from_user(buf, addr, n);
		return dir == PUT ? copy_to_user(addr, buf, n)
				  : clear_user(addr, n);
	}
	if (dir == TAKE)
		memcpy(buf, (void *)addr, n);
	else if (dir == PUT)
		memcpy((void *)addr, buf, n);
	else
		memset((void *)addr, 0, n);
	return 0;
}

static size_t move(struct iter *it, char *buf, size_t n, enum direction dir)
{
	size_t done = 0;

	if (n > it->left)
		n = it->left;
	while (done < n) {
		size_t room = it->seg->len - it->skip;
		size_t piece = n - done < room ? n - done : room;

		if (piece) {
			if (move_piece(it, it->seg->base + it->skip,
				       buf ? buf + done : NULL, piece, dir))
				break;
			it->skip += piece;
			it->left -= piece;
			done += piece;
		}
		if (it->skip == it->seg->len && it->left) {
			it->seg++;
			it->skip = 0;
		}
	}
	return done;
}

size_t iter_put(struct iter *to, const void *src, size_t n)
{
	return move(to, (char *)src, n, PUT);
}

size_t iter_take(struct iter *from, void *dst, size_t n)
{
	return move(from, dst, n, TAKE);
}

size_t iter_zero(struct iter *to, size_t n)
{
	return move(to, NULL, n, ZERO);
}
