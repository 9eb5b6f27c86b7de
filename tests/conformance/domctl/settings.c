/* SPDX-License-Identifier: MIT */
/* settings.c - what the control domain says of a domain, and its frames. */
#include "domctl.h"

static xen_pfn_t frames[4];

void settings(domid_t id)
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
	rule("the address size is 64; 48 is EINVAL");
	want(plain(XEN_DOMCTL_get_address_size, id), 0);
	want(op.u.address_size.size, 64);
	want(domctl(XEN_DOMCTL_set_address_size, id), 0);
	op.u.address_size.size = 48;
	want(domctl(XEN_DOMCTL_set_address_size, id), -XEN_EINVAL);
	rule("settimeoffset is taken");
	clear();
	op.u.settimeoffset.time_offset_seconds = -3600;
	want(domctl(XEN_DOMCTL_settimeoffset, id), 0);
	rule("the TSC mode is what was set");
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
	rule("an emulated TSC's rate, age and incarnation are what was set");
	clear();
	op.u.tsc_info.tsc_mode = 1;
	op.u.tsc_info.gtsc_khz = 1000000;
	op.u.tsc_info.incarnation = 5;
	op.u.tsc_info.elapsed_nsec = 3600000000000;
	want(domctl(XEN_DOMCTL_settscinfo, id), 0);
	want(plain(XEN_DOMCTL_gettscinfo, id), 0);
	want(op.u.tsc_info.gtsc_khz, 1000000);
	want(op.u.tsc_info.incarnation, 6);
	want_true(op.u.tsc_info.elapsed_nsec >= 3600000000000 &&
		  op.u.tsc_info.elapsed_nsec < 3700000000000);
	rule("the rates of 1 kHz and of 4 THz are taken");
	for (int i = 0; i < 2; i++) {
		clear();
		op.u.tsc_info.tsc_mode = 1;
		op.u.tsc_info.gtsc_khz = i ? ~0u : 1;
		op.u.tsc_info.elapsed_nsec = ~0ul;
		want(domctl(XEN_DOMCTL_settscinfo, id), 0);
		want(plain(XEN_DOMCTL_gettscinfo, id), 0);
		want(op.u.tsc_info.gtsc_khz, i ? ~0u : 1);
	}
	rule("a TSC mode above 2 is EINVAL, and nothing changes");
	for (uint32_t mode = 3; mode < 6; mode++) {
		clear();
		op.u.tsc_info.tsc_mode = mode;
		want(domctl(XEN_DOMCTL_settscinfo, id), -XEN_EINVAL);
	}
	want(plain(XEN_DOMCTL_gettscinfo, id), 0);
	want(op.u.tsc_info.tsc_mode, 1);
	want(op.u.tsc_info.gtsc_khz, ~0u);
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

void memory(domid_t id)
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
