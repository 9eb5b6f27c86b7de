/* SPDX-License-Identifier: MIT */
/* vcpus.c - a domain's vCPUs: made, given a state, placed. None gets to run. */
#include "domctl.h"

static void states(domid_t id)
{
	rule("a vCPU that is not made yet: EINVAL, ESRCH or ENODATA as asked");
	want(plain(XEN_DOMCTL_getvcpuinfo, id), -XEN_ESRCH);
	clear();
	op.u.getvcpuinfo.vcpu = 2;
	want(domctl(XEN_DOMCTL_getvcpuinfo, id), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_getvcpuaffinity, id), -XEN_ESRCH);
	clear();
	op.u.vcpucontext.ctxt.p = &context;
	want(domctl(XEN_DOMCTL_getvcpucontext, id), -XEN_EINVAL);
	rule("max_vcpus must be the number given at creation");
	clear();
	op.u.max_vcpus.max = 1;
	want(domctl(XEN_DOMCTL_max_vcpus, id), -XEN_EINVAL);
	op.u.max_vcpus.max = 2;
	want(domctl(XEN_DOMCTL_max_vcpus, id), 0);
	want(domctl(XEN_DOMCTL_max_vcpus, id), 0);
	rule("a new vCPU is down and has no state to read");
	want(plain(XEN_DOMCTL_getvcpuinfo, id), 0);
	want(op.u.getvcpuinfo.online, 0);
	want(op.u.getvcpuinfo.running, 0);
	want(op.u.getvcpuinfo.cpu_time, 0);
	clear();
	op.u.vcpucontext.ctxt.p = &context;
	want(domctl(XEN_DOMCTL_getvcpucontext, id), -XEN_ENODATA);
	rule("sendtrigger: NMI is taken, unknown triggers and vCPUs are not");
	want(plain(XEN_DOMCTL_sendtrigger, id), 0);
	clear();
	op.u.sendtrigger.trigger = 77;
	want(domctl(XEN_DOMCTL_sendtrigger, id), -XEN_ENOSYS);
	op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_POWER;
	want(domctl(XEN_DOMCTL_sendtrigger, id), -XEN_EINVAL);
	clear();
	op.u.sendtrigger.vcpu = 2;
	want(domctl(XEN_DOMCTL_sendtrigger, id), -XEN_ESRCH);
}

static long set_context(domid_t id)
{
	clear();
	op.u.vcpucontext.ctxt.p = &context;
	return domctl(XEN_DOMCTL_setvcpucontext, id);
}

static void contexts(domid_t id)
{
	rule("setvcpucontext: a vCPU that is not there is EINVAL");
	clear();
	op.u.vcpucontext.vcpu = 2;
	op.u.vcpucontext.ctxt.p = &context;
	want(domctl(XEN_DOMCTL_setvcpucontext, id), -XEN_EINVAL);
	rule("setvcpucontext: a bad pointer is EFAULT");
	clear();
	op.u.vcpucontext.ctxt.p = BAD_POINTER;
	want(domctl(XEN_DOMCTL_setvcpucontext, id), -XEN_EFAULT);
	rule("setvcpucontext: addresses that are not canonical are EINVAL");
	context.flags = VGCF_in_kernel;
	context.user_regs.rip = 1ul << 47;
	want(set_context(id), -XEN_EINVAL);
	context.user_regs.rip = 0;
	context.trap_ctxt[99].address = 1ul << 47;
	want(set_context(id), -XEN_EINVAL);
	context.trap_ctxt[99].address = 0;
	context.syscall_callback_eip = 1ul << 63;
	want(set_context(id), -XEN_EINVAL);
	context.syscall_callback_eip = 0;
	rule("setvcpucontext: a misaligned or long LDT is EINVAL");
	context.ldt_base = 8;
	want(set_context(id), -XEN_EINVAL);
	context.ldt_base = 0;
	context.ldt_ents = 8193;
	want(set_context(id), -XEN_EINVAL);
	context.ldt_ents = 0;
	rule("setvcpucontext: user mode without a user table is EINVAL");
	context.flags = 0;
	want(set_context(id), -XEN_EINVAL);
	context.flags = VGCF_in_kernel;
	rule("setvcpucontext: a page table that is not the domain's is EINVAL");
	want(set_context(id), -XEN_EINVAL);
	context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn(&context));
	want(set_context(id), -XEN_EINVAL);
	context.ctrlreg[3] = 0;
	rule("setvcpucontext: descriptor frames that are not the domain's are EINVAL");
	context.gdt_ents = 512;
	context.gdt_frames[0] = virt_to_mfn(&context);
	want(set_context(id), -XEN_EINVAL);
	context.gdt_ents = 7169;
	want(set_context(id), -XEN_EINVAL);
}

/* A vCPU's hard and soft affinity, as they are now. */
static void want_affinity(domid_t id, uint32_t vcpu, unsigned int hard,
			  unsigned int soft)
{
	static uint8_t maps[2];
	struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;

	clear();
	a->vcpu = vcpu;
	a->flags = XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT;
	a->cpumap_hard.bitmap.p = &maps[0];
	a->cpumap_soft.bitmap.p = &maps[1];
	a->cpumap_hard.nr_bits = a->cpumap_soft.nr_bits = 8;
	want(domctl(XEN_DOMCTL_getvcpuaffinity, id), 0);
	want(maps[0] & ((1u << cpus()) - 1), hard);
	want(maps[1] & ((1u << cpus()) - 1), soft);
}

/* What is asked for as one or both affinities, and what comes back. */
static long set_affinity(domid_t id, uint32_t vcpu, uint32_t flags,
			 uint8_t *map)
{
	struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;

	clear();
	a->vcpu = vcpu;
	a->flags = flags;
	a->cpumap_hard.bitmap.p = map;
	a->cpumap_soft.bitmap.p = map;
	a->cpumap_hard.nr_bits = a->cpumap_soft.nr_bits = 8;
	return domctl(XEN_DOMCTL_setvcpuaffinity, id);
}

static void one_cpu_each(domid_t id)
{
	unsigned int all = (1u << cpus()) - 1, last = 1u << (cpus() - 1);
	uint8_t map = (uint8_t)last;

	rule("setvcpuaffinity: hard is one vCPU's, and the soft one stays");
	want(set_affinity(id, 1, XEN_VCPUAFFINITY_HARD, &map), 0);
	want(map, last);
	want_affinity(id, 0, all, all);
	want_affinity(id, 1, last, all);
	rule("setvcpuaffinity: soft leaves hard alone, and answers what both allow");
	map = 1;
	want(set_affinity(id, 1, XEN_VCPUAFFINITY_SOFT, &map), 0);
	want(map, last & 1);
	want_affinity(id, 1, last, 1);
	rule("setvcpuaffinity: both at once");
	map = 0xff;
	want(set_affinity(id, 1, XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT,
			  &map), 0);
	want(map, all);
	want_affinity(id, 1, all, all);
	rule("setvcpuaffinity: soft may be no CPU that is there");
	map = (uint8_t)(1 << cpus());
	want(set_affinity(id, 1, XEN_VCPUAFFINITY_SOFT, &map), 0);
	want_affinity(id, 1, all, 0);
}

static void affinities(domid_t id)
{
	static uint8_t map[16];
	struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;
	unsigned int all = (1u << cpus()) - 1;

	rule("setvcpuaffinity: no flags, or no map, is EINVAL");
	want(plain(XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
	clear();
	a->flags = XEN_VCPUAFFINITY_HARD;
	want(domctl(XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
	rule("setvcpuaffinity: the machine's CPUs are granted, and come back alone");
	map[0] = 0xff;
	a->cpumap_hard.bitmap.p = map;
	a->cpumap_hard.nr_bits = 64;
	want(domctl(XEN_DOMCTL_setvcpuaffinity, id), 0);
	want(map[0], all);
	want(map[1], 0);
	rule("setvcpuaffinity: no CPU that is there is EINVAL");
	map[0] = (uint8_t)(1 << cpus());
	want(domctl(XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
	map[0] = 0;
	want(domctl(XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
	rule("getvcpuaffinity fills as many bits as there is room for");
	memset(map, 0x5a, sizeof(map));
	a->cpumap_hard.nr_bits = 16;
	want(domctl(XEN_DOMCTL_getvcpuaffinity, id), 0);
	want(map[0] & all, all);
	want(map[1], 0);
	want(map[2], 0x5a);
	one_cpu_each(id);
	rule("affinity of a vCPU beyond the last is EINVAL");
	clear();
	a->vcpu = 2;
	want(domctl(XEN_DOMCTL_getvcpuaffinity, id), -XEN_EINVAL);
	want(domctl(XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
	rule("nodeaffinity: node 0 is granted, no node is EINVAL");
	clear();
	map[0] = 1;
	op.u.nodeaffinity.nodemap.bitmap.p = map;
	op.u.nodeaffinity.nodemap.nr_bits = 8;
	want(domctl(XEN_DOMCTL_setnodeaffinity, id), 0);
	want(domctl(XEN_DOMCTL_getnodeaffinity, id), 0);
	want(map[0] & 1, 1);
	map[0] = 0;
	want(domctl(XEN_DOMCTL_setnodeaffinity, id), -XEN_EINVAL);
}

void vcpus(domid_t id)
{
	states(id);
	contexts(id);
	affinities(id);
}
