/* SPDX-License-Identifier: MIT */
/* main.c - the order in which the kernel comes up, one call a line.
 *
 * Guards: each call finds what it needs made by those above it: pages before
 * objects, objects before files, files before the first program.
 */
#include "core/errno.h"
#include "core/lifecycle.h"
#include "core/printk.h"
#include "core/sched.h"
#include "fs/file.h"
#include "fs/proc.h"
#include "lib/string.h"
#include "mm/page.h"
#include "platform/cpu.h"
#include "platform/platform.h"

#define TICKS_SHOWN 3
#define TICK (100 * NSEC_PER_MSEC)

static const char *const init_envp[] = {
	"HOME=/", "TERM=linux", "PATH=/bin:/sbin:/usr/bin:/usr/sbin", NULL,
};

static void pages_init(const struct boot_info *boot)
{
	uint64_t array_pages = ALIGN_UP(boot->page_count * sizeof(struct page), PAGE_SIZE) /
			       PAGE_SIZE;

	page_array = phys_to_virt(boot->first_free << PAGE_SHIFT);
	page_count = boot->page_count;
	memset(page_array, 0, array_pages * PAGE_SIZE);
	for (uint64_t pfn = boot->first_free + array_pages; pfn < page_count; pfn++)
		if (platform_page_is_ram(pfn))
			page_free_range(pfn, pfn + 1);
}

/* The value of NAME= on the command line, or the default, as a string that
 * stays. */
static const char *option(const char *cmdline, const char *name, const char *otherwise)
{
	static char value[128];
	size_t len = strlen(name), n;

	for (const char *at = cmdline; *at; at++) {
		if ((at == cmdline || at[-1] == ' ') && !strncmp(at, name, len)) {
			at += len;
			for (n = 0; at[n] && at[n] != ' ' && n < sizeof(value) - 1; n++)
				value[n] = at[n];
			value[n] = '\0';
			return value;
		}
	}
	return otherwise;
}

/* Without a ramdisk there is nothing to run: show that time passes, and end. */
static void demonstrate(void)
{
	printk("no ramdisk: hello, a few ticks, and good-bye\n");
	for (unsigned i = 1; i <= TICKS_SHOWN; i++) {
		uint64_t until = clock_now() + TICK;

		platform_timer_set(until);
		while (clock_now() < until)
			platform_idle();
		printk("tick %u at %lu ms\n", i, clock_now() / NSEC_PER_MSEC);
	}
	platform_end(PLATFORM_POWER_OFF);
}

static void set_limits(struct process *p)
{
	for (int i = 0; i < RLIMIT_COUNT; i++)
		p->rlimit_cur[i] = p->rlimit_max[i] = UINT64_MAX;
	p->rlimit_cur[3] = 8ul << 20;			/* stack */
	p->rlimit_cur[7] = p->rlimit_max[7] = FD_LIMIT;
}

static int start_init(const char *path)
{
	const char *argv[] = { path, NULL };
	struct process *p = process_create(NULL);
	struct thread *t = p ? thread_create(p) : NULL, *idle = current;
	int rc;

	if (!t)
		return -ENOMEM;
	process_publish(p, t);
	p->pgid = p->sid = p->pid;
	p->exit_signal = SIGCHLD;
	set_limits(p);
	current = t;
	p->fs = fs_context_create_initial();
	p->files = files_create_initial();
	rc = p->fs && p->files ? exec_kernel(path, argv, init_envp) : -ENOMEM;
	current = idle;
	sched_use_mm(NULL);
	if (!rc)
		thread_start(t);
	return rc;
}

/* tour 26: the other side: a kernel that calls where others touch the hardware. */
void kernel_main(const struct boot_info *boot)
{
	const char *init = option(boot->cmdline, "init=", "/init");
	int rc;

	printk("pvguest 0.1: %s, %lu KiB of memory, command line \"%s\"\n", boot->role,
	       (boot->page_count - boot->later) * 4, boot->cmdline);
	pages_init(boot);
	platform_traps_init();
	fpu_init();
	sched_init();
	if (!boot->ramdisk_len)
		demonstrate();
	proc_cmdline = boot->cmdline;
	fs_init();
	platform_devices_init();
	rc = fs_unpack_initramfs(boot->ramdisk, boot->ramdisk_len);
	if (rc)
		panic("the ramdisk cannot be unpacked: error %d", -rc);
	page_free_range(virt_to_phys(boot->ramdisk) >> PAGE_SHIFT,
			ALIGN_UP(virt_to_phys(boot->ramdisk) + boot->ramdisk_len, PAGE_SIZE) >>
			PAGE_SHIFT);
	rc = start_init(init);
	if (rc)
		panic("cannot run %s: error %d", init, -rc);
	sched_idle_loop();
}
