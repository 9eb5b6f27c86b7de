/* SPDX-License-Identifier: MIT */
/* grant.h - the door of the grant room: who may touch whose frames.
 *
 * Guards: a domain reaches a frame of another only while an entry of that
 * one's table says so, and the entry shows that it is in use until nobody
 * can reach the frame through it any more.
 */
#ifndef PARAVANE_GRANT_GRANT_H
#define PARAVANE_GRANT_GRANT_H

#include "domain/domain.h"

/* Limits as createdomain gives them. 0 or -ENOMEM. */
MUST_CHECK int grant_domain_init(struct domain *d, uint32_t max_frames, uint32_t max_maptrack);
/* Drop the mappings made BY d. 0 or -ERESTART. */
MUST_CHECK int grant_domain_release(struct domain *d);
/* The table's own frames; others' mappings of d's frames stay. 0. */
MUST_CHECK int grant_domain_free(struct domain *d);
/* XENMEM_acquire_resource: machine frame `index` of d's table, made if
 * absent. 0, -EINVAL or -ENOMEM. */
MUST_CHECK int grant_table_frame(struct domain *d, uint32_t index, mfn_t *out);

#endif
