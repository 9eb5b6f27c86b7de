/* SPDX-License-Identifier: MIT */
/* log.h - how every room speaks, and how it stops the machine.
 *
 * Declared in the lowest room and implemented by console, so that even
 * base may speak. Four words for failure: return -Exxx (the guest asked
 * wrongly), domain_crash (the guest cannot go on), BUG_ON (we are wrong),
 * panic (the machine is unfit: boot only).
 */
#ifndef PARAVANE_BASE_LOG_H
#define PARAVANE_BASE_LOG_H

#include "compiler.h"

/* One line without newline; prefix "(pv) " is added. */
void log(const char *fmt, ...) PRINTF(1, 2);
/* The same for what a guest can trigger: at most a few lines a second. */
void log_guest(const char *fmt, ...) PRINTF(1, 2);
NORETURN void panic(const char *fmt, ...) PRINTF(1, 2);
NORETURN void bug(const char *file, int line, const char *what);

#define BUG()		bug(__FILE__, __LINE__, "BUG")
#define BUG_ON(c) \
	do { if (unlikely(c)) bug(__FILE__, __LINE__, #c); } while (0)

/* Debug builds only; never guards guest input. */
#if CONFIG_DEBUG
#define ASSERT(c) \
	do { if (unlikely(!(c))) bug(__FILE__, __LINE__, "not " #c); } while (0)
#else
#define ASSERT(c)	((void)sizeof(c))
#endif

#endif
