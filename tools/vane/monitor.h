/* SPDX-License-Identifier: MIT */
/* monitor.h - the process that waits for the end of a domain. */
#ifndef VANE_MONITOR_H
#define VANE_MONITOR_H

#include "config/guest_config.h"
#include "ctl/ctl.h"

/* Leaves a process behind that does what on_poweroff=, on_reboot= and
 * on_crash= say once domain `id` has shut down. It opens a handle of its own;
 * the caller's must be closed, because it does not survive the fork. */
int monitor_start(const struct guest_config *guest, const char *config_path,
		  domid_t id, struct reason *why);

#endif
