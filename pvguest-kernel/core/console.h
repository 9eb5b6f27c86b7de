/* SPDX-License-Identifier: MIT */
/* console.h - bytes between the platform's console and the terminal layer.
 *
 * Out: fs's terminal calls console_write. In: the platform collects bytes and
 * calls tty_console_input (fs's) from where events are handled; it may be
 * called with any process current and must not sleep.
 */
#ifndef KERNEL_CORE_CONSOLE_H
#define KERNEL_CORE_CONSOLE_H

#include "core/types.h"

void console_write(const char *buf, size_t len);	/* raw: no newline translation */
void tty_console_input(const char *buf, size_t len);

#endif
