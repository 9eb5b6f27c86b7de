/* SPDX-License-Identifier: MIT */
/* balloon.h - more or less memory than the domain began with. */
#ifndef KERNEL_XEN_PV_BALLOON_H
#define KERNEL_XEN_PV_BALLOON_H

#include "core/types.h"

/* Pages that may come later, beyond those of the start. */
void balloon_init(uint64_t first_pfn, uint64_t end_pfn);

/* One bounded step towards so many pages in all. True: call again soon;
 * false: done, or as far as it goes for now. */
bool balloon_step(uint64_t target);
bool balloon_is_at(uint64_t target);

#endif
