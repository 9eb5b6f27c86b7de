/* SPDX-License-Identifier: MIT */
/* cmd_config.c - vane config: the domain file that a domain was made from. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vane.h"

static int print_config(struct vane *v,
			const struct xen_domctl_getdomaininfo *info,
			struct reason *why)
{
	struct tree_kept kept;
	char *text;
	int rc = tree_kept(v->store, info, &kept);

	if (rc)
		return refuse_errno(why, rc,
				    "the store does not say what domain %u is made of",
				    info->domain);
	if (kept.state == TREE_FOREIGN)
		return refuse(why, -ENOENT,
			      "domain %u was not made by vane, which keeps no domain file of it",
			      info->domain);
	text = tree_config_text(v->store, info->domain);
	if (!text)
		return refuse_errno(why, -errno,
				    "cannot read the domain file of domain %u",
				    info->domain);
	printf("# domain %u, made from %s\n%s", info->domain, kept.config_path,
	       text);
	free(text);
	return 0;
}

int cmd_config(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_domain(v, v->arguments[0], &info);

	if (!rc)
		rc = need_store(v);
	if (!rc && print_config(v, &info, &why))
		rc = complain(&why);
	return rc;
}
