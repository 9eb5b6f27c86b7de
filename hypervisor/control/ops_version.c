/* SPDX-License-Identifier: MIT */
/* ops_version.c - who the hypervisor is: xen_version.
 *
 * Invariant: every reply is a whole structure, zero behind its text, so no
 * byte of ours leaks. Version comes first: guests ask it as the cheapest
 * way into the hypervisor and out again with events delivered.
 */
#include "control/about.h"

#include "base/string.h"
#include "domain/domain.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"

#include <public/features.h>
#include <public/version.h>

#define FEATURE(name)	(1u << XENFEAT_##name)

AFTER_BOOT_RO static xen_commandline_t command_line;

INIT void version_set_command_line(const char *options)
{
	strlcpy(command_line, options, sizeof(command_line));
}

static const xen_extraversion_t extraversion = ".0-paravane";
static const xen_capabilities_info_t capabilities = "xen-3.0-x86_64 ";
static const xen_changeset_info_t changeset = "paravane " VERSION;
static const struct xen_platform_parameters platform = {
	.virt_start = HYPERVISOR_VIRT_START,
};
static const struct xen_compile_info compile_info = {
	.compiler = __VERSION__,
	.compile_by = "paravane",
	.compile_domain = "",
	.compile_date = "",
};

static long give_features(const struct domain *d, uint64_t at)
{
	struct xen_feature_info info;

	if (copy_from_guest(&info, at, sizeof(info)))
		return -EFAULT;
	if (info.submap_idx)
		return -EINVAL;
	info.submap = FEATURE(memory_op_vnode_supported) | FEATURE(mmu_pt_update_preserve_ad) |
		      FEATURE(highmem_assist) | FEATURE(gnttab_map_avail_bits) |
		      FEATURE(direct_mapped);
	if (d->vm_assist & 1UL << VMASST_TYPE_pae_extended_cr3)
		info.submap |= FEATURE(pae_pgdir_above_4gb);
	if (d->control)
		info.submap |= FEATURE(dom0);
	return copy_to_guest(at, &info, sizeof(info));
}

static long give_command_line(const struct domain *d, uint64_t to)
{
	static const char denied[] = "<denied>";

	if (!d->control)
		return copy_to_guest(to, denied, sizeof(denied));
	return copy_to_guest(to, command_line, sizeof(command_line));
}

/* There is none, but the arguments are checked first. */
static long give_build_id(const struct domain *d, uint64_t at)
{
	struct xen_build_id id;

	if (!d->control)
		return -EPERM;
	if (at) {
		if (copy_from_guest(&id, at, sizeof(id)))
			return -EFAULT;
		if (!id.len)
			return -EINVAL;
	}
	return -ENODATA;
}

static __attribute__((noinline)) long version_other(struct vcpu *v, struct hcall *c)
{
	uint64_t arg = c->arg[1];

	switch ((uint32_t)c->arg[0]) {
	case XENVER_extraversion:
		return copy_to_guest(arg, extraversion, sizeof(extraversion));
	case XENVER_compile_info:
		return copy_to_guest(arg, &compile_info, sizeof(compile_info));
	case XENVER_capabilities:
		return copy_to_guest(arg, capabilities, sizeof(capabilities));
	case XENVER_changeset:
		return copy_to_guest(arg, changeset, sizeof(changeset));
	case XENVER_platform_parameters:
		return copy_to_guest(arg, &platform, sizeof(platform));
	case XENVER_get_features:
		return give_features(v->domain, arg);
	case XENVER_pagesize:
		return arg ? -EINVAL : (long)PAGE_SIZE;
	case XENVER_guest_handle:
		return copy_to_guest(arg, v->domain->handle, sizeof(v->domain->handle));
	case XENVER_commandline:
		return give_command_line(v->domain, arg);
	case XENVER_build_id:
		return give_build_id(v->domain, arg);
	default:
		return -ENOSYS;
	}
}

/* Guests make this call all the time, only to have their events delivered on
 * the way out: keep it short. */
long hc_xen_version(struct vcpu *v, struct hcall *c)
{
	if (likely((uint32_t)c->arg[0] == XENVER_version))
		return ABI_MAJOR << 16 | ABI_MINOR;
	return version_other(v, c);
}
