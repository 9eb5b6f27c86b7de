/* SPDX-License-Identifier: MIT */
/* sched.c - who may run where, how much, and how much it did (domctl, sysctl).
 *
 * Not here: how sets of CPUs are written (base/cpu_set.c).
 */
#include <errno.h>
#include <string.h>

#include "ctl/ctl.h"

int ctl_vcpu_info(struct ctl *c, domid_t id, uint32_t vcpu,
		  struct xen_domctl_getvcpuinfo *info)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_getvcpuinfo,
		.domain = id,
		.u.getvcpuinfo.vcpu = vcpu,
	};
	int rc = ctl_domctl(c, &op);

	*info = op.u.getvcpuinfo;
	return rc;
}

/* The maps travel in the payload, a hard one first, and come back there. */
static int affinity(struct ctl *c, uint32_t command, domid_t id, uint32_t vcpu,
		    uint32_t flags, struct cpu_set *hard, struct cpu_set *soft)
{
	struct xen_domctl op = {
		.cmd = command,
		.domain = id,
		.u.vcpuaffinity = { .vcpu = vcpu, .flags = flags },
	};
	struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;
	uint8_t *maps = ctl_payload(c);
	int rc;

	if (hard) {
		a->flags |= XEN_VCPUAFFINITY_HARD;
		a->cpumap_hard.nr_bits = CPU_SET_MAX;
		set_xen_guest_handle(a->cpumap_hard.bitmap, maps);
		memcpy(maps, hard->bytes, CPU_SET_BYTES);
	}
	if (soft) {
		a->flags |= XEN_VCPUAFFINITY_SOFT;
		a->cpumap_soft.nr_bits = CPU_SET_MAX;
		set_xen_guest_handle(a->cpumap_soft.bitmap,
				     maps + CPU_SET_BYTES);
		memcpy(maps + CPU_SET_BYTES, soft->bytes, CPU_SET_BYTES);
	}
	rc = ctl_domctl(c, &op);
	if (hard)
		memcpy(hard->bytes, maps, CPU_SET_BYTES);
	if (soft)
		memcpy(soft->bytes, maps + CPU_SET_BYTES, CPU_SET_BYTES);
	return rc;
}

int ctl_vcpu_affinity(struct ctl *c, domid_t id, uint32_t vcpu,
		      struct cpu_set *hard, struct cpu_set *soft)
{
	return affinity(c, XEN_DOMCTL_getvcpuaffinity, id, vcpu, 0, hard,
			soft);
}

int ctl_vcpu_pin(struct ctl *c, domid_t id, uint32_t vcpu,
		 const struct cpu_set *hard, const struct cpu_set *soft,
		 bool force)
{
	struct cpu_set hard_copy = { 0 }, soft_copy = { 0 };

	if (hard)
		hard_copy = *hard;
	if (soft)
		soft_copy = *soft;
	return affinity(c, XEN_DOMCTL_setvcpuaffinity, id, vcpu,
			force ? XEN_VCPUAFFINITY_FORCE : 0,
			hard ? &hard_copy : NULL, soft ? &soft_copy : NULL);
}

/* credit and credit2 share one shape of weight and cap. */
static int share(struct ctl *c, domid_t id, uint32_t command,
		 struct xen_domctl_sched_credit2 *share)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_scheduler_op,
		.domain = id,
		.u.scheduler_op = { .cmd = command, .u.credit2 = *share },
	};
	int rc = ctl_scheduler(c);

	if (rc < 0)
		return rc;
	if (rc != XEN_SCHEDULER_CREDIT && rc != XEN_SCHEDULER_CREDIT2)
		return -EOPNOTSUPP;
	op.u.scheduler_op.sched_id = (uint32_t)rc;
	rc = ctl_domctl(c, &op);
	*share = op.u.scheduler_op.u.credit2;
	return rc;
}

int ctl_domain_share(struct ctl *c, domid_t id,
		     struct xen_domctl_sched_credit2 *out)
{
	return share(c, id, XEN_DOMCTL_SCHEDOP_getinfo, out);
}

int ctl_domain_set_share(struct ctl *c, domid_t id,
			 const struct xen_domctl_sched_credit2 *in)
{
	struct xen_domctl_sched_credit2 copy = *in;

	return share(c, id, XEN_DOMCTL_SCHEDOP_putinfo, &copy);
}

int ctl_scheduler(struct ctl *c)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_sched_id };
	int rc = ctl_sysctl(c, &op);

	return rc ? rc : (int)op.u.sched_id.sched_id;
}

int ctl_scheduler_ratelimit(struct ctl *c)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_scheduler_op };
	int rc = ctl_scheduler(c);

	if (rc != XEN_SCHEDULER_CREDIT2)
		return rc < 0 ? rc : -EOPNOTSUPP;
	op.u.scheduler_op.sched_id = (uint32_t)rc;
	op.u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	rc = ctl_sysctl(c, &op);
	return rc ? rc : (int)op.u.scheduler_op.u.sched_credit2.ratelimit_us;
}

int ctl_vcpu_times(struct ctl *c, domid_t id, uint32_t vcpu,
		   struct paravane_vcpu_times *times)
{
	struct paravane_sysctl request = {
		.op = PARAVANE_OP_vcpu_times,
		.u.times = { .domain = id, .vcpu = vcpu },
	};
	int rc = ctl_paravane(c, &request);

	*times = request.u.times;
	return rc;
}
