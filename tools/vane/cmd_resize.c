/* SPDX-License-Identifier: MIT */
/* cmd_resize.c - how much a running guest has: mem-set, mem-max, vcpu-set.
 *
 * mem-set and vcpu-set ask the guest through the store; mem-max, and the limit
 * that goes with mem-set, are the hypervisor's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "numbers.h"
#include "vane.h"

/* What a guest may have beyond its target, as xl leaves it. */
#define SLACK_KIB 1024
#define LEAST_KIB 1024

static int read_kib(struct vane *v, domid_t id, const char *node,
		    uint64_t *kib)
{
	char text[24];
	int rc = tree_read(v->store, XBT_NULL, text, sizeof(text),
			   "/local/domain/%u/memory/%s", id, node);

	*kib = strtoull(text, NULL, 10);
	return rc;
}

static int set_limit(struct vane *v, domid_t id, uint64_t kib,
		     struct reason *why)
{
	int rc = ctl_domain_max_mem(v->ctl, id, kib);

	return rc ? refuse_errno(why, rc,
				 "the hypervisor refused a limit of %llu KiB",
				 (unsigned long long)kib) : 0;
}

static int write_target(struct vane *v, domid_t id, uint64_t kib,
			struct reason *why)
{
	char text[24];
	int rc;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)kib);
	rc = tree_write(v->store, XBT_NULL, text,
			"/local/domain/%u/memory/target", id);
	return rc ? refuse_errno(why, rc,
				 "the store refused the target of domain %u",
				 id) : 0;
}

static int set_target(struct vane *v, domid_t id, uint64_t kib,
		      struct reason *why)
{
	uint64_t most;
	int rc = read_kib(v, id, "static-max", &most);

	if (rc)
		return refuse_errno(why, rc,
				    "the store does not say how much memory domain %u may have (memory/static-max)",
				    id);
	if (kib < LEAST_KIB)
		return refuse(why, -ERANGE,
			      "%llu KiB is too little: a guest keeps at least %d KiB",
			      (unsigned long long)kib, LEAST_KIB);
	if (kib > most)
		return refuse(why, -ERANGE,
			      "%llu KiB is more than the maxmem= of domain %u, which is %llu KiB",
			      (unsigned long long)kib, id,
			      (unsigned long long)most);
	rc = set_limit(v, id, kib + SLACK_KIB, why);
	return rc ? rc : write_target(v, id, kib, why);
}

/* The domain and the amount that both commands are given. */
static int memory_arguments(struct vane *v,
			    struct xen_domctl_getdomaininfo *info,
			    uint64_t *kib)
{
	struct reason why = { 0 };
	int rc;

	if (read_memory_size(v->arguments[1], kib, &why))
		return complain(&why);
	rc = need_guest(v, v->arguments[0], "resized", info);
	return rc ? rc : need_store(v);
}

int cmd_mem_set(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	uint64_t kib;
	int rc = memory_arguments(v, &info, &kib);

	if (!rc && set_target(v, info.domain, kib, &why))
		rc = complain(&why);
	return rc;
}

int cmd_mem_max(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	uint64_t kib, target;
	int rc = memory_arguments(v, &info, &kib);

	if (rc)
		return rc;
	if (!read_kib(v, info.domain, "target", &target) && kib < target)
		refuse(&why, -ERANGE,
		       "%llu KiB is less than domain %u is to have (%llu KiB): lower that first with `vane mem-set`",
		       (unsigned long long)kib, info.domain,
		       (unsigned long long)target);
	else if (!set_limit(v, info.domain, kib, &why))
		return EXIT_DONE;
	return complain(&why);
}

static int check_vcpus(struct vane *v,
		       const struct xen_domctl_getdomaininfo *info,
		       unsigned int *count, struct reason *why)
{
	struct xen_sysctl_physinfo machine;
	int rc = read_number(v->arguments[1], "the number of vCPUs", 1,
			     info->max_vcpu_id + 1, count, why);

	if (rc || option_given(v, "ignore-host"))
		return rc;
	rc = ctl_physinfo(v->ctl, &machine);
	if (rc)
		return refuse_errno(why, rc,
				    "cannot ask the hypervisor for its CPUs");
	if (*count > machine.nr_cpus)
		return refuse(why, -ERANGE,
			      "%u vCPUs are more than the %u CPUs of this machine; -i does it all the same",
			      *count, machine.nr_cpus);
	return 0;
}

int cmd_vcpu_set(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	unsigned int count;
	int rc = need_guest(v, v->arguments[0], "resized", &info);

	if (!rc)
		rc = need_store(v);
	if (rc)
		return rc;
	rc = check_vcpus(v, &info, &count, &why);
	for (unsigned int i = 0; !rc && i <= info.max_vcpu_id; i++) {
		rc = tree_write(v->store, XBT_NULL,
				i < count ? "online" : "offline",
				"/local/domain/%u/cpu/%u/availability",
				info.domain, i);
		if (rc)
			refuse_errno(&why, rc,
				     "the store refused vCPU %u of domain %u",
				     i, info.domain);
	}
	return rc ? complain(&why) : EXIT_DONE;
}
