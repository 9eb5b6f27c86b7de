/* SPDX-License-Identifier: MIT */
/* target.c - whose frames and whose tables a call names.
 */
#include "base/errno.h"
#include "mm/target.h"

int target_find(struct vcpu *v, domid_t id, struct target *t)
{
	*t = (struct target){ .d = NULL };
	if (id == DOMID_IO)
		return 0;
	if (id == DOMID_XEN)
		return v->domain->control ? 0 : -EPERM;
	if (id == v->domain->id)
		return -ESRCH;
	t->d = domain_get_by_id(id);
	t->held = t->d;
	return t->d ? 0 : -ESRCH;
}
