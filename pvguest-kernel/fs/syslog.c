/* SPDX-License-Identifier: MIT */
/* syslog.c - the kernel's log ring for dmesg.
 *
 * The ring cannot be cleared and the console's level cannot be set: those
 * requests succeed and do nothing.
 */
#include "core/errno.h"
#include "core/printk.h"
#include "core/syscall.h"
#include "mm/user.h"

#define READ_ALL	3
#define READ_CLEAR	4
#define CONSOLE_LEVEL	8
#define SIZE_BUFFER	10
#define RING_SIZE	16384	/* what core/printk.c keeps */

static long read_all(uint64_t ubuf, size_t size)
{
	char chunk[256];
	uint64_t pos = 0;
	size_t done = 0;

	while (done < size) {
		size_t n = klog_read(&pos, chunk, min_u64(sizeof(chunk), size - done));

		if (n == 0)
			break;
		if (copy_to_user(ubuf + done, chunk, n))
			return -EFAULT;
		done += n;
	}
	return (long)done;
}

long sys_syslog(uint64_t type, uint64_t ubuf, uint64_t size)
{
	switch ((int)type) {
	case READ_ALL:
	case READ_CLEAR:
		return (int32_t)size < 0 ? -EINVAL : read_all(ubuf, (uint32_t)size);
	case SIZE_BUFFER:
		return RING_SIZE;
	}
	return type <= CONSOLE_LEVEL ? 0 : -EINVAL;
}
