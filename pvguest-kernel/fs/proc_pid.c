/* SPDX-License-Identifier: MIT */
/* proc_pid.c - what the files of /proc/N say about one process.
 *
 * A process that has exited but was not waited for has no memory and no files
 * any more; its texts are then short or empty.
 */
#include "core/process.h"
#include "core/time.h"
#include "fs/file.h"
#include "fs/proc_text.h"
#include "fs/tty.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"

#define TICK		(NSEC_PER_SEC / 100)
#define AREA_MAX	65536u

struct file *process_exe(struct process *p)
{
	struct vma *v;

	if (p->mm)
		list_for_each(v, &p->mm->vmas, node)
			if (v->file && (v->flags & VMA_EXEC))
				return v->file;
	return NULL;
}

static unsigned int thread_count(const struct process *p)
{
	unsigned int n = 0;
	struct thread *t;

	list_for_each(t, &p->threads, node)
		n++;
	return n;
}

static uint64_t total_pages(const struct process *p)
{
	return p->mm ? p->mm->total : 0;
}

static uint64_t resident_pages(const struct process *p)
{
	return p->mm ? p->mm->resident : 0;
}

void text_pid_stat(struct text *t, struct process *p)
{
	uint64_t user, system;

	process_times(p, &user, &system);
	text_add(t, "%d (%s) %c %d %d %d %u %d 0 0 0 0 0 ", p->pid, p->comm,
		 process_state_letter(p), p->parent ? p->parent->pid : 0,
		 p->pgid, p->sid, p->tty ? p->tty->rdev : 0,
		 p->tty && p->tty->pgid ? p->tty->pgid : -1);
	text_add(t, "%lu %lu %lu %lu 20 0 %u 0 %lu %lu %lu ", user / TICK,
		 system / TICK, p->child_utime / TICK, p->child_stime / TICK,
		 thread_count(p), p->start_time / TICK,
		 total_pages(p) * PAGE_SIZE, resident_pages(p));
	text_add(t, "18446744073709551615 0 0 0 0 0 %lu 0 0 0 0 0 0 %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 p->pending, p->exit_signal);
}

void text_pid_statm(struct text *t, struct process *p)
{
	text_add(t, "%lu %lu 0 0 0 %lu 0\n", total_pages(p), resident_pages(p),
		 total_pages(p));
}

static const char *state_name(char letter)
{
	switch (letter) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "disk sleep";
	case 'T':
		return "stopped";
	}
	return "zombie";
}

void text_pid_status(struct text *t, struct process *p)
{
	char letter = process_state_letter(p);

	text_add(t, "Name:\t%s\nState:\t%c (%s)\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n",
		 p->comm, letter, state_name(letter), p->pid, p->pid,
		 p->parent ? p->parent->pid : 0);
	text_add(t, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t%u\n",
		 p->files ? p->files->size : 0);
	text_add(t, "VmSize:\t%8lu kB\nVmRSS:\t%8lu kB\nThreads:\t%u\n",
		 total_pages(p) * 4, resident_pages(p) * 4, thread_count(p));
	text_add(t, "SigPnd:\t%016lx\n", p->pending);
}

/* What lies between two addresses of the process, as far as it is there. */
static void add_area(struct text *t, struct process *p, uint64_t start, uint64_t end)
{
	size_t n = start < end ? min_u64(end - start, AREA_MAX) : 0;
	char *buf = n ? kmalloc(n) : NULL;

	if (!buf)
		return;
	text_bytes(t, buf, mm_read(p->mm, start, buf, n));
	kfree(buf);
}

void text_pid_cmdline(struct text *t, struct process *p)
{
	if (p->mm)
		add_area(t, p, p->mm->arg_start, p->mm->arg_end);
}

void text_pid_environ(struct text *t, struct process *p)
{
	if (p->mm)
		add_area(t, p, p->mm->env_start, p->mm->env_end);
}

void text_pid_comm(struct text *t, struct process *p)
{
	text_add(t, "%s\n", p->comm);
}

void text_pid_maps(struct text *t, struct process *p)
{
	struct vma *v;

	if (!p->mm)
		return;
	list_for_each(v, &p->mm->vmas, node) {
		struct inode *ino = v->file ? v->file->inode : NULL;

		text_add(t, "%08lx-%08lx %c%c%c%c %08lx 00:%02x %lu%s\n",
			 v->start, v->end,
			 v->flags & VMA_READ ? 'r' : '-',
			 v->flags & VMA_WRITE ? 'w' : '-',
			 v->flags & VMA_EXEC ? 'x' : '-',
			 v->flags & VMA_SHARED ? 's' : 'p',
			 v->pgoff * PAGE_SIZE, ino ? ino->sb->dev : 0,
			 ino ? ino->ino : 0,
			 v->flags & VMA_STACK ? "  [stack]" : "");
	}
}
