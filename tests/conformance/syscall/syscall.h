/* SPDX-License-Identifier: MIT */
/* syscall.h - what the files of this suite share.
 */
#ifndef SYSCALL_H
#define SYSCALL_H

#include <xen/callback.h>

#include "lib.h"

#define event_mask	(shared->vcpu_info[0].evtchn_upcall_mask)
#define LOW		0x400000ul	/* a page below 4 GiB */
#define LAST_PAGE	0x7ffffffff000ul	/* of the canonical lower half */
extern uint8_t low_page[4096], last_page[4096];

/* SYSCALL; then #UD. */
extern const char syscall_only[];

void user_calls(void);
void kernel_calls(void);
void callbacks(void);
void narrow_calls(void);

#endif
