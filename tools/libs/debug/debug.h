/* SPDX-License-Identifier: MIT */
/* debug.h - looking into a domain that went wrong. The library's door.
 *
 * Both read a domain as it stands, through the hypervisor and its own page
 * tables. It had better be paused, or have crashed: nothing is paused here.
 */
#ifndef TOOLS_DEBUG_DEBUG_H
#define TOOLS_DEBUG_DEBUG_H

#include <stdio.h>

#include "base/reason.h"
#include "ctl/ctl.h"

/* Registers and calls of every vCPU that is up, as lines of text. `kernel` is
 * the file the domain was made from, whose names are used; NULL, or a file
 * without names, leaves addresses. */
int debug_backtrace(struct ctl *c, domid_t id, const char *kernel, FILE *out,
		    struct reason *why);

/* An ELF core file of the kernel's address space as vCPU 0 sees it, with every
 * vCPU as a thread: what `gdb KERNEL FILE` opens. */
int debug_dump_core(struct ctl *c, domid_t id, const char *name, FILE *out,
		    struct reason *why);

/* For a signal handler: a core file that is being written ends, -EINTR. */
void debug_stop(void);

#endif
