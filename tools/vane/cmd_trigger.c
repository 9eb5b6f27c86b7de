/* SPDX-License-Identifier: MIT */
/* cmd_trigger.c - vane trigger: press a button that a real machine would have.
 */
#include <errno.h>
#include <string.h>

#include "vane.h"

/* xl's words; a PV guest has an ear for the first only. */
static const struct {
	const char *word;
	uint32_t number;
} triggers[] = {
	{ "nmi", XEN_DOMCTL_SENDTRIGGER_NMI },
	{ "reset", XEN_DOMCTL_SENDTRIGGER_RESET },
	{ "init", XEN_DOMCTL_SENDTRIGGER_INIT },
	{ "power", XEN_DOMCTL_SENDTRIGGER_POWER },
	{ "sleep", XEN_DOMCTL_SENDTRIGGER_SLEEP },
};

static int find(const char *word, uint32_t *number, struct reason *why)
{
	for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++) {
		if (!strcmp(triggers[i].word, word)) {
			*number = triggers[i].number;
			return 0;
		}
	}
	return refuse(why, -EINVAL, "there is no trigger \"%s\": nmi is what a PV domain has",
		      word);
}

static int press(struct vane *v, const struct xen_domctl_getdomaininfo *info,
		 struct reason *why)
{
	const char *text = v->argument_count > 2 ? v->arguments[2] : "0";
	uint32_t trigger, vcpu;
	char rest;
	int rc = find(v->arguments[1], &trigger, why);

	if (rc)
		return rc;
	if (sscanf(text, "%u%c", &vcpu, &rest) != 1)
		return refuse(why, -EINVAL, "\"%s\" is no vCPU's number", text);
	rc = ctl_domain_trigger(v->ctl, info->domain, trigger, vcpu);
	if (rc == -ESRCH)
		return refuse(why, rc, "domain %u has no vCPU %u", info->domain,
			      vcpu);
	if (rc == -ENOSYS || rc == -EINVAL)
		return refuse(why, rc,
			      "a PV domain has no %s button; vane shutdown and vane reboot ask it through the store",
			      v->arguments[1]);
	return rc ? refuse_errno(why, rc, "cannot trigger %s in domain %u",
				 v->arguments[1], info->domain) : 0;
}

int cmd_trigger(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_domain(v, v->arguments[0], &info);

	if (rc)
		return rc;
	return press(v, &info, &why) ? complain(&why) : EXIT_DONE;
}
