/* SPDX-License-Identifier: MIT */
/* domctl - a domain's life and settings: order of checks, errors, answers.
 *
 * The first domain makes one domain, which never gets to run; others are
 * refused.
 */
#include "domctl.h"

const char suite_name[] = "domctl";

struct xen_domctl op;
PAGE struct vcpu_guest_context context;

long domctl(uint32_t cmd, domid_t domain)
{
	op.cmd = cmd;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op.domain = domain;
	return call(domctl, &op);
}

void clear(void)
{
	memset(&op, 0, sizeof(op));
}

long plain(uint32_t cmd, domid_t domain)
{
	clear();
	return domctl(cmd, domain);
}

static void order_of_checks(void)
{
	static const uint32_t versions[] = { 0, 1, 0x14,
		XEN_DOMCTL_INTERFACE_VERSION + 1, ~0u };
	static const domid_t nobody[] = { NO_DOMAIN, DOMID_SELF, DOMID_IO,
		DOMID_XEN, DOMID_INVALID, 0xffff };
	static const uint32_t unknown[] = { 0, 26, 30, 76, 9999, ~0u };
	bool first = is_first_domain();

	rule("a block that cannot be read is EFAULT");
	want(call(domctl, BAD_POINTER), -XEN_EFAULT);
	want(call(domctl, HYPERVISOR_POINTER), -XEN_EFAULT);
	want(call(domctl, 0x1000), -XEN_EFAULT);
	rule("another version is EACCES, before the domain is looked at");
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		clear();
		op.cmd = XEN_DOMCTL_pausedomain;
		op.domain = NO_DOMAIN;
		op.interface_version = versions[i];
		want(call(domctl, &op), -XEN_EACCES);
	}
	rule("a domain that is not there is ESRCH, whatever the command");
	for (int i = 0; i < 6; i++) {
		want(plain(XEN_DOMCTL_unpausedomain, nobody[i]), -XEN_ESRCH);
		want(plain(9999, nobody[i]), -XEN_ESRCH);
	}
	rule("an unknown command is ENOSYS to who may ask, else EPERM");
	for (int i = 0; i < 6; i++)
		want(plain(unknown[i], 0), first ? -XEN_ENOSYS : -XEN_EPERM);
}

/* Commands about oneself: EINVAL to who may make them, EPERM to others. */
static void oneself(void)
{
	static const struct {
		const char *rule;
		uint32_t cmd;
	} commands[] = {
		{ "one cannot pause oneself", XEN_DOMCTL_pausedomain },
		{ "one cannot resume oneself", XEN_DOMCTL_resumedomain },
		{ "one cannot destroy oneself", XEN_DOMCTL_destroydomain },
		{ "one cannot unpause oneself", XEN_DOMCTL_unpausedomain },
		{ "one cannot set one's own number of vCPUs",
		  XEN_DOMCTL_max_vcpus },
		{ "one cannot debug oneself", XEN_DOMCTL_setdebugging },
		{ "one cannot set one's own TSC", XEN_DOMCTL_settscinfo },
		{ "one cannot ask for one's own TSC", XEN_DOMCTL_gettscinfo },
		{ "one cannot set one's own vCPUs' states",
		  XEN_DOMCTL_setvcpucontext },
		{ "one cannot ask for one's own vCPUs' states",
		  XEN_DOMCTL_getvcpucontext },
	};
	bool first = is_first_domain();
	domid_t self;

	rule("an unbound port tells one's own number");
	self = own_number();
	want(self == 0, first);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		rule(commands[i].rule);
		clear();
		if (commands[i].cmd == XEN_DOMCTL_setvcpucontext ||
		    commands[i].cmd == XEN_DOMCTL_getvcpucontext)
			op.u.vcpucontext.ctxt.p = &context;
		want(domctl(commands[i].cmd, self),
		     first ? -XEN_EINVAL : -XEN_EPERM);
	}
}

/* A configuration that is accepted, but for what the caller spoils. */
static struct xen_domctl_createdomain *config(void)
{
	clear();
	op.u.createdomain.max_vcpus = 2;
	op.u.createdomain.max_evtchn_port = 1023;
	op.u.createdomain.max_grant_frames = 4;
	op.u.createdomain.max_maptrack_frames = 16;
	op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
	return &op.u.createdomain;
}

static long create(domid_t id)
{
	return domctl(XEN_DOMCTL_createdomain, id);
}

static void bad_configurations(void)
{
	rule("createdomain: an id that is taken is EEXIST");
	config();
	want(domctl(XEN_DOMCTL_createdomain, 5), 0);
	config();
	want(create(5), -XEN_EEXIST);
	want(plain(XEN_DOMCTL_destroydomain, 5), 0);
	rule("createdomain: no vCPU, or more than there may be, is EINVAL");
	config()->max_vcpus = 0;
	want(create(6), -XEN_EINVAL);
	config()->max_vcpus = 100000;
	want(create(6), -XEN_EINVAL);
	rule("createdomain: unknown or contradictory flags are EINVAL");
	config()->flags = 1u << 20;
	want(create(6), -XEN_EINVAL);
	config()->flags = XEN_DOMCTL_CDF_hap;
	want(create(6), -XEN_EINVAL);
	config()->iommu_opts = 1;
	want(create(6), -XEN_EINVAL);
	rule("createdomain: a grant version of 0 or unknown options are EINVAL");
	config()->grant_opts = 0;
	want(create(6), -XEN_EINVAL);
	config()->grant_opts = 0x11;
	want(create(6), -XEN_EINVAL);
	config()->grant_opts = XEN_DOMCTL_GRANT_version(3);
	want(create(6), -XEN_EINVAL);
	rule("createdomain: grant limits above the machine's are EINVAL");
	config()->max_grant_frames = 1000000;
	want(create(6), -XEN_EINVAL);
	config()->max_maptrack_frames = 10000000;
	want(create(6), -XEN_EINVAL);
	config()->max_grant_frames = 0;
	want(create(6), -XEN_EINVAL);
	rule("createdomain: devices emulated for PV are EOPNOTSUPP, unknown ones EINVAL");
	config()->arch.emulation_flags = XEN_X86_EMU_LAPIC;
	want(create(6), -XEN_EOPNOTSUPP);
	config()->arch.emulation_flags = 1u << 31;
	want(create(6), -XEN_EINVAL);
	rule("createdomain: unknown misc flags are EINVAL");
	config()->arch.misc_flags = 1u << 31;
	want(create(6), -XEN_EINVAL);
	rule("createdomain: a CPU pool that is not there is refused");
	config()->cpupool_id = 7;
	want(create(6), -XEN_ESRCH);
	rule("a refused createdomain leaves no domain behind");
	want(plain(XEN_DOMCTL_pausedomain, 6), -XEN_ESRCH);
}

static void information(domid_t id)
{
	const struct xen_domctl_getdomaininfo *i = &op.u.getdomaininfo;

	rule("getdomaininfo of a new domain: paused, nothing owned, no vCPU");
	want(plain(XEN_DOMCTL_getdomaininfo, id), 0);
	want(op.domain, id);
	want(i->domain, id);
	want(i->flags & 0xffff, XEN_DOMINF_paused);
	want(i->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask, 255);
	want(i->tot_pages, 0);
	want(i->nr_online_vcpus, 0);
	want(i->max_vcpu_id, XEN_INVALID_MAX_VCPU_ID);
	want(i->cpu_time, 0);
	want_true(i->shared_info_frame != 0);
	rule("getdomaininfo finds the next domain from an id on");
	want(plain(XEN_DOMCTL_getdomaininfo, 1), 0);
	want(op.domain, id);
	want(plain(XEN_DOMCTL_getdomaininfo, id + 1), -XEN_ESRCH);
	want(plain(XEN_DOMCTL_getdomaininfo, DOMID_SELF), -XEN_EINVAL);
	rule("getdomaininfo of oneself: running, one vCPU");
	want(plain(XEN_DOMCTL_getdomaininfo, 0), 0);
	want(i->flags & 0xffff, XEN_DOMINF_running);
	want(i->nr_online_vcpus, 1);
	want_true(i->tot_pages == start_info->nr_pages);
}

static void pausing(domid_t id)
{
	rule("pauses are counted, and unpausing what is not paused is EINVAL");
	want(plain(XEN_DOMCTL_pausedomain, id), 0);
	want(plain(XEN_DOMCTL_unpausedomain, id), 0);
	want(plain(XEN_DOMCTL_unpausedomain, id), 0);
	want(plain(XEN_DOMCTL_unpausedomain, id), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_pausedomain, id), 0);
	rule("resuming what was not shut down is fine");
	want(plain(XEN_DOMCTL_resumedomain, id), 0);
}

void suite_main(void)
{
	domid_t id;

	order_of_checks();
	oneself();
	if (!is_first_domain()) {
		rule("nobody is told about another");
		want(plain(XEN_DOMCTL_getdomaininfo, 0), -XEN_EPERM);
		want_true(!op.u.getdomaininfo.tot_pages);
		rule("nobody is told about oneself");
		want(plain(XEN_DOMCTL_getdomaininfo, own_number()), -XEN_EPERM);
		rule("nobody makes a domain");
		config();
		want(create(0), -XEN_EPERM);
		want(create(5), -XEN_EPERM);
		return;
	}
	bad_configurations();
	rule("createdomain with id 0 chooses one and tells it");
	config();
	want(create(0), 0);
	id = op.domain;
	want_true(id > 0 && id < DOMID_FIRST_RESERVED);
	information(id);
	pausing(id);
	vcpus(id);
	settings(id);
	memory(id);
	rule("a destroyed domain is gone");
	want(plain(XEN_DOMCTL_destroydomain, id), 0);
	want(plain(XEN_DOMCTL_destroydomain, id), -XEN_ESRCH);
	rule("the next domain gets another id");
	config();
	want(create(0), 0);
	want_true(op.domain != id);
	want(plain(XEN_DOMCTL_destroydomain, op.domain), 0);
}
