/* SPDX-License-Identifier: MIT */
/* console.c - the terminal on the platform's console, and /dev/tty.
 *
 * Opening /dev/console does not make it anyone's controlling terminal (a
 * shell asks with TIOCSCTTY), as on Linux.
 */
#include "core/console.h"
#include "core/errno.h"
#include "core/printk.h"
#include "core/process.h"
#include "fs/tty.h"

static struct tty console;

void tty_console_input(const char *buf, size_t len)
{
	if (console.refs)
		tty_input(&console, buf, len);
}

static void to_console(struct tty *t, const char *buf, size_t len)
{
	console_write(buf, len);
}

static int open_console(struct inode *ino, struct file *f)
{
	f->ops = &tty_file_ops;
	f->priv = tty_get(&console);
	return 0;
}

/* /dev/tty: whatever terminal controls the caller. */
static int open_own(struct inode *ino, struct file *f)
{
	if (!current->process->tty)
		return -ENXIO;
	f->ops = &tty_file_ops;
	f->priv = tty_get(current->process->tty);
	return 0;
}

static const struct file_ops console_ops = { .open = open_console };
static const struct file_ops own_ops = { .open = open_own };

void console_tty_init(void)
{
	tty_init(&console, dev_make(5, 1));
	console.write = to_console;
	if (dev_register("console", 0600, 5, 1, &console_ops) ||
	    dev_register("tty", 0666, 5, 0, &own_ops))
		panic("cannot make /dev/console");
}
