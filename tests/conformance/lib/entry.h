/* SPDX-License-Identifier: MIT */
/* entry.h - the ways into the kernel by number, for C and assembly.
 */
#ifndef CONFORMANCE_ENTRY_H
#define CONFORMANCE_ENTRY_H

/* 0 to 255 are vectors; these are callbacks. */
#define ENTRY_EVENT	256
#define ENTRY_FAILSAFE	257
#define ENTRY_SYSCALL	258
#define ENTRY_NMI	259
#define ENTRY_OTHER	260	/* for a suite's own purpose */
#define ENTRY_LAST	260

/* sizeof(struct frame), asserted in traps.c. */
#define FRAME_SIZE	184

#endif
