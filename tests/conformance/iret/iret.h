/* SPDX-License-Identifier: MIT */
/* iret.h - what the files of this suite share.
 */
#ifndef IRET_H
#define IRET_H

#include "lib.h"

/* Flags into rdx, then #UD two bytes on. */
extern const char flags_to_rdx[], undefined[];
#define event_mask	(shared->vcpu_info[0].evtchn_upcall_mask)

void flags(void);
void selectors(void);
void places(void);
void privilege(void);

#endif
