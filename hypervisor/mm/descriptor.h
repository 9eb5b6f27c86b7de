/* SPDX-License-Identifier: MIT */
/* descriptor.h - which segment descriptors a guest may have.
 */
#ifndef PARAVANE_MM_DESCRIPTOR_H
#define PARAVANE_MM_DESCRIPTOR_H

#include "base/types.h"

/* May it stand in a guest's table? Privilege that is too high is lowered in
 * place. */
MUST_CHECK bool descriptor_check(uint64_t *desc);
/* All 512 of a page, lowered in place. */
MUST_CHECK bool descriptors_ok(uint64_t *page);

#endif
