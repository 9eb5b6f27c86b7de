/* SPDX-License-Identifier: MIT */
/* system.c - the calls about the machine as a whole, and about limits and
 * identities, of which there is little to say: everybody is root here.
 *
 * Invariant: structures go to the user whole and zero-filled, so that no byte
 * of the kernel's stack does.
 */
#include "core/errno.h"
#include "core/printk.h"
#include "core/process.h"
#include "core/random.h"
#include "core/sched.h"
#include "core/syscall.h"
#include "lib/string.h"
#include "mm/page.h"
#include "mm/user.h"
#include "platform/platform.h"

#define UTS_LEN 65

struct utsname {
	char sysname[UTS_LEN], nodename[UTS_LEN], release[UTS_LEN], version[UTS_LEN];
	char machine[UTS_LEN], domainname[UTS_LEN];
};

static char hostname[UTS_LEN] = "pvguest";

/* The release is that of the Linux whose system calls are offered: C libraries
 * refuse to start on one that they think too old. */
long sys_uname(uint64_t ubuf)
{
	struct utsname u = {
		.sysname = "Linux", .release = "5.10.0-pvguest", .version = "pvguest 0.1",
		.machine = "x86_64", .domainname = "(none)",
	};

	memcpy(u.nodename, hostname, sizeof(hostname));
	return put_user(u, ubuf);
}

long sys_sethostname(uint64_t uname, uint64_t len)
{
	char name[UTS_LEN] = { 0 };

	if (len >= UTS_LEN)
		return -EINVAL;
	if (copy_from_user(name, uname, len))
		return -EFAULT;
	memcpy(hostname, name, sizeof(hostname));
	return 0;
}

struct sysinfo {
	int64_t uptime;
	uint64_t loads[3];
	uint64_t totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	uint16_t procs, pad;
	uint64_t totalhigh, freehigh;
	uint32_t mem_unit;
};

long sys_sysinfo(uint64_t ubuf)
{
	struct sysinfo info = {
		.uptime = (int64_t)(clock_now() / NSEC_PER_SEC),
		.totalram = page_total_count * PAGE_SIZE,
		.freeram = page_free_count * PAGE_SIZE,
		.mem_unit = 1,
	};
	const struct process *p;

	list_for_each(p, &process_list, node)
		info.procs++;
	return put_user(info, ubuf);
}

long sys_getrandom(uint64_t ubuf, uint64_t len, uint64_t flags)
{
	uint8_t chunk[64];

	len = min_u64(len, 1u << 20);
	for (uint64_t done = 0; done < len;) {
		size_t n = min_u64(sizeof(chunk), len - done);

		random_bytes(chunk, n);
		if (copy_to_user(ubuf + done, chunk, n))
			return -EFAULT;
		done += n;
	}
	return (long)len;
}

#define REBOOT_MAGIC1 0xfee1dead
#define REBOOT_CMD_RESTART 0x01234567
#define REBOOT_CMD_HALT 0xcdef0123
#define REBOOT_CMD_POWER_OFF 0x4321fedc
#define REBOOT_CMD_CAD_ON 0x89abcdef
#define REBOOT_CMD_CAD_OFF 0

long sys_reboot(uint64_t magic1, uint64_t magic2, uint64_t cmd)
{
	if ((uint32_t)magic1 != REBOOT_MAGIC1)
		return -EINVAL;
	switch ((uint32_t)cmd) {
	case REBOOT_CMD_RESTART:
		platform_end(PLATFORM_REBOOT);
	case REBOOT_CMD_HALT:
	case REBOOT_CMD_POWER_OFF:
		platform_end(PLATFORM_POWER_OFF);
	case REBOOT_CMD_CAD_ON:
	case REBOOT_CMD_CAD_OFF:
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_prlimit64(uint64_t pid, uint64_t resource, uint64_t unew, uint64_t uold)
{
	struct process *p = (int)pid ? process_find((int)pid) : current->process;
	uint64_t value[2];

	if (!p)
		return -ESRCH;
	if (resource >= RLIMIT_COUNT)
		return -EINVAL;
	if (unew && copy_from_user(value, unew, sizeof(value)))
		return -EFAULT;
	if (uold) {
		uint64_t old[2] = { p->rlimit_cur[resource], p->rlimit_max[resource] };

		if (put_user(old, uold))
			return -EFAULT;
	}
	if (unew) {
		if (value[0] > value[1])
			return -EINVAL;
		p->rlimit_cur[resource] = value[0];
		p->rlimit_max[resource] = value[1];
	}
	return 0;
}

long sys_getrlimit(uint64_t resource, uint64_t uold)
{
	return sys_prlimit64(0, resource, 0, uold);
}

long sys_setrlimit(uint64_t resource, uint64_t unew)
{
	return sys_prlimit64(0, resource, unew, 0);
}

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

long sys_arch_prctl(uint64_t code, uint64_t addr)
{
	struct thread *t = current;

	switch (code) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (addr >> 47)
			return -EPERM;
		if (code == ARCH_SET_FS)
			t->fs_base = addr;
		else
			t->gs_base = addr;
		platform_use_segments(t->fs_base, t->gs_base);
		return 0;
	case ARCH_GET_FS:
		return put_user(t->fs_base, addr);
	case ARCH_GET_GS:
		return put_user(t->gs_base, addr);
	default:
		return -EINVAL;
	}
}

#define PR_SET_NAME 15
#define PR_GET_NAME 16

long sys_prctl(uint64_t option, uint64_t arg)
{
	char name[COMM_LEN];

	switch (option) {
	case PR_SET_NAME:
		if (strncpy_from_user(name, arg, sizeof(name)) == -EFAULT)
			return -EFAULT;
		name[COMM_LEN - 1] = '\0';
		strlcpy(current->comm, name, COMM_LEN);
		if (current->tid == current->process->pid)
			strlcpy(current->process->comm, name, COMM_LEN);
		return 0;
	case PR_GET_NAME:
		return copy_to_user(arg, current->comm, COMM_LEN);
	default:
		return -EINVAL;
	}
}

long sys_sched_yield(void)
{
	sched_yield();
	return 0;
}

long sys_sched_getaffinity(uint64_t pid, uint64_t size, uint64_t umask)
{
	uint64_t cpus = 1;

	if (size < sizeof(cpus))
		return -EINVAL;
	return put_user(cpus, umask) ? -EFAULT : (long)sizeof(cpus);
}

long sys_getcpu(uint64_t ucpu, uint64_t unode)
{
	uint32_t zero = 0;

	if ((ucpu && put_user(zero, ucpu)) || (unode && put_user(zero, unode)))
		return -EFAULT;
	return 0;
}

struct tms {
	int64_t utime, stime, cutime, cstime;
};

#define TICK_NS (NSEC_PER_SEC / 100)

long sys_times(uint64_t ubuf)
{
	const struct process *p = current->process;
	uint64_t user, system;
	struct tms t;

	process_times(p, &user, &system);
	t = (struct tms){ (int64_t)(user / TICK_NS), (int64_t)(system / TICK_NS),
			  (int64_t)(p->child_utime / TICK_NS), (int64_t)(p->child_stime / TICK_NS) };
	if (ubuf && put_user(t, ubuf))
		return -EFAULT;
	return (long)(clock_now() / TICK_NS);
}

/* Everybody is root, in no other group. */
long sys_get_root_id(void)
{
	return 0;
}

long sys_set_root_id(uint64_t id)
{
	return (uint32_t)id ? -EPERM : 0;
}

long sys_set_ids(uint64_t a, uint64_t b, uint64_t c)
{
	return 0;
}

long sys_get_three_ids(uint64_t ua, uint64_t ub, uint64_t uc)
{
	uint32_t zero = 0;

	return put_user(zero, ua) || put_user(zero, ub) || put_user(zero, uc) ? -EFAULT : 0;
}

/* Accepted and without effect: one CPU, one priority, no robust futexes. */
long sys_no_effect(void)
{
	return 0;
}

long sys_get_priority(uint64_t which, uint64_t who)
{
	return 20;
}
