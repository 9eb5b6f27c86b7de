/* SPDX-License-Identifier: MIT */
/* foreign.c - calls that name other domains: frames of others in one half of
 * the argument, tables of others in the other.
 *
 * One domain is alone here: the others are nobody, itself, and the two that
 * stand for devices and for the hypervisor.
 */
#include <xen/memory.h>

#include "paging.h"

#define TABLES_OF(d)	((unsigned long)((d) + 1) << 16)
/* DOMID_IO and DOMID_XEN are for domains that control others. */
#define CONTROL(rc)	(is_first_domain() ? (rc) : -XEN_EPERM)

static void table_owners(void)
{
	uint64_t at = entry_at(page, 1), rw = make(page, PTE_PRESENT | PTE_WRITE);
	struct mmu_update u = { at, rw };

	rule("tables of one's own number are one's own tables");
	want(update_as(at, rw, DOMID_SELF | TABLES_OF(own_number())), 0);
	want(updates_done, 1);
	rule("tables of nobody are ESRCH before the list and the frames' owner are asked");
	want(update_as(at, rw, 0x1234 | TABLES_OF(0x1234)), -XEN_ESRCH);
	want(call(mmu_update, 0x1000, 1, 0, DOMID_SELF | TABLES_OF(0x1234)), -XEN_ESRCH);
	want(call(mmu_update, 0, 0, 0, DOMID_SELF | TABLES_OF(0x1234)), -XEN_ESRCH);
	rule("tables of nobody leave the count of done alone");
	want(update_as(at, rw, DOMID_SELF | TABLES_OF(0x1234)), -XEN_ESRCH);
	want(updates_done, 99);
	rule("frames of nobody are ESRCH, with none done");
	updates_done = 99;
	want(call(mmu_update, &u, 1, &updates_done, 0x1234), -XEN_ESRCH);
	want(updates_done, 0);
	rule("the domains that are not to be had are ESRCH as owners of tables");
	want(update_as(at, rw, DOMID_SELF | TABLES_OF(DOMID_IO)), -XEN_ESRCH);
	want(update_as(at, rw, DOMID_SELF | TABLES_OF(DOMID_XEN)), -XEN_ESRCH);
	want(update_as(at, rw, DOMID_SELF | TABLES_OF(DOMID_IDLE)), -XEN_ESRCH);
}

static void devices_and_hypervisor(void)
{
	uint64_t at = entry_at(page, 1), rw = make(page, PTE_PRESENT | PTE_WRITE);
	uint64_t gone = make(page, PTE_WRITE);

	rule("updates and frames of DOMID_XEN are the control domain's to ask for");
	want(update_as(at, gone, DOMID_XEN), CONTROL(0));
	want(update_as(at, rw, DOMID_XEN), CONTROL(-XEN_EBUSY));
	want(update_as(make(page, MMU_MACHPHYS_UPDATE), 5, DOMID_XEN), CONTROL(-XEN_EINVAL));
	want(call(update_va_mapping_otherdomain, page, gone, 0, DOMID_XEN), CONTROL(0));
	rule("any domain may update its tables for DOMID_IO, whose frames are not its own");
	want(update_as(at, gone, DOMID_IO), 0);
	want(update_as(at, rw, DOMID_IO), -XEN_EBUSY);
	want(update_as(make(page, MMU_MACHPHYS_UPDATE), 5, DOMID_IO), -XEN_EINVAL);
	rule("update_va_mapping_otherdomain for DOMID_IO is the control domain's");
	want(call(update_va_mapping_otherdomain, page, gone, 0, DOMID_IO), CONTROL(0));
	want(call(update_va_mapping_otherdomain, page, rw, 0, DOMID_IO), CONTROL(-XEN_EBUSY));
	rule("update_va_mapping_otherdomain is refused before its address is looked at");
	want(call(update_va_mapping_otherdomain, HYPERVISOR_VIRT_START, rw, 0, DOMID_IO),
	     CONTROL(-XEN_EINVAL));
	rule("unknown commands are ENOSYS whoever is named");
	want(update_as(at | 5, rw, DOMID_IO), -XEN_ENOSYS);
	want(read_write(page), 0);
}

/* Each operation of mmuext_op, asked of another domain. */
static void extended(void)
{
	static const struct { unsigned int cmd; int control; } ops[] = {
		{ MMUEXT_PIN_L1_TABLE, -XEN_EINVAL },
		{ MMUEXT_PIN_L2_TABLE, -XEN_EINVAL },
		{ MMUEXT_PIN_L3_TABLE, -XEN_EINVAL },
		{ MMUEXT_PIN_L4_TABLE, -XEN_EINVAL },
		{ MMUEXT_UNPIN_TABLE, -XEN_EINVAL },
		{ MMUEXT_CLEAR_PAGE, -XEN_EINVAL },
		{ MMUEXT_COPY_PAGE, -XEN_EINVAL },
		{ MMUEXT_NEW_BASEPTR, -XEN_EPERM },
		{ MMUEXT_NEW_USER_BASEPTR, -XEN_EPERM },
		{ MMUEXT_TLB_FLUSH_LOCAL, -XEN_EPERM },
		{ MMUEXT_INVLPG_LOCAL, -XEN_EPERM },
		{ MMUEXT_TLB_FLUSH_MULTI, -XEN_EPERM },
		{ MMUEXT_INVLPG_MULTI, -XEN_EPERM },
		{ MMUEXT_TLB_FLUSH_ALL, -XEN_EPERM },
		{ MMUEXT_INVLPG_ALL, -XEN_EPERM },
		{ MMUEXT_FLUSH_CACHE, -XEN_EPERM },
		{ MMUEXT_FLUSH_CACHE_GLOBAL, -XEN_EPERM },
		{ MMUEXT_SET_LDT, -XEN_EPERM },
		{ MMUEXT_MARK_SUPER, -XEN_EOPNOTSUPP },
		{ 14, -XEN_ENOSYS },
	};
	unsigned int i, n = sizeof(ops) / sizeof(ops[0]);
	uint64_t mfn = virt_to_mfn(spare);

	rule("each operation on DOMID_IO's behalf has its own refusal");
	for (i = 0; i < n; i++)
		want(ext_as(ops[i].cmd, mfn, mfn, DOMID_IO), CONTROL(ops[i].control));
	rule("each operation on nobody's behalf is ESRCH");
	for (i = 0; i < n; i++)
		want(ext_as(ops[i].cmd, mfn, mfn, 0x1234), -XEN_ESRCH);
	rule("each operation on behalf of one's own number is ESRCH");
	for (i = 0; i < n; i++)
		want(ext_as(ops[i].cmd, mfn, mfn, own_number()), -XEN_ESRCH);
}

/* The frames that XENMEM_machphys_mfn_list tells. */
static void the_table_itself(void)
{
	unsigned long list[1] = { 0 };
	struct xen_machphys_mfn_list l = { .max_extents = 1 };
	uint64_t e;

	l.extent_start.p = list;
	rule("the machine-to-physical table's frames are not one's own");
	want(call(memory_op, XENMEM_machphys_mfn_list, &l), 0);
	e = list[0] << 12;
	want(map_at(page, e | PTE_PRESENT), -XEN_EBUSY);
	rule("the control domain maps them through DOMID_XEN, to read");
	want(call(update_va_mapping_otherdomain, page, e | PTE_PRESENT, UVMF_INVLPG,
		  DOMID_XEN), CONTROL(0));
	if (is_first_domain())
		want(page[0] == *(uint64_t *)MACH2PHYS_VIRT_START, 1);
	rule("nobody maps the machine-to-physical table's frames to write");
	want(call(update_va_mapping_otherdomain, page, e | PTE_PRESENT | PTE_WRITE,
		  UVMF_INVLPG, DOMID_XEN), CONTROL(-XEN_EBUSY));
	want(read_write(page), 0);
}

void foreign(void)
{
	table_owners();
	devices_and_hypervisor();
	extended();
	the_table_itself();
}
