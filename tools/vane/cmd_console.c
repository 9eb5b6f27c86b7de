/* SPDX-License-Identifier: MIT */
/* cmd_console.c - vane console. */
#include <errno.h>

#include "kept_log.h"
#include "terminal.h"
#include "vane.h"

/* A guest that is gone has left its words behind. */
static int console_of_the_gone(struct vane *v, struct reason *why)
{
	const char *name = v->arguments[0];
	char path[PATH_ROOM];
	int rc;

	if (kept_log_find(name, path))
		return refuse(why, -ESRCH,
			      "there is no domain \"%s\"; `vane list` shows those there are",
			      name);
	if (!option_given(v, "show"))
		return refuse(why, -ESRCH,
			      "there is no domain \"%s\" any more; `vane console --show %s` prints what is kept of its output",
			      name, name);
	fprintf(stderr, "vane: \"%s\" is gone; this is %s\n", name, path);
	rc = kept_log_print(path, stdout);
	return rc ? refuse_errno(why, rc, "cannot read %s", path) : 0;
}

int cmd_console(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_ctl(v);

	if (rc)
		return rc;
	/* what is kept of a guest's output is found without the store */
	if (!v->store)
		v->store = tree_open(&(struct reason){ 0 });
	rc = tree_find(v->ctl, v->store, v->arguments[0], &info);
	if (rc == -ENOTCONN)
		rc = -ESRCH;
	if (rc == -ESRCH)
		rc = console_of_the_gone(v, &why);
	else if (rc < 0)
		rc = refuse_errno(&why, rc, "cannot ask for domain \"%s\"",
				  v->arguments[0]);
	else if (info.domain == 0)
		rc = refuse(&why, -EINVAL,
			    "Domain-0 has the machine's own console");
	else if (option_given(v, "show"))
		rc = terminal_show(info.domain, &why);
	else
		rc = terminal_attach(info.domain, &why);
	return rc ? complain(&why) : EXIT_DONE;
}
