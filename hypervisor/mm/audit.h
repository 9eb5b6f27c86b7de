/* SPDX-License-Identifier: MIT */
/* audit.h - every count recomputed from nothing.
 */
#ifndef PARAVANE_MM_AUDIT_H
#define PARAVANE_MM_AUDIT_H

#include <public/paravane.h>

#include "base/compiler.h"

/* One bounded piece from a->next on (0 to begin): 0 when all frames are
 * looked at, -ERESTART with a->next advanced, -ENOMEM without room to count.
 * The caller holds the lifecycle lock and no other. */
MUST_CHECK int mm_audit(struct paravane_audit *a);

#endif
