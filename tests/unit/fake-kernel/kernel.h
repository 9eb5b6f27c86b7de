/* SPDX-License-Identifier: MIT */
/* kernel.h - what a test of the guest kernel's files can see and steer.
 *
 * All of pvguest-kernel/fs is linked unchanged; these stand for core and mm.
 * User addresses are the test's own; those below 4096 fault.
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/errno.h"
#include "core/process.h"
#include "core/syscall.h"
#include "fs/file.h"
#include "lib/string.h"
#include "mm/page.h"

#define U(p) ((uint64_t)(p))	/* a pointer or number as an argument */
#define AT U(AT_FDCWD)

/* A new process in a new tree; the old ones are dropped and not freed. */
int fake_boot(void **state);

/* kmalloc: objects alive now; and fail the n-th allocation from now (0: none). */
extern unsigned long fake_objects;
extern unsigned long fake_fail_at;

/* What a sleeping thread's world does meanwhile; NULL: a signal comes. */
extern void (*fake_while_asleep)(void);

/* Also interrupt every n-th sleep that has a deadline; 0: none. */
extern unsigned long fake_signal_every;

extern int fake_signal, fake_signal_group;	/* the last one sent */
extern char fake_console[4096];			/* console_write's bytes */
extern size_t fake_console_len;
extern char fake_log[4096];			/* printk's last text */

/* Short forms over the system calls. */
int fake_open(const char *path, int flags);
long fake_mkdir(const char *path);
void fake_put_file(const char *path, const void *bytes, size_t n);
bool fake_file_is(const char *path, const void *bytes, size_t n);

#endif
