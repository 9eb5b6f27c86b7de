/* SPDX-License-Identifier: MIT */
/* devices - physdev_op, vm_assist, hvm_op and calls that answer no: the errors.
 */
#include <xen/hvm/hvm_op.h>
#include <xen/physdev.h>

#include "lib.h"

const char suite_name[] = "devices";

static PAGE char page[4096];

static void privileges(void)
{
	struct physdev_set_iopl iopl = { 1 };
	struct physdev_set_iobitmap bitmap = { { (void *)page }, 65536 };

	rule("set_iopl takes 0 to 3");
	for (iopl.iopl = 0; iopl.iopl < 4; iopl.iopl++)
		want(call(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
	want(call(physdev_op, PHYSDEVOP_set_iopl, &iopl), -XEN_EINVAL);
	want(call(physdev_op, PHYSDEVOP_set_iopl, BAD_POINTER), -XEN_EFAULT);
	iopl.iopl = 0;
	want(call(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
	rule("set_iobitmap takes up to 65536 ports and a possible address");
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &bitmap), 0);
	bitmap.nr_ports++;
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &bitmap), -XEN_EINVAL);
	bitmap.nr_ports = 8;
	bitmap.bitmap.p = HYPERVISOR_POINTER;
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &bitmap), -XEN_EINVAL);
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, BAD_POINTER), -XEN_EFAULT);
	bitmap.bitmap.p = NULL;
	bitmap.nr_ports = 0;
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &bitmap), 0);
}

static void interrupts(void)
{
	struct physdev_irq_status_query query = { 100000, 0 };
	struct physdev_eoi eoi = { 100000 };
	struct physdev_pirq_eoi_gmfn gmfn = { ~0ul >> 12 };
	struct physdev_map_pirq map = { .domid = 77, .type = MAP_PIRQ_TYPE_GSI };
	struct physdev_unmap_pirq unmap = { .domid = 77 };
	struct physdev_setup_gsi gsi = { .gsi = -1 };

	rule("interrupts beyond the last are EINVAL");
	want(call(physdev_op, PHYSDEVOP_irq_status_query, &query), -XEN_EINVAL);
	want(call(physdev_op, PHYSDEVOP_eoi, &eoi), -XEN_EINVAL);
	want(call(physdev_op, PHYSDEVOP_setup_gsi, &gsi), -XEN_EINVAL);
	gsi.gsi = 100000;
	want(call(physdev_op, PHYSDEVOP_setup_gsi, &gsi), -XEN_EINVAL);
	rule("an interrupt that is not ours wants an eoi to be said, and no sharing");
	query.irq = 10;
	want(call(physdev_op, PHYSDEVOP_irq_status_query, &query), 0);
	want(query.flags, XENIRQSTAT_needs_eoi);
	rule("the eoi page must be one's own and writable, and is given once");
	want(call(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), -XEN_EINVAL);
	gmfn.gmfn = virt_to_mfn((void *)start_info->pt_base);
	want(call(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), -XEN_EINVAL);
	gmfn.gmfn = virt_to_mfn(page);
	want(call(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), 0);
	want(call(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), -XEN_EBUSY);
	rule("with an eoi page the query says the same");
	want(call(physdev_op, PHYSDEVOP_irq_status_query, &query), 0);
	want(query.flags, XENIRQSTAT_needs_eoi);
	rule("map_pirq, unmap_pirq: a domain that is not there is ESRCH");
	want(call(physdev_op, PHYSDEVOP_map_pirq, &map), -XEN_ESRCH);
	want(call(physdev_op, PHYSDEVOP_unmap_pirq, &unmap), -XEN_ESRCH);
	rule("map_pirq: no such interrupt or kind is EINVAL");
	map.domid = DOMID_SELF;
	map.index = 100000;
	map.pirq = -1;
	want(call(physdev_op, PHYSDEVOP_map_pirq, &map),
	     is_first_domain() ? -XEN_EINVAL : -XEN_EPERM);
	map.index = 5;
	map.type = 77;
	want(call(physdev_op, PHYSDEVOP_map_pirq, &map),
	     is_first_domain() ? -XEN_EINVAL : -XEN_EPERM);
	rule("unmap_pirq of what is not mapped is EINVAL");
	unmap.domid = DOMID_SELF;
	unmap.pirq = 100000;
	want(call(physdev_op, PHYSDEVOP_unmap_pirq, &unmap),
	     is_first_domain() ? -XEN_EINVAL : -XEN_EPERM);
	rule("bad pointers are EFAULT, unknown commands ENOSYS");
	want(call(physdev_op, PHYSDEVOP_eoi, BAD_POINTER), -XEN_EFAULT);
	want(call(physdev_op, PHYSDEVOP_map_pirq, BAD_POINTER), -XEN_EFAULT);
	want(call(physdev_op, PHYSDEVOP_apic_read, BAD_POINTER), -XEN_EFAULT);
	want(call(physdev_op, PHYSDEVOP_manage_pci_add, BAD_POINTER), -XEN_EFAULT);
	want(call(physdev_op, PHYSDEVOP_pci_device_add, BAD_POINTER), -XEN_EFAULT);
	want(call(physdev_op, 999, page), -XEN_ENOSYS);
	want(call(physdev_op, 11, page), -XEN_ENOSYS);
	want(call(physdev_op, PHYSDEVOP_IRQ_UNMASK_NOTIFY, 0), 0);
}

static void older_number(void)
{
	struct physdev_op op = { .cmd = PHYSDEVOP_set_iopl };

	rule("physdev_op by its older number: command and argument in one block");
	op.u.set_iopl.iopl = 1;
	want(call(physdev_op_compat, &op), 0);
	op.u.set_iopl.iopl = 4;
	want(call(physdev_op_compat, &op), -XEN_EINVAL);
	op.cmd = PHYSDEVOP_eoi;
	op.u.irq_op.irq = 100000;
	want(call(physdev_op_compat, &op), -XEN_EINVAL);
	op.cmd = 999;
	want(call(physdev_op_compat, &op), -XEN_ENOSYS);
	want(call(physdev_op_compat, BAD_POINTER), -XEN_EFAULT);
	op.cmd = PHYSDEVOP_set_iopl;
	op.u.set_iopl.iopl = 0;
	want(call(physdev_op_compat, &op), 0);
}

static void assists(void)
{
	rule("vm_assist takes the types a 64-bit guest has");
	want(call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_4gb_segments), 0);
	want(call(vm_assist, VMASST_CMD_disable, VMASST_TYPE_4gb_segments), 0);
	want(call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
	want(call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
	want(call(vm_assist, VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag), 0);
	rule("vm_assist: other types are EINVAL, other commands ENOSYS");
	want(call(vm_assist, VMASST_CMD_enable, 6), -XEN_EINVAL);
	want(call(vm_assist, VMASST_CMD_enable, 31), -XEN_EINVAL);
	want(call(vm_assist, VMASST_CMD_enable, 33), -XEN_EINVAL);
	want(call(vm_assist, VMASST_CMD_enable, 64), -XEN_EINVAL);
	want(call(vm_assist, 7, 6), -XEN_EINVAL);
	want(call(vm_assist, 7, VMASST_TYPE_writable_pagetables), -XEN_ENOSYS);
}

static void hvm(void)
{
	struct xen_hvm_param param = { .domid = DOMID_SELF };
	struct xen_hvm_get_time time = { 0 };

	rule("hvm_op: the time is the system's");
	want(call(hvm_op, HVMOP_get_time, &time), 0);
	want_true(time.now != 0);
	want(call(hvm_op, HVMOP_get_time, BAD_POINTER), -XEN_EFAULT);
	rule("hvm_op: parameters are EINVAL, after the domain is found");
	want(call(hvm_op, HVMOP_get_param, &param), -XEN_EINVAL);
	want(call(hvm_op, HVMOP_set_param, &param), -XEN_EINVAL);
	want(call(hvm_op, HVMOP_get_param, BAD_POINTER), -XEN_EFAULT);
	param.index = 1000;
	want(call(hvm_op, HVMOP_get_param, &param), -XEN_EINVAL);
	param.index = 0;
	param.domid = 77;
	want(call(hvm_op, HVMOP_get_param, &param), -XEN_ESRCH);
	rule("hvm_op: other HVM commands are EINVAL, unknown ones ENOSYS");
	want(call(hvm_op, HVMOP_flush_tlbs, page), -XEN_EINVAL);
	want(call(hvm_op, HVMOP_set_evtchn_upcall_vector, page), -XEN_EINVAL);
	want(call(hvm_op, 99, page), -XEN_ENOSYS);
	rule("hvm_op: altp2m is not there");
	want(call(hvm_op, HVMOP_altp2m, page), -XEN_EOPNOTSUPP);
	rule("hvm_op: an event nobody listens to is fine, with no argument");
	want(call(hvm_op, HVMOP_guest_request_vm_event, 0), 0);
	want(call(hvm_op, HVMOP_guest_request_vm_event, page), -XEN_EINVAL);
}

static void absent(void)
{
	rule("performance counters are off: EOPNOTSUPP");
	want(call(xenpmu_op, 4, page), -XEN_EOPNOTSUPP);
	for (int cmd = 0; cmd < 8; cmd++)
		want(call(xenpmu_op, cmd, BAD_POINTER), -XEN_EOPNOTSUPP);
}

void suite_main(void)
{
	privileges();
	interrupts();
	older_number();
	assists();
	hvm();
	absent();
}
