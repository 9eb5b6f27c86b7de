/* SPDX-License-Identifier: MIT */
/* dry_run.h - the domain that would be built, in words. */
#ifndef VANE_DRY_RUN_H
#define VANE_DRY_RUN_H

#include <stdbool.h>

#include "base/reason.h"
#include "config/guest_config.h"

int dry_run(const struct guest_config *guest, bool as_json,
	    struct reason *why);

#endif
