/* SPDX-License-Identifier: MIT */
/* domain.c - the life of a domain, call by call (domctl).
 *
 * Not here: what goes into a domain's memory (libs/build).
 */
#include <errno.h>
#include <string.h>

#include "ctl/ctl.h"

#include <xen/event_channel.h>

static int simple(struct ctl *c, domid_t id, uint32_t command)
{
	struct xen_domctl op = { .cmd = command, .domain = id };

	return ctl_domctl(c, &op);
}

static int set_vcpus(struct ctl *c, domid_t id, uint32_t vcpus)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_max_vcpus,
		.domain = id,
		.u.max_vcpus.max = vcpus,
	};

	return ctl_domctl(c, &op);
}

int ctl_domain_create(struct ctl *c, const struct ctl_domain_limits *limits)
{
	/* Domain 0 in the header asks for any free id. Grant limits below
	 * zero ask for the hypervisor's defaults; grant tables are version 1. */
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_createdomain,
		.u.createdomain = {
			.max_vcpus = limits->vcpus,
			.max_evtchn_port = limits->event_channels,
			.max_grant_frames = -1,
			.max_maptrack_frames = -1,
			.grant_opts = XEN_DOMCTL_GRANT_version(1),
		},
	};
	int rc;

	memcpy(op.u.createdomain.handle, limits->handle,
	       sizeof(op.u.createdomain.handle));
	rc = ctl_domctl(c, &op);
	if (rc)
		return rc;
	rc = set_vcpus(c, op.domain, limits->vcpus);
	if (rc) {
		ctl_domain_destroy(c, op.domain);
		return rc;
	}
	return op.domain;
}

int ctl_domain_destroy(struct ctl *c, domid_t id)
{
	return simple(c, id, XEN_DOMCTL_destroydomain);
}

int ctl_domain_pause(struct ctl *c, domid_t id)
{
	return simple(c, id, XEN_DOMCTL_pausedomain);
}

int ctl_domain_unpause(struct ctl *c, domid_t id)
{
	return simple(c, id, XEN_DOMCTL_unpausedomain);
}

int ctl_domain_max_mem(struct ctl *c, domid_t id, uint64_t kib)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_max_mem,
		.domain = id,
		.u.max_mem.max_memkb = kib,
	};

	return ctl_domctl(c, &op);
}

int ctl_domain_info(struct ctl *c, domid_t id,
		    struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_getdomaininfo,
		.domain = id,
	};
	int rc = ctl_domctl(c, &op);

	if (rc)
		return rc;
	/* The call answers for the next domain when this one is missing. */
	if (op.u.getdomaininfo.domain != id)
		return -ESRCH;
	*info = op.u.getdomaininfo;
	return 0;
}

int ctl_domain_list(struct ctl *c, domid_t first,
		    struct xen_domctl_getdomaininfo *list, unsigned int room)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_getdomaininfolist };
	unsigned int count;
	int rc;

	if (room > CTL_LIST_MAX)
		return -EINVAL;
	op.u.getdomaininfolist.first_domain = first;
	op.u.getdomaininfolist.max_domains = room;
	set_xen_guest_handle(op.u.getdomaininfolist.buffer,
			     (xen_domctl_getdomaininfo_t *)ctl_payload(c));
	rc = ctl_sysctl(c, &op);
	if (rc)
		return rc;
	count = op.u.getdomaininfolist.num_domains;
	if (count > room)
		return -EPROTO;
	memcpy(list, ctl_payload(c), count * sizeof(list[0]));
	return (int)count;
}

int ctl_domain_hypercall_page(struct ctl *c, domid_t id, uint64_t mfn)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_hypercall_init,
		.domain = id,
		.u.hypercall_init.gmfn = mfn,
	};

	return ctl_domctl(c, &op);
}

int ctl_domain_set_context(struct ctl *c, domid_t id, uint32_t vcpu,
			   const struct vcpu_guest_context *context)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_setvcpucontext,
		.domain = id,
		.u.vcpucontext.vcpu = vcpu,
	};

	_Static_assert(sizeof(*context) <= CTL_PAYLOAD_BYTES, "fits");
	memcpy(ctl_payload(c), context, sizeof(*context));
	set_xen_guest_handle(op.u.vcpucontext.ctxt,
			     (vcpu_guest_context_t *)ctl_payload(c));
	return ctl_domctl(c, &op);
}

int ctl_domain_context(struct ctl *c, domid_t id, uint32_t vcpu,
		       struct vcpu_guest_context *context)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_getvcpucontext,
		.domain = id,
		.u.vcpucontext.vcpu = vcpu,
	};
	int rc;

	set_xen_guest_handle(op.u.vcpucontext.ctxt,
			     (vcpu_guest_context_t *)ctl_payload(c));
	rc = ctl_domctl(c, &op);
	memcpy(context, ctl_payload(c), sizeof(*context));
	return rc;
}

int ctl_domain_trigger(struct ctl *c, domid_t id, uint32_t trigger,
		       uint32_t vcpu)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_sendtrigger,
		.domain = id,
		.u.sendtrigger = { .trigger = trigger, .vcpu = vcpu },
	};

	return ctl_domctl(c, &op);
}

int ctl_domain_set_tsc_mode(struct ctl *c, domid_t id, uint32_t mode)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_settscinfo,
		.domain = id,
		.u.tsc_info.tsc_mode = mode,
	};

	return ctl_domctl(c, &op);
}

int ctl_domain_alloc_port(struct ctl *c, domid_t id)
{
	struct evtchn_alloc_unbound op = {
		.dom = id,
		.remote_dom = DOMID_SELF,
	};
	int rc = ctl_event_channel_op(c, EVTCHNOP_alloc_unbound, &op,
				      sizeof(op));

	return rc ? rc : (int)op.port;
}
