/* SPDX-License-Identifier: MIT */
/* callbacks.c - callback_op and set_callbacks: arguments, and what they set. */
#include <xen/nmi.h>
#include <xen/vcpu.h>

#include "syscall.h"

#define op(cmd, arg)	call(callback_op, cmd, arg)
#define NOWHERE		((void *)0x5000ul)

static const uint16_t types[] = {
	CALLBACKTYPE_event, CALLBACKTYPE_failsafe, CALLBACKTYPE_syscall,
	CALLBACKTYPE_sysenter, CALLBACKTYPE_syscall32,
};
static const uint16_t no_types[] = { 3, 6, 8, 31, 32, 34, 0x100, 0xffff };

static long unregister(uint16_t type)
{
	struct callback_unregister u = { .type = type };

	return op(CALLBACKOP_unregister, &u);
}

static void arguments(void)
{
	static void *const bad[] = { (void *)1, NULL, (void *)0x5000, BAD_POINTER,
				     HYPERVISOR_POINTER };

	rule("callback_op of a bad address is EFAULT");
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		want(op(CALLBACKOP_register, bad[i]), -XEN_EFAULT);
		want(op(CALLBACKOP_unregister, bad[i]), -XEN_EFAULT);
	}
	rule("callback_op knows two commands");
	for (unsigned long cmd = 2; cmd < 10; cmd++)
		want(op(cmd, NULL), -XEN_ENOSYS);
	want(op(~0ul, NULL), -XEN_ENOSYS);
	rule("types of callbacks that there are not are ENOSYS");
	for (unsigned int i = 0; i < sizeof(no_types) / sizeof(no_types[0]); i++) {
		want(set_callback(no_types[i], 0, entry_stub(ENTRY_OTHER)), -XEN_ENOSYS);
		want(unregister(no_types[i]), -XEN_ENOSYS);
	}
	rule("an address that is not canonical is EINVAL, before the type is looked at");
	for (unsigned int i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		want(set_callback(types[i], 0, BAD_POINTER), -XEN_EINVAL);
	want(set_callback(CALLBACKTYPE_nmi, 0, BAD_POINTER), -XEN_EINVAL);
	want(set_callback(3, 0, BAD_POINTER), -XEN_EINVAL);
	rule("a refused address leaves the callback as it was");
	enter(USER, syscall_only);
	want(pushed.entry, ENTRY_SYSCALL);
	rule("callbacks cannot be taken away, but the NMI's");
	for (unsigned int i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		want(unregister(types[i]), -XEN_EINVAL);
	want(unregister(CALLBACKTYPE_nmi), 0);
	want(unregister(CALLBACKTYPE_nmi), 0);
	rule("other flags of a registration mean nothing");
	want(set_callback(CALLBACKTYPE_syscall, 0xfffe, entry_stub(ENTRY_SYSCALL)), 0);
	enter(USER, syscall_only);
	want(pushed.entry, ENTRY_SYSCALL);
}

static void old_form(void)
{
	void *event = entry_stub(ENTRY_EVENT), *failsafe = entry_stub(ENTRY_FAILSAFE);
	struct frame f;

	rule("set_callbacks sets three, and lets events in");
	set_callback(CALLBACKTYPE_syscall, CALLBACKF_mask_events, entry_stub(ENTRY_SYSCALL));
	want(call(set_callbacks, event, failsafe, entry_stub(ENTRY_OTHER)), 0);
	f = state_in(USER, syscall_only);
	f.rflags |= RFLAGS_IF;
	run_from(&f);
	want(pushed.entry, ENTRY_OTHER);
	want(pushed.mask, 0);
	event_mask = 1;
	rule("set_callbacks answers 0 for bad addresses, and leaves those as they were");
	want(call(set_callbacks, event, failsafe, BAD_POINTER), 0);
	want(enter(USER, syscall_only), ENTRY_OTHER);
	want(call(set_callbacks, BAD_POINTER, BAD_POINTER, entry_stub(ENTRY_SYSCALL)), 0);
	want(enter(USER, syscall_only), ENTRY_SYSCALL);
	want(call(set_callbacks, event, failsafe, entry_stub(ENTRY_SYSCALL)), 0);
}

/* The last NMI: where it came from, and how many while it was served. */
static volatile unsigned int nmis;
static volatile uint64_t nmi_cs, nmi_rip;
static volatile uint8_t nmi_mask;

static bool count_nmi(struct frame *f)
{
	if (f->vector != ENTRY_NMI && f->vector != 2)
		return false;
	nmis++;
	nmi_cs = f->cs;
	nmi_rip = f->rip;
	nmi_mask = event_mask;
	if (nmis == 1) {
		call(vcpu_op, VCPUOP_send_nmi, 0, 0);
		call(xen_version, 0, 0);
		if (nmis != 1)
			nmis = 1000;	/* it came into its own handler */
	}
	return true;
}

static long send_nmi(void)
{
	return call(vcpu_op, VCPUOP_send_nmi, 0, 0);
}

static void nmi(void)
{
	struct xennmi_callback cb = { .handler_address = (unsigned long)entry_stub(2) };

	trap_hook = count_nmi;
	rule("an NMI enters its callback, though events are masked, and masks them");
	want(set_callback(CALLBACKTYPE_nmi, 0, entry_stub(ENTRY_NMI)), 0);
	nmis = 1;			/* no second one */
	want(send_nmi(), 0);
	call(xen_version, 0, 0);
	want(nmis, 2);
	want(nmi_cs & 0xffff, 0xe030);
	want(nmi_mask, 1);
	event_mask = 0;
	want(send_nmi(), 0);
	call(xen_version, 0, 0);
	want(nmis, 3);
	want(nmi_cs >> 32, 0);
	want(nmi_mask, 1);
	want(event_mask, 0);
	event_mask = 1;
	rule("an NMI during its handler comes after the handler's iret");
	nmis = 0;
	want(send_nmi(), 0);
	call(xen_version, 0, 0);
	want(nmis, 2);
	rule("nmi_op registers the same callback");
	want(call(nmi_op, XENNMI_register_callback, &cb), 0);
	nmis = 1;
	want(send_nmi(), 0);
	call(xen_version, 0, 0);
	want(nmis, 2);
	rule("nmi_op's arguments: EFAULT, EINVAL if not canonical, ENOSYS");
	want(call(nmi_op, XENNMI_register_callback, NOWHERE), -XEN_EFAULT);
	cb.handler_address = (unsigned long)BAD_POINTER;
	want(call(nmi_op, XENNMI_register_callback, &cb), -XEN_EINVAL);
	want(call(nmi_op, 2, 0), -XEN_ENOSYS);
	want(call(nmi_op, XENNMI_unregister_callback, 0), 0);
	trap_hook = NULL;
}

void callbacks(void)
{
	arguments();
	old_form();
	nmi();
}
