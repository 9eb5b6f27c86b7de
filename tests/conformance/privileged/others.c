/* SPDX-License-Identifier: MIT */
/* others.c - calls on a domain that is named: on oneself they may be made, on
 * another only by who has power over it. For a plain guest the other one is
 * the first domain.
 */
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>

#include "events.h"

static PAGE uint8_t page[4096], before[4096];

/* Where a call's argument names the domain, and what it answers a stranger. */
static const struct named {
	const char *rule;
	uint32_t call, command, offset;
	long refusal, nobody;
} calls[] = {
	{ "XENMEM_current_reservation of another is refused",
	  __HYPERVISOR_memory_op, XENMEM_current_reservation,
	  offsetof(struct xen_memory_domain, domid), -XEN_EPERM, -XEN_ESRCH },
	{ "XENMEM_maximum_reservation of another is refused",
	  __HYPERVISOR_memory_op, XENMEM_maximum_reservation,
	  offsetof(struct xen_memory_domain, domid), -XEN_EPERM, -XEN_ESRCH },
	{ "XENMEM_maximum_gpfn of another is refused",
	  __HYPERVISOR_memory_op, XENMEM_maximum_gpfn,
	  offsetof(struct xen_memory_domain, domid), -XEN_EPERM, -XEN_ESRCH },
	{ "XENMEM_set_memory_map of another is refused",
	  __HYPERVISOR_memory_op, XENMEM_set_memory_map,
	  offsetof(struct xen_foreign_memory_map, domid),
	  -XEN_EPERM, -XEN_ESRCH },
	{ "XENMEM_acquire_resource of another is refused",
	  __HYPERVISOR_memory_op, XENMEM_acquire_resource,
	  offsetof(struct xen_mem_acquire_resource, domid),
	  -XEN_EPERM, -XEN_ESRCH },
	{ "XENMEM_increase_reservation of another gives nothing",
	  __HYPERVISOR_memory_op, XENMEM_increase_reservation,
	  offsetof(struct xen_memory_reservation, domid), 0, 0 },
	{ "XENMEM_decrease_reservation of another takes nothing",
	  __HYPERVISOR_memory_op, XENMEM_decrease_reservation,
	  offsetof(struct xen_memory_reservation, domid), 0, 0 },
	{ "XENMEM_populate_physmap of another gives nothing",
	  __HYPERVISOR_memory_op, XENMEM_populate_physmap,
	  offsetof(struct xen_memory_reservation, domid), 0, 0 },
	{ "EVTCHNOP_status of another is refused",
	  __HYPERVISOR_event_channel_op, EVTCHNOP_status,
	  offsetof(struct evtchn_status, dom), -XEN_EPERM, -XEN_ESRCH },
	{ "EVTCHNOP_alloc_unbound in another is refused",
	  __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
	  offsetof(struct evtchn_alloc_unbound, dom), -XEN_EPERM, -XEN_ESRCH },
	{ "EVTCHNOP_reset of another is refused",
	  __HYPERVISOR_event_channel_op, EVTCHNOP_reset,
	  offsetof(struct evtchn_reset, dom), -XEN_EPERM, -XEN_ESRCH },
	{ "EVTCHNOP_bind_interdomain to a port not made for us is refused",
	  __HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain,
	  offsetof(struct evtchn_bind_interdomain, remote_dom),
	  -XEN_EINVAL, -XEN_ESRCH },
	{ "HVMOP_get_param of another is refused",
	  __HYPERVISOR_hvm_op, HVMOP_get_param,
	  offsetof(struct xen_hvm_param, domid), -XEN_EINVAL, -XEN_ESRCH },
	{ "HVMOP_set_param of another is refused",
	  __HYPERVISOR_hvm_op, HVMOP_set_param,
	  offsetof(struct xen_hvm_param, domid), -XEN_EINVAL, -XEN_ESRCH },
	{ "PHYSDEVOP_map_pirq for another is refused",
	  __HYPERVISOR_physdev_op, PHYSDEVOP_map_pirq,
	  offsetof(struct physdev_map_pirq, domid), -XEN_EPERM, -XEN_ESRCH },
	{ "PHYSDEVOP_unmap_pirq for another is refused",
	  __HYPERVISOR_physdev_op, PHYSDEVOP_unmap_pirq,
	  offsetof(struct physdev_unmap_pirq, domid), -XEN_EPERM, -XEN_ESRCH },
	{ "SCHEDOP_remote_shutdown of another is refused",
	  __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown,
	  offsetof(struct sched_remote_shutdown, domain_id),
	  -XEN_EPERM, -XEN_ESRCH },
};

static long on(const struct named *c, domid_t domain)
{
	memset(page, 0, sizeof(page));
	*(domid_t *)(page + c->offset) = domain;
	memcpy(before, page, sizeof(page));
	return hypercall5(c->call, c->command, (long)page, 0, 0, 0);
}

static void named(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		rule(calls[i].rule);
		if (!is_first_domain())
			want(on(&calls[i], 0), calls[i].refusal);
		want(on(&calls[i], NO_DOMAIN), calls[i].nobody);
	}
	rule("what is refused or asked of nobody leaves its argument alone");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		on(&calls[i], is_first_domain() ? NO_DOMAIN : 0);
		want_true(!memcmp(page, before, sizeof(page)));
	}
}

/* Frames and tables of the first domain, by the calls that name a domain in
 * their arguments. */
static void page_tables(void)
{
	struct mmu_update u = { 0, 0 };
	struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE };
	unsigned int done = 7;
	domid_t other = is_first_domain() ? NO_DOMAIN : 0;
	long refusal = is_first_domain() ? -XEN_ESRCH : -XEN_EPERM;

	rule("mmu_update on another's tables is refused");
	want(call(mmu_update, &u, 1, &done, other), refusal);
	rule("mmu_update for another is refused");
	want(call(mmu_update, &u, 1, &done, (other + 1ul) << 16), refusal);
	rule("mmuext_op on another is refused");
	want(call(mmuext_op, &op, 1, &done, other), refusal);
	rule("update_va_mapping of another's frames is refused");
	want(call(update_va_mapping_otherdomain, page,
		  virt_to_mfn(page) << 12 | 7, 0, other), refusal);
}

void of_others(void);

void of_others(void)
{
	named();
	page_tables();
}
