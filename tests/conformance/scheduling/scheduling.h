/* SPDX-License-Identifier: MIT */
/* scheduling.h - the parts of this suite. */
#ifndef CONFORMANCE_SCHEDULING_H
#define CONFORMANCE_SCHEDULING_H

#include <xen/sched.h>

#include "crew.h"
#include "events.h"
#include "time.h"

#define sched(cmd, arg)	call(sched_op, SCHEDOP_##cmd, arg)

void polling(void);		/* poll.c */

#endif
