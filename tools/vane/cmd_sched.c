/* SPDX-License-Identifier: MIT */
/* cmd_sched.c - vane sched and vane vcpu-pin: how much CPU, and which. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "domains.h"
#include "numbers.h"

static int share_refused(struct reason *why, int rc, domid_t id)
{
	if (rc == -EOPNOTSUPP)
		return refuse(why, rc,
			      "the scheduler in force has no weights and caps");
	return refuse_errno(why, rc,
			    "the hypervisor refused weight and cap of domain %u",
			    id);
}

static int print_shares(struct vane *v, const struct domain_list *list,
			struct reason *why)
{
	bool headed = false;

	for (unsigned int i = 0; i < list->count; i++) {
		const struct xen_domctl_getdomaininfo *d = &list->items[i];
		struct xen_domctl_sched_credit2 share = { 0 };
		char name[GUEST_NAME_MAX + 1];
		int rc = ctl_domain_share(v->ctl, d->domain, &share);

		if (rc == -ESRCH)	/* gone since */
			continue;
		if (rc)
			return share_refused(why, rc, d->domain);
		if (!headed)
			printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight",
			       "Cap");
		headed = true;
		tree_name(v->store, d, name);
		printf("%-33s %4u %6u %4u\n", name, d->domain, share.weight,
		       share.cap);
	}
	return 0;
}

static int set_share(struct vane *v,
		     const struct xen_domctl_getdomaininfo *d,
		     struct reason *why)
{
	const char *weight = option_value(v, "weight");
	const char *cap = option_value(v, "cap");
	struct xen_domctl_sched_credit2 share = { 0 };
	unsigned int number;
	int rc = ctl_domain_share(v->ctl, d->domain, &share);

	if (rc)
		return share_refused(why, rc, d->domain);
	if (weight) {
		rc = read_number(weight, "weight", 1, GUEST_WEIGHT_MAX, &number,
				 why);
		share.weight = (uint16_t)number;
	}
	if (!rc && cap) {
		/* no more than all its vCPUs could use */
		rc = read_number(cap, "cap", 0, 100 * (d->max_vcpu_id + 1),
				 &number, why);
		share.cap = (uint16_t)number;
	}
	if (rc)
		return rc;
	rc = ctl_domain_set_share(v->ctl, d->domain, &share);
	return rc ? share_refused(why, rc, d->domain) : 0;
}

static int all_shares(struct vane *v)
{
	struct domain_list list = { 0 };
	struct reason why = { 0 };
	int limit, rc = collect_domains(v, &list);

	if (rc)
		goto out;
	limit = ctl_scheduler_ratelimit(v->ctl);
	if (limit >= 0)
		printf("Cpupool Pool-0: ratelimit=%dus\n", limit);
	rc = print_shares(v, &list, &why) ? complain(&why) : EXIT_DONE;
out:
	free(list.items);
	return rc;
}

int cmd_sched(struct vane *v)
{
	const char *domain = option_value(v, "domain");
	bool set = option_given(v, "weight") || option_given(v, "cap");
	struct xen_domctl_getdomaininfo info;
	struct domain_list one = { &info, 1 };
	struct reason why = { 0 };
	int rc;

	if (!domain && set) {
		refuse(&why, -EINVAL,
		       "weight and cap are a domain's: say which with -d DOMAIN");
		return complain(&why);
	}
	if (!domain)
		return all_shares(v);
	rc = need_domain(v, domain, &info);
	if (rc)
		return rc;
	want_store(v);
	rc = set ? set_share(v, &info, &why) :
		   print_shares(v, &one, &why);
	return rc ? complain(&why) : EXIT_DONE;
}

/* --- vcpu-pin --------------------------------------------------------------- */

/* The n-th argument as a set; NULL where it is missing or says "-". */
static int read_set(struct vane *v, int n, struct cpu_set *room,
		    const struct cpu_set **set, struct reason *why)
{
	struct xen_sysctl_physinfo machine;
	int rc;

	*set = NULL;
	if (n >= v->argument_count || !strcmp(v->arguments[n], "-"))
		return 0;
	rc = cpu_set_parse(room, v->arguments[n], why);
	if (rc)
		return rc;
	rc = ctl_physinfo(v->ctl, &machine);
	if (rc)
		return refuse_errno(why, rc,
				    "cannot ask the hypervisor for its CPUs");
	*set = room;
	return cpu_set_check(room, machine.max_cpu_id + 1, why);
}

/* A soft affinity that the hard one shuts out is kept, but does nothing. */
static void warn_of_soft(struct ctl *c, domid_t id, unsigned int vcpu)
{
	struct cpu_set hard = { 0 }, soft = { 0 };

	if (ctl_vcpu_affinity(c, id, vcpu, &hard, &soft))
		return;
	for (unsigned int i = 0; i < CPU_SET_BYTES; i++)
		if (hard.bytes[i] & soft.bytes[i])
			return;
	fprintf(stderr,
		"vane: warning: vCPU %u may run on no CPU of its soft affinity, which is without effect\n",
		vcpu);
}

static int pin(struct vane *v, domid_t id, unsigned int first,
	       unsigned int last, struct reason *why)
{
	struct cpu_set rooms[2];
	const struct cpu_set *hard, *soft;
	int rc = read_set(v, 2, &rooms[0], &hard, why);

	if (!rc)
		rc = read_set(v, 3, &rooms[1], &soft, why);
	if (rc)
		return rc;
	if (!hard && !soft)
		return refuse(why, -EINVAL,
			      "both affinities are \"-\": there is nothing to do");
	for (unsigned int vcpu = first; vcpu <= last; vcpu++) {
		rc = ctl_vcpu_pin(v->ctl, id, vcpu, hard, soft,
				  option_given(v, "force"));
		if (rc == -EBUSY)
			return refuse(why, rc,
				      "vCPU %u is pinned by its own domain for now; --force ends that",
				      vcpu);
		if (rc)
			return refuse_errno(why, rc,
					    "the hypervisor refused to pin vCPU %u of domain %u",
					    vcpu, id);
		warn_of_soft(v->ctl, id, vcpu);
	}
	return 0;
}

int cmd_vcpu_pin(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	unsigned int first = 0, last;
	int rc = need_domain(v, v->arguments[0], &info);

	if (rc)
		return rc;
	last = info.max_vcpu_id;
	if (strcmp(v->arguments[1], "all")) {
		rc = read_number(v->arguments[1], "vCPU", 0, info.max_vcpu_id,
				 &first, &why);
		last = first;
	}
	if (!rc)
		rc = pin(v, info.domain, first, last, &why);
	return rc ? complain(&why) : EXIT_DONE;
}
