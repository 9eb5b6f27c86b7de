/* SPDX-License-Identifier: MIT */
/* sysctl - the machine as a whole: order of checks, errors, answers. */
#include "sysctl.h"

const char suite_name[] = "sysctl";

static struct xen_sysctl op;
static PAGE char buffer[8192];

static void clear(void)
{
	memset(&op, 0, sizeof(op));
	memset(&pf, 0, sizeof(pf));
}

static long sysctl(uint32_t cmd)
{
	op.cmd = cmd;
	op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return call(sysctl, &op);
}

static long plain(uint32_t cmd)
{
	clear();
	return sysctl(cmd);
}

static void order_of_checks(void)
{
	static const uint32_t versions[] = { 0, 1, 0x14,
		XEN_SYSCTL_INTERFACE_VERSION + 1, 0x02000001, ~0u };
	static const uint32_t unknown[] = { 0, 13, 24, 28, 99, 9999, ~0u };
	bool first = is_first_domain();

	rule("a block that cannot be read is EFAULT");
	want(call(sysctl, BAD_POINTER), -XEN_EFAULT);
	want(call(platform_op, BAD_POINTER), -XEN_EFAULT);
	want(call(sysctl, HYPERVISOR_POINTER), -XEN_EFAULT);
	want(call(platform_op, HYPERVISOR_POINTER), -XEN_EFAULT);
	rule("another version is EACCES, whoever asks");
	clear();
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		op.cmd = XEN_SYSCTL_physinfo;
		op.interface_version = pf.interface_version = versions[i];
		want(call(sysctl, &op), -XEN_EACCES);
		want(call(platform_op, &pf), -XEN_EACCES);
	}
	rule("an unknown command is ENOSYS to who may ask, else EPERM");
	for (int i = 0; i < 7; i++)
		want(plain(unknown[i]), first ? -XEN_ENOSYS : -XEN_EPERM);
}

/* What a plain guest does not get to know. */
static void refused(void)
{
	static const uint32_t commands[] = { XEN_SYSCTL_readconsole,
		XEN_SYSCTL_physinfo, XEN_SYSCTL_getdomaininfolist,
		XEN_SYSCTL_availheap, XEN_SYSCTL_numainfo };
	struct xen_sysctl before;

	rule("sysctl and platform_op are for the control domain");
	want(plain(XEN_SYSCTL_physinfo), -XEN_EPERM);
	want(platform(XENPF_get_cpuinfo), -XEN_EPERM);
	rule("who is refused is told nothing");
	memset(buffer, 0x5a, sizeof(buffer));
	for (int i = 0; i < 5; i++) {
		memset(&op, 0, sizeof(op));
		op.u.readconsole.buffer.p = buffer;
		op.u.readconsole.count = 100;
		op.cmd = commands[i];
		op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
		before = op;
		want(call(sysctl, &op), -XEN_EPERM);
		want_true(!memcmp(&op, &before, sizeof(op)));
	}
	for (int i = 0; i < 4096; i++)
		want(buffer[i], 0x5a);
}

static void log_ring(void)
{
	struct xen_sysctl_readconsole *r = &op.u.readconsole;
	uint32_t first, index;

	rule("readconsole: as much as there is room for, and where it ended");
	memset(buffer, 0x5a, sizeof(buffer));
	clear();
	r->buffer.p = buffer;
	r->count = 10;
	want(sysctl(XEN_SYSCTL_readconsole), 0);
	want(r->count, 10);
	want_true(buffer[10] == 0x5a && buffer[9] != 0x5a);
	first = r->index;
	rule("readconsole: without incremental it starts over");
	index = r->index = 0;
	want(sysctl(XEN_SYSCTL_readconsole), 0);
	want(r->index, first);
	rule("readconsole: with incremental it goes on at index");
	r->incremental = 1;
	r->count = 5;
	want(sysctl(XEN_SYSCTL_readconsole), 0);
	want(r->index, first + 5);
	(void)index;
	rule("readconsole: a bad buffer is EFAULT, no room is no error");
	r->count = 10;
	r->buffer.p = BAD_POINTER;
	want(sysctl(XEN_SYSCTL_readconsole), -XEN_EFAULT);
	r->count = 0;
	want(sysctl(XEN_SYSCTL_readconsole), 0);
	want(r->count, 0);
	rule("debug_keys: a bad pointer is EFAULT, no keys are fine");
	clear();
	want(sysctl(XEN_SYSCTL_debug_keys), 0);
	op.u.debug_keys.keys.p = BAD_POINTER;
	op.u.debug_keys.nr_keys = 1;
	want(sysctl(XEN_SYSCTL_debug_keys), -XEN_EFAULT);
}

static void machine(void)
{
	const struct xen_sysctl_physinfo *p = &op.u.physinfo;

	rule("physinfo: the machine's CPUs in one socket, one node, memory and a clock");
	want(plain(XEN_SYSCTL_physinfo), 0);
	want(p->nr_cpus, cpus());
	want(p->max_cpu_id, cpus() - 1);
	want(p->nr_nodes, 1);
	want(p->threads_per_core, 1);
	want(p->cores_per_socket, cpus());
	want_true(p->cpu_khz != 0);
	want_true(p->total_pages > p->free_pages && p->free_pages);
	want_true(p->capabilities & XEN_SYSCTL_PHYSCAP_pv);
	want_true(p->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v1);
	want(p->pad, 0);
	rule("sched_id: shared by weight");
	want(plain(XEN_SYSCTL_sched_id), 0);
	want(op.u.sched_id.sched_id, XEN_SCHEDULER_CREDIT2);
	rule("getcpuinfo: an entry for each CPU, whatever more room there is");
	clear();
	op.u.getcpuinfo.max_cpus = 8;
	op.u.getcpuinfo.info.p = (void *)buffer;
	want(sysctl(XEN_SYSCTL_getcpuinfo), 0);
	want(op.u.getcpuinfo.nr_cpus, cpus());
	op.u.getcpuinfo.max_cpus = 1;
	want(sysctl(XEN_SYSCTL_getcpuinfo), 0);
	want(op.u.getcpuinfo.nr_cpus, 1);
	op.u.getcpuinfo.info.p = BAD_POINTER;
	want(sysctl(XEN_SYSCTL_getcpuinfo), -XEN_EFAULT);
	rule("availheap: some memory is free");
	clear();
	op.u.availheap.node = -1;
	want(sysctl(XEN_SYSCTL_availheap), 0);
	want_true(op.u.availheap.avail_bytes != 0);
	op.u.availheap.min_bitwidth = 50;
	want(sysctl(XEN_SYSCTL_availheap), 0);
	want(op.u.availheap.avail_bytes, 0);
}

static void lists(void)
{
	const struct xen_domctl_getdomaininfo *info = (void *)buffer;
	struct xen_sysctl_cputopo *topology = (void *)buffer;

	rule("cputopoinfo: the count alone, then the entries");
	want(plain(XEN_SYSCTL_cputopoinfo), 0);
	want(op.u.cputopoinfo.num_cpus, cpus());
	op.u.cputopoinfo.cputopo.p = topology;
	op.u.cputopoinfo.num_cpus = 8;
	want(sysctl(XEN_SYSCTL_cputopoinfo), 0);
	want(op.u.cputopoinfo.num_cpus, cpus());
	rule("cputopoinfo: one socket, node 0, a core for each CPU, none for the only one");
	for (unsigned int i = 0; i < cpus(); i++) {
		want(topology[i].core, cpus() == 1 ? ~0u : i);
		want(topology[i].socket, 0);
		want(topology[i].node, 0);
	}
	rule("cputopoinfo: room for fewer is filled");
	memset(buffer, 0x5a, sizeof(buffer));
	op.u.cputopoinfo.num_cpus = 1;
	want(sysctl(XEN_SYSCTL_cputopoinfo), 0);
	want(op.u.cputopoinfo.num_cpus, 1);
	want(topology[0].node, 0);
	want(topology[1].node, 0x5a5a5a5a);
	rule("cputopoinfo: a bad array is EFAULT");
	op.u.cputopoinfo.cputopo.p = BAD_POINTER;
	want(sysctl(XEN_SYSCTL_cputopoinfo), -XEN_EFAULT);
	rule("numainfo: the count alone, then memory and distance");
	want(plain(XEN_SYSCTL_numainfo), 0);
	want(op.u.numainfo.num_nodes, 1);
	op.u.numainfo.meminfo.p = (void *)buffer;
	op.u.numainfo.distance.p = (void *)(buffer + 4096);
	want(sysctl(XEN_SYSCTL_numainfo), 0);
	want_true(op.u.numainfo.meminfo.p->memsize > op.u.numainfo.meminfo.p->memfree);
	want(op.u.numainfo.distance.p[0], 10);
	rule("getdomaininfolist: the domains from an id on, as many as fit");
	clear();
	op.u.getdomaininfolist.max_domains = 4;
	op.u.getdomaininfolist.buffer.p = (void *)buffer;
	want(sysctl(XEN_SYSCTL_getdomaininfolist), 0);
	want(op.u.getdomaininfolist.num_domains, 1);
	want(info->domain, 0);
	op.u.getdomaininfolist.first_domain = 1;
	want(sysctl(XEN_SYSCTL_getdomaininfolist), 0);
	want(op.u.getdomaininfolist.num_domains, 0);
	op.u.getdomaininfolist.first_domain = 0;
	op.u.getdomaininfolist.max_domains = 0;
	want(sysctl(XEN_SYSCTL_getdomaininfolist), 0);
	want(op.u.getdomaininfolist.num_domains, 0);
	op.u.getdomaininfolist.max_domains = 1;
	op.u.getdomaininfolist.buffer.p = BAD_POINTER;
	want(sysctl(XEN_SYSCTL_getdomaininfolist), -XEN_EFAULT);
}

static void pools(void)
{
	struct xen_sysctl_cpupool_op *p = &op.u.cpupool_op;

	rule("cpupool_op info: pool 0 with all CPUs, then ENOENT");
	clear();
	buffer[0] = 0x5a;
	p->op = XEN_SYSCTL_CPUPOOL_OP_INFO;
	p->cpumap.bitmap.p = (void *)buffer;
	p->cpumap.nr_bits = 8;
	want(sysctl(XEN_SYSCTL_cpupool_op), 0);
	want(p->cpupool_id, 0);
	want(p->sched_id, XEN_SCHEDULER_CREDIT2);
	want(p->n_dom, 1);
	want(buffer[0], (1 << cpus()) - 1);
	p->cpupool_id = 1;
	want(sysctl(XEN_SYSCTL_cpupool_op), -XEN_ENOENT);
	rule("cpupool_op: no CPU is free; unknown operations are ENOSYS");
	p->op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO;
	want(sysctl(XEN_SYSCTL_cpupool_op), 0);
	want(buffer[0], 0);
	p->op = 77;
	want(sysctl(XEN_SYSCTL_cpupool_op), -XEN_ENOSYS);
	rule("cpupool_op: pool 0 stays; others are not there");
	p->op = XEN_SYSCTL_CPUPOOL_OP_DESTROY;
	p->cpupool_id = 0;
	want(sysctl(XEN_SYSCTL_cpupool_op), -XEN_EBUSY);
	p->cpupool_id = 5;
	want(sysctl(XEN_SYSCTL_cpupool_op), -XEN_ENOENT);
	p->op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN;
	p->domid = 77;
	want(sysctl(XEN_SYSCTL_cpupool_op), -XEN_ESRCH);
	rule("scheduler_op: pool, scheduler and command are checked");
	clear();
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op.u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	want(sysctl(XEN_SYSCTL_scheduler_op), 0);
	op.u.scheduler_op.cpupool_id = 5;
	want(sysctl(XEN_SYSCTL_scheduler_op), -XEN_ESRCH);
	op.u.scheduler_op.cpupool_id = 0;
	op.u.scheduler_op.cmd = 5;
	want(sysctl(XEN_SYSCTL_scheduler_op), -XEN_EINVAL);
	op.u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_RTDS;
	want(sysctl(XEN_SYSCTL_scheduler_op), -XEN_EINVAL);
}

static void policies(void)
{
	struct xen_sysctl_cpu_featureset *f = &op.u.cpu_featureset;
	struct xen_sysctl_cpu_policy *p = &op.u.cpu_policy;
	const xen_cpuid_leaf_t *leaf = (void *)buffer;
	uint32_t words;

	rule("get_cpu_featureset: the number of words, then the words");
	want(plain(XEN_SYSCTL_get_cpu_featureset), 0);
	words = f->nr_features;
	want_true(words >= 10 && words < 64);
	f->index = XEN_SYSCTL_cpu_featureset_pv;
	f->features.p = (void *)buffer;
	want(sysctl(XEN_SYSCTL_get_cpu_featureset), 0);
	want(f->nr_features, words);
	rule("get_cpu_featureset: too little room is ENOBUFS, after what fits");
	f->nr_features = 2;
	want(sysctl(XEN_SYSCTL_get_cpu_featureset), -XEN_ENOBUFS);
	want(f->nr_features, 2);
	rule("get_cpu_featureset: an unknown index is EINVAL");
	f->index = 77;
	f->nr_features = words;
	want(sysctl(XEN_SYSCTL_get_cpu_featureset), -XEN_EINVAL);
	rule("get_cpu_policy: numbers with no arrays, then leaves in order");
	clear();
	p->index = XEN_SYSCTL_cpu_policy_pv_default;
	want(sysctl(XEN_SYSCTL_get_cpu_policy), 0);
	want_true(p->nr_leaves > 10);
	p->leaves.p = (void *)buffer;
	p->msrs.p = (void *)(buffer + 7680);
	want(sysctl(XEN_SYSCTL_get_cpu_policy), 0);
	want_true(p->nr_leaves > 10);
	want(leaf[0].leaf, 0);
	want(leaf[1].leaf, 1);
	rule("get_cpu_policy: too little room is ENOBUFS, an unknown index EINVAL");
	p->nr_leaves = 1;
	want(sysctl(XEN_SYSCTL_get_cpu_policy), -XEN_ENOBUFS);
	p->index = 77;
	want(sysctl(XEN_SYSCTL_get_cpu_policy), -XEN_EINVAL);
}

void suite_main(void)
{
	order_of_checks();
	if (!is_first_domain()) {
		refused();
		return;
	}
	log_ring();
	machine();
	lists();
	pools();
	policies();
	platforms();
}
