/* SPDX-License-Identifier: MIT */
/* about.h - what boot tells the calls that answer about the hypervisor.
 */
#ifndef PARAVANE_CONTROL_ABOUT_H
#define PARAVANE_CONTROL_ABOUT_H

#include "base/types.h"

/* The release of Xen whose guest ABI and tool interfaces we speak. */
#define ABI_MAJOR	4
#define ABI_MINOR	17

/* The options we were started with, for XENVER_commandline. */
void version_set_command_line(const char *options);
/* RAM frames of the machine, by the loader's map. */
extern uint64_t boot_ram_frames;
/* The CPU needs defences that we do not have. */
extern bool boot_speculation_warned;

#endif
