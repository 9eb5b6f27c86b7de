/* SPDX-License-Identifier: MIT */
/* ops_domctl.c - other domains: the front of domctl.
 *
 * Guards: the block is copied once; then version (EACCES), domain (ESRCH)
 * and rights (EPERM) are checked in this order, before any command looks at
 * its argument. A command is restarted by entering it again with the block
 * unchanged, so every handler that may be restarted can be entered twice.
 * Not here: what a command does (ops_domctl_*.c).
 */
#include "control/domctl.h"

#include "base/errno.h"
#include "control/lifecycle.h"
#include "control/machine.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"

/* Commands for what we lack: devices, hardware virtualization, observers. */
static long refused(uint32_t cmd)
{
	switch (cmd) {
	case XEN_DOMCTL_shadow_op:
	case XEN_DOMCTL_gethvmcontext:
	case XEN_DOMCTL_sethvmcontext:
	case XEN_DOMCTL_gethvmcontext_partial:
	case XEN_DOMCTL_bind_pt_irq:
	case XEN_DOMCTL_unbind_pt_irq:
	case XEN_DOMCTL_irq_permission:
	case XEN_DOMCTL_iomem_permission:
	case XEN_DOMCTL_ioport_permission:
	case XEN_DOMCTL_memory_mapping:
		return -EINVAL;
	case XEN_DOMCTL_psr_cmt_op:
	case XEN_DOMCTL_psr_alloc:
		return -ENODEV;
	case XEN_DOMCTL_subscribe:
	case XEN_DOMCTL_assign_device:
	case XEN_DOMCTL_ioport_mapping:
	case XEN_DOMCTL_set_ext_vcpucontext ... XEN_DOMCTL_get_ext_vcpucontext:
	case XEN_DOMCTL_test_assign_device:
	case XEN_DOMCTL_deassign_device:
	case XEN_DOMCTL_get_device_group:
	case XEN_DOMCTL_debug_op:
	case XEN_DOMCTL_vm_event_op ... XEN_DOMCTL_mem_sharing_op:
	case XEN_DOMCTL_setvcpuextstate ... XEN_DOMCTL_audit_p2m:
	case XEN_DOMCTL_get_vcpu_msrs ... XEN_DOMCTL_setvnumainfo:
	case XEN_DOMCTL_monitor_op:
	case XEN_DOMCTL_soft_reset:
	case XEN_DOMCTL_vmtrace_op ... XEN_DOMCTL_set_paging_mempool_size:
	case XEN_DOMCTL_gdbsx_guestmemio ... XEN_DOMCTL_gdbsx_domstatus:
		return -EOPNOTSUPP;
	default:
		return -ENOSYS;
	}
}

static long perform(struct domctl *k, bool *back)
{
	switch (k->op.cmd) {
#define DOMCTL(name, goes_back)				\
	case XEN_DOMCTL_##name:				\
		*back = goes_back;			\
		return domctl_##name(k);
#include "control/domctl.def"
#undef DOMCTL
	default:
		return refused(k->op.cmd);
	}
}

static long perform_alone(struct domctl *k, bool *back)
{
	long rc = -ERESTART;

	if (lifecycle_trylock()) {
		rc = perform(k, back);
		lifecycle_unlock();
	}
	return rc;
}

/* These name no domain, or look for one themselves. */
static bool names_none(const struct xen_domctl *op)
{
	return op->cmd == XEN_DOMCTL_createdomain || op->cmd == XEN_DOMCTL_getdomaininfo;
}

/* tour 20: the control domain speaks about other domains. */
long hc_domctl(struct vcpu *v, struct hcall *c)
{
	struct domctl k = { .caller = v };
	bool back = false;
	long rc;

	if (copy_from_guest(&k.op, c->arg[0], sizeof(k.op)))
		return -EFAULT;
	entry_command(k.op.cmd);
	if (k.op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return -EACCES;
	if (v->domain->control) {
		k.resumed = k.op.cmd & CMD_RESUMED;
		k.op.cmd &= ~CMD_RESUMED;
	}
	if (!names_none(&k.op)) {
		k.d = domain_get_by_id(k.op.domain);
		if (!k.d && !(k.resumed && k.op.cmd == XEN_DOMCTL_destroydomain))
			return -ESRCH;
	}
	rc = v->domain->control ? perform_alone(&k, &back) : domain_refuse();
	if (k.d)
		domain_put(k.d);
	if (rc == -ERESTART)
		k.op.cmd |= CMD_RESUMED;
	if ((k.reply || k.resumed || (back && !rc)) &&
	    copy_to_guest(c->arg[0], &k.op, sizeof(k.op)))
		rc = -EFAULT;
	return rc;
}
