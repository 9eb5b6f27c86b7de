/* SPDX-License-Identifier: MIT */
/* proc_text.h - the texts of /proc, made whole when a file is opened. */
#ifndef FS_PROC_TEXT_H
#define FS_PROC_TEXT_H

#include "core/types.h"

struct process;

/* A growing text; once memory or TEXT_MAX is exceeded it only says so. */
#define TEXT_MAX	(1u << 20)

struct text {
	char *buf;
	size_t len, size;
	bool failed;
};

void text_add(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_bytes(struct text *t, const void *bytes, size_t n);

/* Of the whole system (p is NULL) or of one process. */
typedef void (*text_maker)(struct text *t, struct process *p);

void text_uptime(struct text *t, struct process *p);
void text_meminfo(struct text *t, struct process *p);
void text_stat(struct text *t, struct process *p);
void text_loadavg(struct text *t, struct process *p);
void text_mounts(struct text *t, struct process *p);
void text_version(struct text *t, struct process *p);
void text_cmdline(struct text *t, struct process *p);
void text_cpuinfo(struct text *t, struct process *p);
void text_filesystems(struct text *t, struct process *p);
void text_kmsg(struct text *t, struct process *p);

void text_pid_stat(struct text *t, struct process *p);
void text_pid_statm(struct text *t, struct process *p);
void text_pid_status(struct text *t, struct process *p);
void text_pid_cmdline(struct text *t, struct process *p);
void text_pid_comm(struct text *t, struct process *p);
void text_pid_environ(struct text *t, struct process *p);
void text_pid_maps(struct text *t, struct process *p);

/* The program a process runs: its first executable mapping's file, or NULL. */
struct file;
struct file *process_exe(struct process *p);

#endif
