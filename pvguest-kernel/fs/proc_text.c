/* SPDX-License-Identifier: MIT */
/* proc_text.c - what the files of /proc say about the whole system.
 *
 * The forms are those that ps, top, free, uptime and mount parse.
 */
#include "fs/proc_text.h"

#include "core/printk.h"
#include "core/process.h"
#include "core/time.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/proc.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/page.h"

const char *proc_cmdline = "";

#define TICK	(NSEC_PER_SEC / 100)	/* /proc counts in these */

/* Make room for n more bytes and a NUL. */
static bool text_room(struct text *t, size_t n)
{
	size_t size = t->size ? t->size : 512;
	char *bigger;

	if (t->failed)
		return false;
	while (size < t->len + n + 1)
		size *= 2;
	if (size == t->size)
		return true;
	bigger = size <= TEXT_MAX ? kmalloc(size) : NULL;
	if (!bigger) {
		t->failed = true;
		return false;
	}
	if (t->buf)
		memcpy(bigger, t->buf, t->len);
	kfree(t->buf);
	t->buf = bigger;
	t->size = size;
	return true;
}

void text_bytes(struct text *t, const void *bytes, size_t n)
{
	if (!text_room(t, n))
		return;
	memcpy(t->buf + t->len, bytes, n);
	t->len += n;
}

void text_add(struct text *t, const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_bytes(t, line, min_u64((uint64_t)n, sizeof(line) - 1));
}

/* CPU time of all processes, dead children included, in ns. */
static void busy_times(uint64_t *user, uint64_t *system)
{
	struct process *p;

	*user = *system = 0;
	list_for_each(p, &process_list, node) {
		uint64_t u, s;

		process_times(p, &u, &s);
		*user += u + p->child_utime;
		*system += s + p->child_stime;
	}
}

static uint64_t idle_time(uint64_t busy)
{
	uint64_t now = clock_now();

	return now > busy ? now - busy : 0;
}

void text_uptime(struct text *t, struct process *p)
{
	uint64_t user, system, up = clock_now() / TICK, idle;

	busy_times(&user, &system);
	idle = idle_time(user + system) / TICK;
	text_add(t, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100,
		 idle / 100, idle % 100);
}

void text_meminfo(struct text *t, struct process *p)
{
	uint64_t total = page_total_count * 4;
	uint64_t free = page_free_count * 4;

	text_add(t, "MemTotal:       %8lu kB\n"
		 "MemFree:        %8lu kB\n"
		 "MemAvailable:   %8lu kB\n", total, free, free);
	text_add(t, "Buffers:               0 kB\n"
		 "Cached:                0 kB\n"
		 "SwapTotal:             0 kB\n"
		 "SwapFree:              0 kB\n"
		 "Shmem:                 0 kB\n");
}

void text_stat(struct text *t, struct process *p)
{
	uint64_t user, system, idle;
	unsigned int count = 0, running = 0;
	struct process *q;

	busy_times(&user, &system);
	idle = idle_time(user + system);
	list_for_each(q, &process_list, node) {
		count++;
		running += process_state_letter(q) == 'R';
	}
	for (int cpu = 0; cpu < 2; cpu++)
		text_add(t, "%s %lu 0 %lu %lu 0 0 0 0 0 0\n",
			 cpu ? "cpu0" : "cpu ", user / TICK, system / TICK,
			 idle / TICK);
	text_add(t, "ctxt 0\nbtime %lu\nprocesses %u\nprocs_running %u\n"
		 "procs_blocked 0\n",
		 (clock_wall() - clock_now()) / NSEC_PER_SEC, count, running);
}

/* The load is not averaged here: how many run at this moment is all there is. */
void text_loadavg(struct text *t, struct process *p)
{
	unsigned int count = 0, running = 0;
	struct process *q;
	int last = 0;

	list_for_each(q, &process_list, node) {
		count++;
		running += process_state_letter(q) == 'R';
		if (q->pid > last)
			last = q->pid;
	}
	text_add(t, "0.00 0.00 0.00 %u/%u %d\n", running, count, last);
}

void text_mounts(struct text *t, struct process *p)
{
	char *path = kmalloc(PATH_MAX);

	if (!path) {
		t->failed = true;
		return;
	}
	for (struct mount *m = mount_list; m; m = m->next) {
		if (inode_path(current->process->fs->root, m->root, path,
			       PATH_MAX) < 0)
			continue;
		text_add(t, "%s ", m->source);
		text_bytes(t, path, strlen(path));
		text_add(t, " %s rw 0 0\n", m->root->sb->type);
	}
	kfree(path);
}

void text_version(struct text *t, struct process *p)
{
	text_add(t, "Linux version 5.10.0-pvguest (pvguest 0.1)\n");
}

void text_cmdline(struct text *t, struct process *p)
{
	text_add(t, "%s\n", proc_cmdline);
}

void text_cpuinfo(struct text *t, struct process *p)
{
	text_add(t, "processor\t: 0\nvendor_id\t: unknown\nmodel name\t: x86-64\n\n");
}

void text_filesystems(struct text *t, struct process *p)
{
	text_add(t, "nodev\tproc\nnodev\ttmpfs\nnodev\tdevtmpfs\nnodev\tdevpts\n");
}

void text_kmsg(struct text *t, struct process *p)
{
	char chunk[256];
	uint64_t pos = 0;
	size_t n;

	while ((n = klog_read(&pos, chunk, sizeof(chunk))) > 0)
		text_bytes(t, chunk, n);
}
