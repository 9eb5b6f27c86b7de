/* SPDX-License-Identifier: MIT */
/* sysctl.h - between the files that answer sysctl.
 *
 * A handler answers one command for the control domain: 0 or an error. The
 * block goes back after success, and after an error where it sets `reply`.
 */
#ifndef PARAVANE_CONTROL_SYSCTL_H
#define PARAVANE_CONTROL_SYSCTL_H

#include <public/paravane.h>
#include <public/sysctl.h>

#include "domain/domain.h"

struct sysctl {
	struct xen_sysctl op;		/* our copy of the caller's block */
	bool reply;			/* it goes back in spite of an error */
};

#define SYSCTL(name)	long sysctl_##name(struct sysctl *k);
#include "control/sysctl.def"
#undef SYSCTL

/* For debug_keys: 'q' in Xen's words. */
void log_domains(void);

#endif
