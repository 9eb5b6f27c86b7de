/* SPDX-License-Identifier: MIT */
/* rows.h - the commands of a front that take one structure, a row each.
 *
 * Rows of a `switch` on the command, where `v` is the vCPU meant and `arg` the
 * structure's address: it is copied once (EFAULT), and the function gets the
 * copy. ARG_BACK hands it back as the function left it, unless that refused.
 */
#ifndef PARAVANE_GUEST_ROWS_H
#define PARAVANE_GUEST_ROWS_H

#include "guest/access.h"

#define ARG(command, function, type)					\
	case command: {							\
		type copy;						\
									\
		if (copy_from_guest(&copy, arg, sizeof(copy)))		\
			return -EFAULT;					\
		return function(v, &copy);				\
	}

#define ARG_BACK(command, function, type)				\
	case command: {							\
		type copy;						\
		long rc;						\
									\
		if (copy_from_guest(&copy, arg, sizeof(copy)))		\
			return -EFAULT;					\
		rc = function(v, &copy);				\
		return rc ? rc : copy_to_guest(arg, &copy, sizeof(copy)); \
	}

#endif
