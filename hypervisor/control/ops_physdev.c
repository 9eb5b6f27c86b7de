/* SPDX-License-Identifier: MIT */
/* ops_physdev.c - I/O privilege, and device interrupts: physdev_op.
 *
 * Guards: any kernel sets its own I/O privilege level and bitmap; they decide
 * which of its modes reaches the port emulation, never what the ports do.
 * No device interrupt is handed to a domain yet, so there is none to map,
 * acknowledge or program: those commands check as the ABI says and refuse.
 */
#include "base/errno.h"
#include "evtchn/evtchn.h"
#include "guest/rows.h"
#include "hypercall/hypercall.h"
#include "mm/mm.h"

#include <public/physdev.h>

/* Pins of the I/O APIC. */
#define NR_GSIS		24
#define MAX_PORTS	65536U

static long set_iopl(struct vcpu *v, struct physdev_set_iopl *req)
{
	if (req->iopl > 3)
		return -EINVAL;
	v->emul.iopl = (uint8_t)req->iopl;
	return 0;
}

static long set_iobitmap(struct vcpu *v, struct physdev_set_iobitmap *req)
{
	if (req->nr_ports > MAX_PORTS ||
	    !guest_range_ok((uint64_t)req->bitmap.p, (req->nr_ports + 7) / 8))
		return -EINVAL;
	v->emul.iobmp = (uint64_t)req->bitmap.p;
	v->emul.iobmp_ports = req->bitmap.p ? req->nr_ports : 0;
	return 0;
}

/* A page for "this interrupt wants an eoi" bits. There will be no such bit,
 * so the page is checked and not kept. */
static long pirq_eoi_gmfn(struct vcpu *v, struct physdev_pirq_eoi_gmfn *req)
{
	struct domain *d = v->domain;
	struct frame *f = frame_lookup(req->gmfn);
	long rc = -EINVAL;

	if (!f || !frame_get(f, d->mm.slot))
		return -EINVAL;
	if (writable_get(f)) {
		writable_put(f);
		spin_lock(&d->lock);
		rc = d->pirq_eoi_page ? -EBUSY : 0;
		d->pirq_eoi_page = true;
		spin_unlock(&d->lock);
	}
	frame_put(f);
	return rc;
}

static long irq_status_query(struct vcpu *v, struct physdev_irq_status_query *req)
{
	if (req->irq >= evtchn_nr_pirqs(v->domain))
		return -EINVAL;
	req->flags = XENIRQSTAT_needs_eoi;
	return 0;
}

/* May v give the domain `id` an interrupt, or take it away? */
static long may_map(struct vcpu *v, domid_t id)
{
	struct domain *d;
	long rc = domain_get_target(v, id, &d);

	if (rc)
		return rc;
	domain_put(d);
	return v->domain->control ? 0 : domain_refuse();
}

static long map_pirq(struct vcpu *v, struct physdev_map_pirq *req)
{
	long rc = may_map(v, req->domid);

	if (rc)
		return rc;
	switch (req->type) {
	case MAP_PIRQ_TYPE_GSI:
		return req->index < 0 || req->index >= NR_GSIS ? -EINVAL : -ENODEV;
	case MAP_PIRQ_TYPE_MSI:
	case MAP_PIRQ_TYPE_MSI_SEG:
	case MAP_PIRQ_TYPE_MULTI_MSI:
		return -ENODEV;
	default:
		return -EINVAL;
	}
}

static long unmap_pirq(struct vcpu *v, struct physdev_unmap_pirq *req)
{
	long rc = may_map(v, req->domid);

	return rc ? rc : -EINVAL;	/* none is mapped */
}

/* The vector is ours alone: the answer is a formality of the ABI. */
static long alloc_irq_vector(struct vcpu *v, struct physdev_irq *req)
{
	if (!v->domain->control)
		return domain_refuse();
	req->vector = req->irq;
	return 0;
}

static long setup_gsi(struct vcpu *v, struct physdev_setup_gsi *req)
{
	if (req->gsi < 0 || req->gsi >= NR_GSIS)
		return -EINVAL;
	return v->domain->control ? -ENODEV : domain_refuse();
}

/* Commands of who drives hardware: argument, rights, then no. The shortest
 * argument has two bytes. */
static long refuse_hardware(struct vcpu *v, uint32_t cmd, uint64_t arg)
{
	uint16_t start;

	switch (cmd) {
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
	case PHYSDEVOP_manage_pci_add ... PHYSDEVOP_manage_pci_remove:
	case PHYSDEVOP_restore_msi ... PHYSDEVOP_manage_pci_add_ext:
	case PHYSDEVOP_pci_mmcfg_reserved ... PHYSDEVOP_restore_msi_ext:
	case PHYSDEVOP_dbgp_op ... PHYSDEVOP_release_msix:
		if (copy_from_guest(&start, arg, sizeof(start)))
			return -EFAULT;
		if (!v->domain->control)
			return domain_refuse();
		return cmd <= PHYSDEVOP_apic_write ? -EINVAL : -ENODEV;
	default:
		return -ENOSYS;
	}
}

/* No interrupt is anybody's to finish, and none is free. */
static long eoi(struct vcpu *v, struct physdev_eoi *req)
{
	return -EINVAL;
}

static long get_free_pirq(struct vcpu *v, struct physdev_get_free_pirq *req)
{
	return -ENOSPC;
}

static long physdev(struct vcpu *v, uint32_t cmd, uint64_t arg)
{
	switch (cmd) {
	case PHYSDEVOP_IRQ_UNMASK_NOTIFY:
		return 0;
	ARG(PHYSDEVOP_set_iopl, set_iopl, struct physdev_set_iopl)
	ARG(PHYSDEVOP_set_iobitmap, set_iobitmap, struct physdev_set_iobitmap)
	ARG(PHYSDEVOP_eoi, eoi, struct physdev_eoi)
	ARG(PHYSDEVOP_pirq_eoi_gmfn_v1, pirq_eoi_gmfn, struct physdev_pirq_eoi_gmfn)
	ARG(PHYSDEVOP_pirq_eoi_gmfn_v2, pirq_eoi_gmfn, struct physdev_pirq_eoi_gmfn)
	ARG_BACK(PHYSDEVOP_irq_status_query, irq_status_query, struct physdev_irq_status_query)
	ARG(PHYSDEVOP_map_pirq, map_pirq, struct physdev_map_pirq)
	ARG(PHYSDEVOP_unmap_pirq, unmap_pirq, struct physdev_unmap_pirq)
	ARG_BACK(PHYSDEVOP_alloc_irq_vector, alloc_irq_vector, struct physdev_irq)
	ARG(PHYSDEVOP_setup_gsi, setup_gsi, struct physdev_setup_gsi)
	ARG(PHYSDEVOP_get_free_pirq, get_free_pirq, struct physdev_get_free_pirq)
	default:
		return refuse_hardware(v, cmd, arg);
	}
}

long hc_physdev_op(struct vcpu *v, struct hcall *c)
{
	return physdev(v, (uint32_t)c->arg[0], c->arg[1]);
}

/* The superseded number: command and argument in one block. */
long hc_physdev_op_compat(struct vcpu *v, struct hcall *c)
{
	struct physdev_op op;

	if (copy_from_guest(&op, c->arg[0], sizeof(op)))
		return -EFAULT;
	entry_command(op.cmd);
	return physdev(v, op.cmd, c->arg[0] + offsetof(struct physdev_op, u));
}
