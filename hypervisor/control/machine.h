/* SPDX-License-Identifier: MIT */
/* machine.h - the machine as the tools see it.
 */
#ifndef PARAVANE_CONTROL_MACHINE_H
#define PARAVANE_CONTROL_MACHINE_H

#include <public/domctl.h>

/* One CPU and one node so far. */
#define NR_CPUS		1U
#define NR_NODES	1U

/* Ours shares the CPU by weight, as this one does. */
#define SCHEDULER_ID	XEN_SCHEDULER_CREDIT2

/* settscinfo: 0 default, 1 always emulated, 2 never. */
#define TSC_MODE_NEVER	2U
#define TSC_MODE_MAX	2U

#endif
