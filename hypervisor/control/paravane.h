/* SPDX-License-Identifier: MIT */
/* paravane.h - what boot tells the command of our own (ops_sysctl_paravane.c).
 */
#ifndef PARAVANE_CONTROL_PARAVANE_H
#define PARAVANE_CONTROL_PARAVANE_H

#include "base/types.h"

/* RAM frames that never came to the heap and are no domain's: our image,
 * the frame table and the like. */
extern uint64_t boot_frames_kept;
/* The CPU needs defences that we do not have. */
extern bool boot_speculation_warned;

#endif
