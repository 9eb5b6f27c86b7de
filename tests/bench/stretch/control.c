/* SPDX-License-Identifier: MIT */
/* control.c - what only the control domain may: the machine, other domains,
 * many of them, and a big one.
 */
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sysctl.h>

#include "events.h"
#include "stretch.h"

#define BIG	100		/* the big domain's number; the first of many */
#define FRAMES	(96u << 10)	/* 384 MiB */
#define VCPUS	64u

static struct xen_domctl op;
static struct xen_sysctl sys;
static struct vcpu_guest_context context PAGE;

static long domctl(uint32_t cmd, domid_t d)
{
	op.cmd = cmd;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op.domain = d;
	return call(domctl, &op);
}

static long plain(uint32_t cmd, domid_t d)
{
	memset(&op, 0, sizeof(op));
	return domctl(cmd, d);
}

static long sysctl(uint32_t cmd)
{
	sys.cmd = cmd;
	sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return call(sysctl, &sys);
}

static long create(domid_t id, unsigned int vcpus)
{
	memset(&op, 0, sizeof(op));
	op.u.createdomain.max_vcpus = vcpus;
	op.u.createdomain.max_evtchn_port = ~0u;
	op.u.createdomain.max_grant_frames = -1;
	op.u.createdomain.max_maptrack_frames = -1;
	op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
	return domctl(XEN_DOMCTL_createdomain, id);
}

/* As many vCPUs as a domain may have. */
static unsigned int vcpus(domid_t id)
{
	unsigned int n = VCPUS;

	while (n && create(id, n))
		n /= 2;
	memset(&op, 0, sizeof(op));
	op.u.max_vcpus.max = n;
	must(domctl(XEN_DOMCTL_max_vcpus, id), 0);
	return n;
}

static long populate(domid_t id, unsigned int n, unsigned int order)
{
	struct xen_memory_reservation r = {
		.nr_extents = n, .extent_order = order, .domid = id,
		.extent_start.p = list,
	};

	for (unsigned int i = 0; i < n; i++)
		list[i] = i << order;
	return call(memory_op, XENMEM_populate_physmap, &r);
}

/* A tree of tables in its memory, all in use by its vCPUs' contexts. */
static void contexts(domid_t id, unsigned int n)
{
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = list[0] };

	must(call(mmuext_op, &pin, 1, 0, id), 0);
	memset(&context, 0, sizeof(context));
	context.flags = VGCF_in_kernel;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.ctrlreg[3] = list[0] << 12;
	context.ctrlreg[1] = list[0] << 12;
	for (unsigned int i = 0; i < 14; i++)
		context.gdt_frames[i] = list[1 + i];
	context.gdt_ents = 14 * 512;
	for (unsigned int i = 0; i < n && i < XEN_LEGACY_MAX_VCPUS; i++) {
		memset(&op, 0, sizeof(op));
		op.u.vcpucontext.vcpu = i;
		op.u.vcpucontext.ctxt.p = &context;
		must(domctl(XEN_DOMCTL_setvcpucontext, id), 0);
		memset(&op, 0, sizeof(op));
		op.u.vcpucontext.vcpu = i;
		op.u.vcpucontext.ctxt.p = (void *)room;
		must(domctl(XEN_DOMCTL_getvcpucontext, id), 0);
	}
}

static void describe(domid_t id)
{
	static uint64_t frames[1024];
	uint8_t bits[64] = { 0 };

	for (unsigned int i = 0; i < 1024; i++)
		frames[i] = list[i];
	memset(&op, 0, sizeof(op));
	op.u.getpageframeinfo3.num = 1024;
	op.u.getpageframeinfo3.array.p = (void *)frames;
	must(domctl(XEN_DOMCTL_getpageframeinfo3, id), 0);
	memset(&op, 0, sizeof(op));
	op.u.hypercall_init.gmfn = list[20];
	must(domctl(XEN_DOMCTL_hypercall_init, id), 0);
	for (unsigned int get = 0; get < 2; get++) {
		memset(&op, 0, sizeof(op));
		op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT;
		op.u.vcpuaffinity.cpumap_hard.bitmap.p = bits;
		op.u.vcpuaffinity.cpumap_hard.nr_bits = 512;
		op.u.vcpuaffinity.cpumap_soft.bitmap.p = bits;
		op.u.vcpuaffinity.cpumap_soft.nr_bits = 512;
		bits[0] = 1;
		domctl(get ? XEN_DOMCTL_getvcpuaffinity : XEN_DOMCTL_setvcpuaffinity, id);
	}
	memset(&op, 0, sizeof(op));
	op.u.cpu_policy.nr_leaves = 256;
	op.u.cpu_policy.nr_msrs = 64;
	op.u.cpu_policy.leaves.p = (void *)room;
	op.u.cpu_policy.msrs.p = (void *)(room + 32768);
	must(domctl(XEN_DOMCTL_get_cpu_policy, id), 0);
	domctl(XEN_DOMCTL_set_cpu_policy, id);
	plain(XEN_DOMCTL_getdomaininfo, id);
}

static void big_domain(void)
{
	unsigned int n = vcpus(BIG);
	unsigned int got = 0;

	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = (FRAMES + 1024) * 4ul;
	must(domctl(XEN_DOMCTL_max_mem, BIG), 0);
	while (got < FRAMES && populate(BIG, 2048, 0) == 2048)
		got += 2048;
	if (populate(BIG, 1, 9) != 1)
		populate(BIG, 16, 5);
	must(populate(BIG, 512, 0), 512);
	contexts(BIG, n);
	describe(BIG);
	must(plain(XEN_DOMCTL_pausedomain, BIG), 0);
	must(plain(XEN_DOMCTL_unpausedomain, BIG), 0);
	must(plain(XEN_DOMCTL_destroydomain, BIG), 0);
}

static void many_domains(void)
{
	struct xen_sysctl_getdomaininfolist *l = &sys.u.getdomaininfolist;
	unsigned int made = 0;

	while (made < 400 && !create((domid_t)(BIG + 1 + made), 1))
		made++;
	memset(&sys, 0, sizeof(sys));
	l->max_domains = 400;
	l->buffer.p = (void *)room;
	must(sysctl(XEN_SYSCTL_getdomaininfolist), 0);
	memset(&sys, 0, sizeof(sys));
	memset(room, 'q', 128);
	sys.u.debug_keys.nr_keys = 1;
	sys.u.debug_keys.keys.p = room;
	must(sysctl(XEN_SYSCTL_debug_keys), 0);
	while (made--)
		must(plain(XEN_DOMCTL_destroydomain, (domid_t)(BIG + 1 + made)), 0);
}

static void machine(void)
{
	memset(&sys, 0, sizeof(sys));
	memset(room, 'h', 128);
	sys.u.debug_keys.nr_keys = 128;
	sys.u.debug_keys.keys.p = room;
	must(sysctl(XEN_SYSCTL_debug_keys), 0);
	memset(&sys, 0, sizeof(sys));
	sys.u.readconsole.count = sizeof(room);
	sys.u.readconsole.buffer.p = room;
	must(sysctl(XEN_SYSCTL_readconsole), 0);
	memset(&sys, 0, sizeof(sys));
	sys.u.getcpuinfo.max_cpus = 512;
	sys.u.getcpuinfo.info.p = (void *)room;
	sysctl(XEN_SYSCTL_getcpuinfo);
	memset(&sys, 0, sizeof(sys));
	sys.u.cputopoinfo.num_cpus = 512;
	sys.u.cputopoinfo.cputopo.p = (void *)room;
	sysctl(XEN_SYSCTL_cputopoinfo);
	memset(&sys, 0, sizeof(sys));
	sys.u.numainfo.num_nodes = 64;
	sys.u.numainfo.meminfo.p = (void *)room;
	sys.u.numainfo.distance.p = (void *)(room + 8192);
	sysctl(XEN_SYSCTL_numainfo);
	memset(&sys, 0, sizeof(sys));
	sys.u.cpu_policy.nr_leaves = 256;
	sys.u.cpu_policy.nr_msrs = 64;
	sys.u.cpu_policy.leaves.p = (void *)room;
	sys.u.cpu_policy.msrs.p = (void *)(room + 32768);
	sysctl(XEN_SYSCTL_get_cpu_policy);
	memset(&sys, 0, sizeof(sys));
	sys.u.cpu_featureset.nr_features = 64;
	sys.u.cpu_featureset.features.p = (void *)room;
	sysctl(XEN_SYSCTL_get_cpu_featureset);
}

void long_control(void)
{
	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = start_info->nr_pages * 4 + 4096;
	must(domctl(XEN_DOMCTL_max_mem, 0), 0);
	machine();
	big_domain();
	many_domains();
}
