/* SPDX-License-Identifier: MIT */
/* sysctl.h - between the files that answer sysctl.
 *
 * A handler answers one command for the control domain: 0 or an error. The
 * block goes back after success, and after an error where it sets `reply`.
 * After -ERESTART with `reply` it holds progress in fields that are only
 * written, or not used; the command is marked (CMD_RESUMED) until it is done.
 */
#ifndef PARAVANE_CONTROL_SYSCTL_H
#define PARAVANE_CONTROL_SYSCTL_H

#include <public/paravane.h>
#include <public/sysctl.h>

#include "domain/domain.h"

/* Budget units of writing one line to the log and the console's port. */
#define LOG_LINE_UNITS	150

struct sysctl {
	struct xen_sysctl op;		/* our copy of the caller's block */
	bool reply;			/* it goes back in spite of an error */
	bool resumed;			/* the block holds progress, not a question */
};

#define SYSCTL(name)	long sysctl_##name(struct sysctl *k);
#include "control/sysctl.def"
#undef SYSCTL

/* For debug_keys: 'q' in Xen's words, from id *next on; -ERESTART until all are
 * written. */
long log_domains(domid_t *next);

#endif
