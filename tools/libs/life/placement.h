/* SPDX-License-Identifier: MIT */
/* placement.h - on which CPUs a new domain runs, and how much. */
#ifndef TOOLS_LIFE_PLACEMENT_H
#define TOOLS_LIFE_PLACEMENT_H

#include "config/guest_config.h"
#include "ctl/ctl.h"

/* Before the domain runs for the first time. */
int apply_placement(struct ctl *c, const struct guest_config *guest, domid_t id,
		    struct reason *why);

#endif
