/* SPDX-License-Identifier: MIT */
/* printk.h - the kernel's own words.
 *
 * Two rings of text: printk goes to the console and to the log; klog goes to
 * the log only (unknown system calls, crashes of user programs in detail).
 */
#ifndef KERNEL_CORE_PRINTK_H
#define KERNEL_CORE_PRINTK_H

#include "core/types.h"

void printk(const char *fmt, ...) PRINTF_LIKE(1, 2);
void klog(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Says why, then ends the machine. For broken kernel invariants only, never
 * for anything a user program can cause. */
void panic(const char *fmt, ...) PRINTF_LIKE(1, 2) NORETURN;
#define BUG_ON(cond) \
	do { if (cond) panic("%s:%d: %s", __FILE__, __LINE__, #cond); } while (0)

/* The log's text from byte `pos` since boot on; returns bytes copied, and
 * moves *pos past them (and past what the ring has already lost). */
size_t klog_read(uint64_t *pos, char *buf, size_t len);

#endif
