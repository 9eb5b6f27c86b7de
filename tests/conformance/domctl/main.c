/* SPDX-License-Identifier: MIT */
/* domctl - a domain's life and settings: order of checks, errors, answers.
 *
 * Runs as the first domain; makes one domain, which never gets to run.
 */
#include <xen/domctl.h>

#include "lib.h"

const char suite_name[] = "domctl";

static struct xen_domctl op;
static PAGE struct vcpu_guest_context context;
static xen_pfn_t frames[4];

/* A command to a domain, with the argument that is in op.u. */
static long domctl(uint32_t cmd, domid_t domain)
{
	op.cmd = cmd;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op.domain = domain;
	return call(domctl, &op);
}

static void clear(void)
{
	memset(&op, 0, sizeof(op));
}

/* The same with no argument at all. */
static long plain(uint32_t cmd, domid_t domain)
{
	clear();
	return domctl(cmd, domain);
}

static void order_of_checks(void)
{
	rule("a bad block is EFAULT");
	want(call(domctl, BAD_POINTER), -XEN_EFAULT);
	want(call(domctl, HYPERVISOR_POINTER), -XEN_EFAULT);
	rule("a wrong version is EACCES, before the domain is looked at");
	clear();
	op.cmd = XEN_DOMCTL_pausedomain;
	op.domain = 77;
	want(call(domctl, &op), -XEN_EACCES);
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION + 1;
	want(call(domctl, &op), -XEN_EACCES);
	rule("a domain that is not there is ESRCH, whatever the command");
	want(plain(XEN_DOMCTL_pausedomain, 77), -XEN_ESRCH);
	want(plain(9999, 77), -XEN_ESRCH);
	want(plain(XEN_DOMCTL_pausedomain, DOMID_SELF), -XEN_ESRCH);
	rule("an unknown command is ENOSYS");
	want(plain(9999, 0), -XEN_ENOSYS);
	want(plain(0, 0), -XEN_ENOSYS);
}

static void oneself(void)
{
	rule("one cannot pause, resume or destroy oneself: EINVAL");
	want(plain(XEN_DOMCTL_pausedomain, 0), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_resumedomain, 0), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_destroydomain, 0), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_unpausedomain, 0), -XEN_EINVAL);
	rule("one cannot set one's own vCPUs, debugger or TSC: EINVAL");
	want(plain(XEN_DOMCTL_max_vcpus, 0), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_setdebugging, 0), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_settscinfo, 0), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_gettscinfo, 0), -XEN_EINVAL);
	clear();
	op.u.vcpucontext.ctxt.p = &context;
	want(domctl(XEN_DOMCTL_setvcpucontext, 0), -XEN_EINVAL);
	want(domctl(XEN_DOMCTL_getvcpucontext, 0), -XEN_EINVAL);
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

static void vcpus(domid_t id)
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

static void affinities(domid_t id)
{
	static uint8_t map[16];
	struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;

	rule("setvcpuaffinity: no flags, or no map, is EINVAL");
	want(plain(XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
	clear();
	a->flags = XEN_VCPUAFFINITY_HARD;
	want(domctl(XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
	rule("setvcpuaffinity: CPU 0 is granted, and comes back alone");
	map[0] = 0xff;
	a->cpumap_hard.bitmap.p = map;
	a->cpumap_hard.nr_bits = 64;
	want(domctl(XEN_DOMCTL_setvcpuaffinity, id), 0);
	want(map[0], 1);
	want(map[1], 0);
	rule("setvcpuaffinity: no CPU that is there is EINVAL");
	map[0] = 2;
	want(domctl(XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
	map[0] = 0;
	want(domctl(XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
	rule("getvcpuaffinity fills as many bits as there is room for");
	memset(map, 0x5a, sizeof(map));
	a->cpumap_hard.nr_bits = 16;
	want(domctl(XEN_DOMCTL_getvcpuaffinity, id), 0);
	want(map[0] & 1, 1);
	want(map[1], 0);
	want(map[2], 0x5a);
	rule("affinity of a vCPU beyond the last is EINVAL");
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

static void settings(domid_t id)
{
	static const char handle[16] = "0123456789abcdef";

	rule("the handle is what was set");
	clear();
	memcpy(op.u.setdomainhandle.handle, handle, 16);
	want(domctl(XEN_DOMCTL_setdomainhandle, id), 0);
	want(plain(XEN_DOMCTL_getdomaininfo, id), 0);
	want_true(!memcmp(op.u.getdomaininfo.handle, handle, 16));
	rule("max_mem is kept, in pages");
	clear();
	op.u.max_mem.max_memkb = 4099;
	want(domctl(XEN_DOMCTL_max_mem, id), 0);
	want(plain(XEN_DOMCTL_getdomaininfo, id), 0);
	want(op.u.getdomaininfo.max_pages, 1024);
	rule("a debugger shows in the flags");
	clear();
	op.u.setdebugging.enable = 1;
	want(domctl(XEN_DOMCTL_setdebugging, id), 0);
	want(plain(XEN_DOMCTL_getdomaininfo, id), 0);
	want_true(op.u.getdomaininfo.flags & XEN_DOMINF_debugged);
	want(plain(XEN_DOMCTL_setdebugging, id), 0);
	rule("the address size is 64; 32 is EOPNOTSUPP here, others EINVAL");
	want(plain(XEN_DOMCTL_get_address_size, id), 0);
	want(op.u.address_size.size, 64);
	want(domctl(XEN_DOMCTL_set_address_size, id), 0);
	op.u.address_size.size = 48;
	want(domctl(XEN_DOMCTL_set_address_size, id), -XEN_EINVAL);
	rule("settimeoffset is taken");
	clear();
	op.u.settimeoffset.time_offset_seconds = -3600;
	want(domctl(XEN_DOMCTL_settimeoffset, id), 0);
	rule("the TSC mode is what was set; an unknown one is EINVAL");
	clear();
	op.u.tsc_info.tsc_mode = 2;
	want(domctl(XEN_DOMCTL_settscinfo, id), 0);
	want(plain(XEN_DOMCTL_gettscinfo, id), 0);
	want(op.u.tsc_info.tsc_mode, 2);
	want(op.u.tsc_info.gtsc_khz, 0);
	clear();
	op.u.tsc_info.tsc_mode = 1;
	want(domctl(XEN_DOMCTL_settscinfo, id), 0);
	want(plain(XEN_DOMCTL_gettscinfo, id), 0);
	want(op.u.tsc_info.tsc_mode, 1);
	want_true(op.u.tsc_info.gtsc_khz != 0);
	rule("scheduler_op: another scheduler or an unknown command is EINVAL");
	clear();
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_RTDS;
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	want(domctl(XEN_DOMCTL_scheduler_op, id), -XEN_EINVAL);
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op.u.scheduler_op.cmd = 77;
	want(domctl(XEN_DOMCTL_scheduler_op, id), -XEN_EINVAL);
	rule("scheduler_op: weight 256 to begin with, then as set");
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	want(domctl(XEN_DOMCTL_scheduler_op, id), 0);
	want(op.u.scheduler_op.u.credit2.weight, 256);
	want(op.u.scheduler_op.u.credit2.cap, 0);
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	op.u.scheduler_op.u.credit2.weight = 512;
	want(domctl(XEN_DOMCTL_scheduler_op, id), 0);
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	want(domctl(XEN_DOMCTL_scheduler_op, id), 0);
	want(op.u.scheduler_op.u.credit2.weight, 512);
}

static void memory(domid_t id)
{
	rule("hypercall_init: a frame that is not the domain's is refused");
	clear();
	op.u.hypercall_init.gmfn = virt_to_mfn(&context);
	want(domctl(XEN_DOMCTL_hypercall_init, id), -XEN_EINVAL);
	op.u.hypercall_init.gmfn = ~0ul >> 12;
	want(domctl(XEN_DOMCTL_hypercall_init, id), -XEN_EINVAL);
	rule("hypercall_init fills a page of one's own");
	op.u.hypercall_init.gmfn = virt_to_mfn(&context);
	want(domctl(XEN_DOMCTL_hypercall_init, 0), 0);
	static const uint8_t stub[14] = {
		0x51, 0x41, 0x53, 0xb8, 29, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3,
	};
	static const uint8_t iret[11] = {
		0x51, 0x41, 0x53, 0x50, 0xb8, 23, 0, 0, 0, 0x0f, 0x05,
	};
	want_true(!memcmp((char *)&context + 29 * 32, stub, sizeof(stub)));
	want_true(!memcmp((char *)&context + 23 * 32, iret, sizeof(iret)));
	rule("hypercall_init: a page table is refused");
	op.u.hypercall_init.gmfn = virt_to_mfn((void *)start_info->pt_base);
	want(domctl(XEN_DOMCTL_hypercall_init, 0), -XEN_EPERM);
	rule("getpageframeinfo3 tells tables from pages from others' frames");
	frames[0] = virt_to_mfn((void *)start_info->pt_base);
	frames[1] = virt_to_mfn(&context);
	frames[2] = ~0ul >> 12;
	clear();
	op.u.getpageframeinfo3.num = 3;
	op.u.getpageframeinfo3.array.p = frames;
	want(domctl(XEN_DOMCTL_getpageframeinfo3, 0), 0);
	want(frames[0], XEN_DOMCTL_PFINFO_L4TAB | XEN_DOMCTL_PFINFO_LPINTAB);
	want(frames[1], XEN_DOMCTL_PFINFO_NOTAB);
	want(frames[2], XEN_DOMCTL_PFINFO_XTAB);
	frames[0] = virt_to_mfn(&context);
	op.u.getpageframeinfo3.num = 1;
	want(domctl(XEN_DOMCTL_getpageframeinfo3, id), 0);
	want(frames[0], XEN_DOMCTL_PFINFO_XTAB);
	op.u.getpageframeinfo3.num = 1025;
	want(domctl(XEN_DOMCTL_getpageframeinfo3, id), -XEN_E2BIG);
	rule("set_virq_handler: numbers beyond the last and per-vCPU ones are EINVAL");
	clear();
	op.u.set_virq_handler.virq = 99;
	want(domctl(XEN_DOMCTL_set_virq_handler, 0), -XEN_EINVAL);
	op.u.set_virq_handler.virq = VIRQ_TIMER;
	want(domctl(XEN_DOMCTL_set_virq_handler, 0), -XEN_EINVAL);
	op.u.set_virq_handler.virq = VIRQ_DOM_EXC;
	want(domctl(XEN_DOMCTL_set_virq_handler, 0), 0);
	rule("shadow and HVM commands are EINVAL for a PV domain");
	want(plain(XEN_DOMCTL_shadow_op, id), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_gethvmcontext, id), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_sethvmcontext, id), -XEN_EINVAL);
	want(plain(XEN_DOMCTL_bind_pt_irq, id), -XEN_EINVAL);
}

void suite_main(void)
{
	domid_t id;

	if (!is_first_domain()) {
		rule("domctl is for the control domain");
		want(plain(XEN_DOMCTL_getdomaininfo, 0), -XEN_EPERM);
		return;
	}
	order_of_checks();
	oneself();
	bad_configurations();
	rule("createdomain with id 0 chooses one and tells it");
	config();
	want(create(0), 0);
	id = op.domain;
	want_true(id > 0 && id < DOMID_FIRST_RESERVED);
	information(id);
	pausing(id);
	vcpus(id);
	contexts(id);
	affinities(id);
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
