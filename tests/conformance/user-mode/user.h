/* SPDX-License-Identifier: MIT */
/* user.h - what the files of this suite share.
 */
#ifndef USER_H
#define USER_H

#include "lib.h"

#define event_mask	(shared->vcpu_info[0].evtchn_upcall_mask)
#define LOW		0x400000ul		/* below 4 GiB, in both halves */
#define USER_PAGE	0x8000400000ul		/* in the user half only */
#define KERNEL_PAGE	0x10000400000ul		/* in the kernel half only */
#define NOWHERE		0x5000ul
extern uint8_t low_page[4096], user_page[4096], kernel_page[4096];

void bases(void);
void selectors(void);
void refused(void);
void tables(void);
void narrow(void);
void interrupted(void);

#endif
