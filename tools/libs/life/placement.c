/* SPDX-License-Identifier: MIT */
/* placement.c - cpu_weight=, cap=, cpus= and cpus_soft= of a new domain.
 *
 * Not here: what the keys may say (config/guest_config.c).
 */
#include <errno.h>

#include "life/placement.h"

static int set_share(struct ctl *c, const struct guest_config *guest,
		     domid_t id, struct reason *why)
{
	struct xen_domctl_sched_credit2 share = { 0 };
	int rc;

	if (!guest->weight && !guest->cap)
		return 0;
	rc = ctl_domain_share(c, id, &share);
	if (rc == -EOPNOTSUPP)
		return refuse(why, rc,
			      "cpu_weight= and cap= are not for the scheduler in force, which has no weights and caps");
	if (guest->weight)
		share.weight = (uint16_t)guest->weight;
	share.cap = (uint16_t)guest->cap;
	if (!rc)
		rc = ctl_domain_set_share(c, id, &share);
	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused cpu_weight= or cap=");
	return 0;
}

/* The set for that vCPU out of a domain file's, or NULL. */
static const struct cpu_set *set_of(const struct cpu_set *sets, uint32_t count,
				    uint32_t vcpu)
{
	return vcpu < count ? &sets[vcpu] : NULL;
}

static int check_set(const struct cpu_set *set, const char *key,
		     uint32_t vcpu, unsigned int nr_cpus, struct reason *why)
{
	struct reason inner = { 0 };

	if (!set || !cpu_set_check(set, nr_cpus, &inner))
		return 0;
	return refuse(why, -EINVAL, "%s= for vCPU %u: %s", key, vcpu,
		      inner.text);
}

static int pin_vcpus(struct ctl *c, const struct guest_config *guest,
		     domid_t id, struct reason *why)
{
	struct xen_sysctl_physinfo machine;
	int rc = 0;

	if (!guest->cpus_count && !guest->cpus_soft_count)
		return 0;
	rc = ctl_physinfo(c, &machine);
	if (rc)
		return refuse_errno(why, rc,
				    "cannot ask the hypervisor for its CPUs");
	for (uint32_t vcpu = 0; vcpu < guest->vcpus; vcpu++) {
		const struct cpu_set *hard =
			set_of(guest->cpus, guest->cpus_count, vcpu);
		const struct cpu_set *soft =
			set_of(guest->cpus_soft, guest->cpus_soft_count, vcpu);

		rc = check_set(hard, "cpus", vcpu, machine.max_cpu_id + 1, why);
		if (!rc)
			rc = check_set(soft, "cpus_soft", vcpu,
				       machine.max_cpu_id + 1, why);
		if (rc)
			return rc;
		if (hard || soft)
			rc = ctl_vcpu_pin(c, id, vcpu, hard, soft, false);
		if (rc)
			return refuse_errno(why, rc,
					    "the hypervisor refused cpus= or cpus_soft= for vCPU %u",
					    vcpu);
	}
	return 0;
}

int apply_placement(struct ctl *c, const struct guest_config *guest, domid_t id,
		    struct reason *why)
{
	int rc = set_share(c, guest, id, why);

	return rc ? rc : pin_vcpus(c, guest, id, why);
}
