/* SPDX-License-Identifier: MIT */
/* terminal.h - this terminal as a guest's console. */
#ifndef VANE_TERMINAL_H
#define VANE_TERMINAL_H

#include <xen/xen.h>

#include "base/reason.h"

/* Ctrl-] */
#define DETACH_KEY 0x1d

/* Joins standard input and output with the console until the person types the
 * key (DETACH_KEY, or another) or the domain is gone. */
int terminal_attach(domid_t id, char key, struct reason *why);

/* Prints what consoled remembers of the console and returns. */
int terminal_show(domid_t id, struct reason *why);

#endif
