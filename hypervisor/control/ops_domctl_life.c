/* SPDX-License-Identifier: MIT */
/* ops_domctl_life.c - domctl: a domain's life, and what it is doing.
 *
 * Guards: a caller can neither pause nor destroy itself; limits of a new
 * domain are checked before anything is made.
 * Not here: how a domain is put together (lifecycle.c).
 */
#include "control/domctl.h"

#include "base/errno.h"
#include "base/string.h"
#include "control/lifecycle.h"
#include "cpu/cpus.h"
#include "sched/sched.h"

#define PAUSE_COUNT_MAX	255U
#define CDF_KNOWN	(XEN_DOMCTL_CDF_MAX * 2 - 1)

static long check_config(const struct xen_domctl_createdomain *c)
{
	/* Of the kinds there are, ours are PV and without devices. */
	const uint32_t refused = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap |
				 XEN_DOMCTL_CDF_iommu | XEN_DOMCTL_CDF_nested_virt |
				 XEN_DOMCTL_CDF_vpmu;

	if (c->flags & ~CDF_KNOWN || c->flags & refused || c->iommu_opts)
		return -EINVAL;
	if (!c->max_vcpus || c->max_vcpus > MAX_VCPUS)
		return -EINVAL;
	if (c->grant_opts != XEN_DOMCTL_GRANT_version(1))
		return -EINVAL;
	if (!c->max_grant_frames || c->max_grant_frames > (int32_t)DEFAULT_GRANT_FRAMES ||
	    c->max_maptrack_frames > (int32_t)DEFAULT_MAPTRACK_FRAMES)
		return -EINVAL;
	if (c->arch.misc_flags & ~XEN_X86_MISC_FLAGS_MAX || c->vmtrace_size)
		return -EINVAL;
	if (c->arch.emulation_flags & ~XEN_X86_EMU_ALL)
		return -EINVAL;
	if (c->arch.emulation_flags)
		return -EOPNOTSUPP;
	return c->cpupool_id ? -ESRCH : 0;
}

static bool id_is_free(domid_t id)
{
	struct domain *d = domain_get_by_id(id);

	if (d)
		domain_put(d);
	return !d;
}

/* The next id nobody has; ids are not used again soon. 0: none is free. Under
 * the lifecycle lock, as every domctl. */
static domid_t choose_id(void)
{
	static domid_t last;
	domid_t id = last;

	do {
		id = (domid_t)(id + 1);
		if (id >= DOMID_FIRST_RESERVED)
			id = 1;
		if (id_is_free(id)) {
			last = id;
			return id;
		}
	} while (id != last);
	return 0;
}

long domctl_createdomain(struct domctl *k)
{
	const struct xen_domctl_createdomain *c = &k->op.u.createdomain;
	struct domain_plan plan = {
		.id = k->op.domain,
		.max_vcpus = c->max_vcpus,
		.max_evtchn_port = c->max_evtchn_port,
		.max_grant_frames = c->max_grant_frames < 0 ?
			DEFAULT_GRANT_FRAMES : (uint32_t)c->max_grant_frames,
		.max_maptrack_frames = c->max_maptrack_frames < 0 ?
			DEFAULT_MAPTRACK_FRAMES : (uint32_t)c->max_maptrack_frames,
		.ssidref = c->ssidref,
	};
	struct domain *d;
	long rc;

	if (plan.id > 0 && plan.id < DOMID_FIRST_RESERVED) {
		if (!id_is_free(plan.id))
			return -EEXIST;
	} else {
		plan.id = choose_id();
		if (!plan.id)
			return -ENOMEM;
	}
	rc = check_config(c);
	if (rc)
		return rc;
	memcpy(plan.handle, c->handle, sizeof(plan.handle));
	rc = lifecycle_create(&plan, &d);
	if (rc)
		return rc;
	k->op.domain = d->id;
	domain_put(d);
	return 0;
}

/* References on a dead domain to which nobody else refers. */
#define TABLE_AND_OURS	2

/* Who is told that a domain is destroyed does not find it any more, unless
 * somebody still maps its frames or has a port to it. */
long domctl_destroydomain(struct domctl *k)
{
	long rc;

	/* It was dead already and is gone, now that every CPU has been at its
	 * exit. Another may have its number. */
	if (k->resumed && (!k->d || k->d->life != DOMAIN_DEAD))
		return 0;
	if (k->d == k->caller->domain)
		return -EINVAL;
	rc = lifecycle_destroy(k->d);
	if (rc || __atomic_load_n(&k->d->refs, __ATOMIC_ACQUIRE) != TABLE_AND_OURS)
		return rc;
	k->reply = true;
	return -ERESTART;
}

long domctl_pausedomain(struct domctl *k)
{
	if (k->d == k->caller->domain)
		return -EINVAL;
	if (k->d->pause_count >= PAUSE_COUNT_MAX)
		return -EOVERFLOW;
	sched_domain_pause(k->d);
	/* "Paused" means that nothing of it runs any more. */
	while (sched_domain_stop(k->d))
		cpu_relax();
	return 0;
}

long domctl_unpausedomain(struct domctl *k)
{
	return sched_domain_unpause(k->d);
}

long domctl_resumedomain(struct domctl *k)
{
	struct domain *d = k->d;

	if (d == k->caller->domain)
		return -EINVAL;
	spin_lock(&d->lock);
	d->shutdown = false;
	d->shutdown_code = SHUTDOWN_CODE_NONE;
	d->crash_reason[0] = 0;
	spin_unlock(&d->lock);
	sched_domain_update(d);
	return 0;
}

long domctl_max_vcpus(struct domctl *k)
{
	if (k->d == k->caller->domain || k->op.u.max_vcpus.max != k->d->max_vcpus)
		return -EINVAL;
	return lifecycle_make_vcpus(k->d);
}

static uint32_t describe_vcpus(struct domain *d, struct xen_domctl_getdomaininfo *out)
{
	uint32_t flags = XEN_DOMINF_blocked;

	out->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	for (uint32_t i = 0; i < d->max_vcpus; i++) {
		struct vcpu *v = d->vcpu[i];

		if (!v)
			continue;
		out->max_vcpu_id = i;
		out->cpu_time += sched_runtime(v);
		if (!sched_vcpu_is_up(v))
			continue;
		out->nr_online_vcpus++;
		if (!sched_vcpu_blocked(v))
			flags &= ~XEN_DOMINF_blocked;
		if (sched_vcpu_running(v))
			flags |= XEN_DOMINF_running;
	}
	return out->nr_online_vcpus ? flags : 0;
}

void domain_describe(struct domain *d, struct xen_domctl_getdomaininfo *out)
{
	/* As the ABI has it: a code not known yet is all ones. */
	uint32_t code = d->shutdown_code == SHUTDOWN_CODE_NONE ? ~0U : d->shutdown_code;

	memset(out, 0, sizeof(*out));
	out->domain = d->id;
	out->flags = describe_vcpus(d, out) | code << XEN_DOMINF_shutdownshift;
	if (d->life == DOMAIN_DEAD)
		out->flags |= XEN_DOMINF_dying;
	if (d->shutdown)
		out->flags |= XEN_DOMINF_shutdown;
	if (d->pause_count)
		out->flags |= XEN_DOMINF_paused;
	if (d->debugged)
		out->flags |= XEN_DOMINF_debugged;
	out->tot_pages = d->mm.frames;
	out->max_pages = d->mm.max_frames;
	out->shared_info_frame = d->shared_mfn.n;
	out->ssidref = d->ssidref;
	memcpy(out->handle, d->handle, sizeof(out->handle));
}

long domctl_getdomaininfo(struct domctl *k)
{
	if (k->op.domain >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	k->d = domain_get_next(k->op.domain);
	if (!k->d)
		return -ESRCH;
	domain_describe(k->d, &k->op.u.getdomaininfo);
	k->op.domain = k->d->id;
	return 0;
}
