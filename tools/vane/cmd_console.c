/* SPDX-License-Identifier: MIT */
/* cmd_console.c - vane console. */
#include <errno.h>

#include "terminal.h"
#include "vane.h"

int cmd_console(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_domain(v, v->arguments[0], &info);

	if (rc)
		return rc;
	if (info.domain == 0)
		rc = refuse(&why, -EINVAL,
			    "Domain-0 has the machine's own console");
	else if (option_given(v, "show"))
		rc = terminal_show(info.domain, &why);
	else
		rc = terminal_attach(info.domain, &why);
	return rc ? complain(&why) : EXIT_DONE;
}
