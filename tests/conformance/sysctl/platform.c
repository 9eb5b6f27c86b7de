/* SPDX-License-Identifier: MIT */
/* platform.c - platform_op: clock, firmware, processors and power. */
#include "sysctl.h"

struct xen_platform_op pf;

static void clear(void)
{
	memset(&pf, 0, sizeof(pf));
}

long platform(uint32_t cmd)
{
	pf.cmd = cmd;
	pf.interface_version = XENPF_INTERFACE_VERSION;
	return call(platform_op, &pf);
}

void platforms(void)
{
	struct xenpf_pcpuinfo *cpu = &pf.u.pcpu_info;

	rule("platform: unknown commands are ENOSYS");
	clear();
	want(platform(9999), -XEN_ENOSYS);
	rule("settime64: the field that must be 0 must be 0");
	clear();
	pf.u.settime64.mbz = 1;
	want(platform(XENPF_settime64), -XEN_EINVAL);
	rule("firmware_info: no such index is ESRCH, no such kind EINVAL");
	clear();
	pf.u.firmware_info.type = XEN_FW_DISK_INFO;
	pf.u.firmware_info.index = 99;
	want(platform(XENPF_firmware_info), -XEN_ESRCH);
	pf.u.firmware_info.type = XEN_FW_KBD_SHIFT_FLAGS;
	want(platform(XENPF_firmware_info), -XEN_ESRCH);
	pf.u.firmware_info.index = 0;
	want(platform(XENPF_firmware_info), 0);
	pf.u.firmware_info.type = 77;
	want(platform(XENPF_firmware_info), -XEN_EINVAL);
	pf.u.firmware_info.type = XEN_FW_EFI_INFO;
	want(platform(XENPF_firmware_info), -XEN_ENOSYS);
	rule("get_cpuinfo: each CPU is online, the next is none");
	clear();
	for (unsigned int i = 0; i < cpus(); i++) {
		cpu->xen_cpuid = i;
		want(platform(XENPF_get_cpuinfo), 0);
		want(cpu->flags, XEN_PCPU_FLAGS_ONLINE);
		want(cpu->max_present, cpus() - 1);
		want(cpu->apic_id, i);
		want(cpu->acpi_id, i);
	}
	cpu->xen_cpuid = cpus();
	want(platform(XENPF_get_cpuinfo), 0);
	want(cpu->flags, XEN_PCPU_FLAGS_INVALID);
	rule("get_cpu_version: a vendor, and none for no CPU");
	clear();
	want(platform(XENPF_get_cpu_version), 0);
	want_true(pf.u.pcpu_version.vendor_id[0] != 0);
	pf.u.pcpu_version.xen_cpuid = 7;
	want(platform(XENPF_get_cpu_version), 0);
	want(pf.u.pcpu_version.vendor_id[0], 0);
	want(pf.u.pcpu_version.family, 0);
	rule("CPU 0 stays; CPUs that are not there are EINVAL");
	clear();
	want(platform(XENPF_cpu_offline), -XEN_EOPNOTSUPP);
	pf.u.cpu_ol.cpuid = 7;
	want(platform(XENPF_cpu_offline), -XEN_EINVAL);
	want(platform(XENPF_cpu_online), -XEN_EINVAL);
	rule("acpi_sleep to no state there is is EINVAL");
	clear();
	want(platform(XENPF_enter_acpi_sleep), -XEN_EINVAL);
	pf.u.enter_acpi_sleep.sleep_state = 9;
	want(platform(XENPF_enter_acpi_sleep), -XEN_EINVAL);
	rule("read_memtype of a register that is not there is EINVAL");
	clear();
	pf.u.read_memtype.reg = 999;
	want(platform(XENPF_read_memtype), -XEN_EINVAL);
}
