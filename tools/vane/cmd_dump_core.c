/* SPDX-License-Identifier: MIT */
/* cmd_dump_core.c - vane dump-core and vane backtrace: a domain as a debugger
 * wants it. It stands still meanwhile.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "debug/debug.h"
#include "vane.h"

static int dump(struct vane *v, domid_t id, struct reason *why)
{
	const char *path = v->arguments[1];
	bool to_stdout = !strcmp(path, "-");
	FILE *out = to_stdout ? stdout : fopen(path, "we");
	int rc;

	if (!out)
		return refuse_errno(why, -errno, "cannot write %s", path);
	rc = debug_dump_core(v->ctl, id, path, out, why);
	if (to_stdout)
		return rc;
	if (fclose(out) && !rc)
		rc = refuse_errno(why, -errno, "cannot write %s", path);
	/* Half a file would be taken for a whole one. */
	if (rc)
		unlink(path);
	return rc;
}

/* Runs `look` while the domain is paused. */
static int look_at(struct vane *v,
		   int (*look)(struct vane *v, domid_t id, struct reason *why))
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_domain(v, v->arguments[0], &info);

	if (rc)
		return rc;
	if (!info.domain) {
		refuse(&why, -EINVAL,
		       "the control domain cannot stand still and look at itself");
		return complain(&why);
	}
	rc = ctl_domain_pause(v->ctl, info.domain);
	if (rc) {
		refuse_errno(&why, rc, "cannot pause domain %u", info.domain);
		return complain(&why);
	}
	rc = look(v, info.domain, &why);
	ctl_domain_unpause(v->ctl, info.domain);
	return rc ? complain(&why) : EXIT_DONE;
}

int cmd_dump_core(struct vane *v)
{
	return look_at(v, dump);
}

static int backtrace(struct vane *v, domid_t id, struct reason *why)
{
	return debug_backtrace(v->ctl, id, option_value(v, "kernel"), stdout,
			       why);
}

int cmd_backtrace(struct vane *v)
{
	return look_at(v, backtrace);
}
