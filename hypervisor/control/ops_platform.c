/* SPDX-License-Identifier: MIT */
/* ops_platform.c - the control domain speaks for the machine: platform_op.
 *
 * Guards: the block is copied once; then version (EACCES) and rights (EPERM)
 * are checked, before any command looks at its argument.
 */
#include "base/errno.h"
#include "base/string.h"
#include "control/machine.h"
#include "control/poweroff.h"
#include "cpu/insn.h"
#include "domain/domain.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "sched/sched.h"
#include "time/time.h"

#include <public/platform.h>

#define ACPI_STATE_S5	5

struct platform {
	struct xen_platform_op op;
	bool reply;
};

static long set_time(uint64_t secs, uint32_t nsecs, uint64_t at)
{
	wallclock_set(secs, nsecs, at);
	return 0;
}

/* No BIOS was asked at boot, so there are no disks, screens or EFI tables. */
static long firmware_info(struct platform *k)
{
	struct xenpf_firmware_info *f = &k->op.u.firmware_info;

	switch (f->type) {
	case XEN_FW_DISK_INFO:
	case XEN_FW_DISK_MBR_SIGNATURE:
	case XEN_FW_VBEDDC_INFO:
		return -ESRCH;
	case XEN_FW_EFI_INFO:
		return -ENOSYS;
	case XEN_FW_KBD_SHIFT_FLAGS:
		if (f->index)
			return -ESRCH;
		f->u.kbd_shift_flags = 0;
		k->reply = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static long get_cpuinfo(struct platform *k)
{
	struct xenpf_pcpuinfo *p = &k->op.u.pcpu_info;

	if (p->xen_cpuid >= nr_cpus()) {
		p->flags = XEN_PCPU_FLAGS_INVALID;
	} else {
		p->flags = XEN_PCPU_FLAGS_ONLINE;
		p->apic_id = cpu_of(p->xen_cpuid)->apic_id;
		p->acpi_id = p->xen_cpuid;
	}
	p->max_present = nr_cpus() - 1;
	k->reply = true;
	return 0;
}

static long get_cpu_version(struct platform *k)
{
	struct xenpf_pcpu_version *p = &k->op.u.pcpu_version;
	const struct cpuid_regs name = cpuid(0, 0);
	const uint32_t vendor[3] = { name.b, name.d, name.c };
	uint32_t signature = cpuid(1, 0).a;
	uint32_t id = p->xen_cpuid;

	memset(p, 0, sizeof(*p));
	p->xen_cpuid = id;
	p->max_present = nr_cpus() - 1;
	if (id < nr_cpus()) {
		memcpy(p->vendor_id, vendor, sizeof(p->vendor_id));
		p->family = (signature >> 8 & 15) + (signature >> 20 & 255);
		p->model = (signature >> 4 & 15) | (signature >> 12 & 0xf0);
		p->stepping = signature & 15;
	}
	k->reply = true;
	return 0;
}

static long get_idle_time(struct platform *k)
{
	struct xenpf_getidletime *g = &k->op.u.getidletime;
	const struct xenctl_bitmap map = {
		.bitmap = { g->cpumap_bitmap.p }, .nr_bits = g->cpumap_nr_cpus,
	};
	uint64_t cpus;
	long rc = bitmap_from_caller(&cpus, &map);

	if (rc)
		return rc;
	cpus &= cpus_online;
	for (uint64_t left = cpus; left; left &= left - 1) {
		uint32_t cpu = (uint32_t)__builtin_ctzl(left);

		if (guest_write_u64((uint64_t)(g->idletime.p + cpu), sched_idle_time(cpu)))
			return -EFAULT;
	}
	g->now = time_now();
	k->reply = true;
	return bitmap_to_caller(&map, cpus);
}

/* Sleeping would need what we do not keep: only "off" is done. */
static long enter_acpi_sleep(const struct platform *k)
{
	if (k->op.u.enter_acpi_sleep.sleep_state != ACPI_STATE_S5)
		return -EINVAL;
	log("the control domain asks for power off");
	machine_power_off();
}

static long cpu_onoff(const struct platform *k)
{
	if (k->op.u.cpu_ol.cpuid >= nr_cpus())
		return -EINVAL;
	return k->op.cmd == XENPF_cpu_online ? 0 : -EOPNOTSUPP;
}

static long perform(struct platform *k)
{
	const struct xenpf_settime32 *t32 = &k->op.u.settime32;
	const struct xenpf_settime64 *t64 = &k->op.u.settime64;

	switch (k->op.cmd) {
	case XENPF_settime32:
		return set_time(t32->secs, t32->nsecs, t32->system_time);
	case XENPF_settime64:
		return t64->mbz ? -EINVAL :
		       set_time(t64->secs, t64->nsecs, t64->system_time);
	case XENPF_firmware_info:
		return firmware_info(k);
	case XENPF_get_cpuinfo:
		return get_cpuinfo(k);
	case XENPF_get_cpu_version:
		return get_cpu_version(k);
	case XENPF_getidletime:
		return get_idle_time(k);
	case XENPF_enter_acpi_sleep:
		return enter_acpi_sleep(k);
	case XENPF_cpu_online:
	case XENPF_cpu_offline:
		return cpu_onoff(k);
	case XENPF_add_memtype:
	case XENPF_del_memtype:
	case XENPF_read_memtype:
	case XENPF_microcode_update:
	case XENPF_platform_quirk:
	case XENPF_set_processor_pminfo:
	case XENPF_cpu_hotadd:
	case XENPF_mem_hotadd:
	case XENPF_resource_op:
	case XENPF_get_symbol:
		return -EINVAL;
	case XENPF_core_parking:
		return -EOPNOTSUPP;
	default:
		return -ENOSYS;
	}
}

long hc_platform_op(struct vcpu *v, struct hcall *c)
{
	struct platform k = { .reply = false };
	long rc;

	if (copy_from_guest(&k.op, c->arg[0], sizeof(k.op)))
		return -EFAULT;
	entry_command(k.op.cmd);
	if (k.op.interface_version != XENPF_INTERFACE_VERSION)
		return -EACCES;
	if (!v->domain->control)
		return domain_refuse();
	rc = perform(&k);
	if (k.reply && !rc && copy_to_guest(c->arg[0], &k.op, sizeof(k.op)))
		rc = -EFAULT;
	return rc;
}
