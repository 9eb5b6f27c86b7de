/* SPDX-License-Identifier: MIT */
/* user.c - copying across the border.
 *
 * The kernel sees user memory where the program sees it. A fault on the way is
 * resolved like the program's own, or ends the copy (platform/switch.S).
 */
#include "mm/user.h"

#include "core/errno.h"
#include "mm/mm.h"
#include "platform/cpu.h"

static bool in_user_range(uint64_t addr, size_t n)
{
	return addr < USER_TOP && n <= USER_TOP - addr;
}

int copy_from_user(void *dst, uint64_t src, size_t n)
{
	if (!in_user_range(src, n) || raw_copy(dst, (const void *)src, n))
		return -EFAULT;
	return 0;
}

int copy_to_user(uint64_t dst, const void *src, size_t n)
{
	if (!in_user_range(dst, n) || raw_copy((void *)dst, src, n))
		return -EFAULT;
	return 0;
}

int clear_user(uint64_t dst, size_t n)
{
	if (!in_user_range(dst, n) || raw_clear((void *)dst, n))
		return -EFAULT;
	return 0;
}

ssize_t strncpy_from_user(char *dst, uint64_t src, size_t size)
{
	for (size_t n = 0; n < size; n++) {
		int rc = copy_from_user(&dst[n], src + n, 1);

		if (rc)
			return rc;
		if (!dst[n])
			return (ssize_t)n;
	}
	return -ENAMETOOLONG;
}
