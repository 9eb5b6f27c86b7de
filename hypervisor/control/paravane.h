/* SPDX-License-Identifier: MIT */
/* paravane.h - what boot tells the command of our own (ops_sysctl_paravane.c).
 */
#ifndef PARAVANE_CONTROL_PARAVANE_H
#define PARAVANE_CONTROL_PARAVANE_H

#include "base/types.h"

/* RAM frames of the machine, by the loader's map. */
extern uint64_t boot_ram_frames;
/* The CPU needs defences that we do not have. */
extern bool boot_speculation_warned;

#endif
