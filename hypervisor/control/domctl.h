/* SPDX-License-Identifier: MIT */
/* domctl.h - between the files that answer domctl.
 *
 * A handler answers one command for a caller whose rights are checked: 0 or an
 * error. The block goes back after success where the command's row says so
 * (domctl.def), and after an error where the handler sets `reply`.
 */
#ifndef PARAVANE_CONTROL_DOMCTL_H
#define PARAVANE_CONTROL_DOMCTL_H

#include <public/domctl.h>

#include "domain/domain.h"

struct domctl {
	struct vcpu *caller;
	struct domain *d;		/* held; NULL for createdomain, getdomaininfo */
	struct xen_domctl op;		/* our copy of the block */
	bool reply;			/* it goes back in spite of an error */
	bool resumed;			/* the block holds progress (as sysctl.h has it) */
};

#define DOMCTL(name, back)	long domctl_##name(struct domctl *k);
#include "control/domctl.def"
#undef DOMCTL

void domain_describe(struct domain *d, struct xen_domctl_getdomaininfo *out);

#endif
