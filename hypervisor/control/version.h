/* SPDX-License-Identifier: MIT */
/* version.h - what we call ourselves.
 */
#ifndef PARAVANE_CONTROL_VERSION_H
#define PARAVANE_CONTROL_VERSION_H

/* The release of Xen whose guest ABI and tool interfaces we speak. */
#define ABI_MAJOR	4
#define ABI_MINOR	17

/* Boot: the options we were started with, for XENVER_commandline. */
void version_set_command_line(const char *options);

#endif
