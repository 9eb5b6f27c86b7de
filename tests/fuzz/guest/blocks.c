/* SPDX-License-Identifier: MIT */
/* blocks.c - the structures that calls point at: mostly such as get behind
 * the first check, by the name of their type in abi/hypercalls.def.
 *
 * A type without a builder here gets numbers of all kinds.
 */
#include <public/callback.h>
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/hvm/hvm_op.h>
#include <public/memory.h>
#include <public/nmi.h>
#include <public/physdev.h>
#include <public/sched.h>
#include <public/vcpu.h>

#include "fuzz.h"

/* Lists that blocks point at; one for each vCPU. */
static struct lists {
	xen_pfn_t frames[64], out[64];
	evtchn_port_t ports[8];
	uint8_t bytes[512];
} lists[CPUS];

static bool is(const struct row *r, const char *name)
{
	const char *a = r->argument;

	while (*a && *a == *name) {
		a++;
		name++;
	}
	return *a == *name;
}

static domid_t some_domain(struct cpu *c)
{
	const uint64_t ids[] = { DOMID_SELF, DOMID_SELF, DOMID_SELF, own_id, peer_id,
				 0, DOMID_IO, DOMID_XEN, 0x7fff, chance(c) };

	return (domid_t)pick(c, ids);
}

static void fill_mmu_update(struct cpu *c, const struct row *r, struct mmu_update *u)
{
	uint64_t pte = pte_machine(pool_page(c));

	u->ptr = one_in(c, 2) && pte ? pte : pool_frame(c) << 12 | (chance(c) % 512) << 3;
	u->val = one_in(c, 3) ? 0 : entry(c);
	if (r->command == MMU_MACHPHYS_UPDATE) {
		u->ptr = (one_in(c, 4) ? some_mfn(c) : pool_frame(c)) << 12;
		u->val = ((uint64_t)pool_page(c) - VIRT_BASE) >> 12;
	}
	u->ptr |= r->command;
}

static void fill_mmuext(struct cpu *c, const struct row *r, struct mmuext_op *op)
{
	op->cmd = r->command;
	op->arg1.mfn = one_in(c, 8) ? some_mfn(c) : pool_frame(c);
	op->arg2.src_mfn = pool_frame(c);
	switch (r->command) {
	case MMUEXT_NEW_BASEPTR:
	case MMUEXT_NEW_USER_BASEPTR:
		if (!one_in(c, 16))
			op->arg1.mfn = machine_of((void *)start_info->pt_base) >> 12;
		break;
	case MMUEXT_SET_LDT:
		op->arg1.linear_addr = (uint64_t)pool_page(c) & ~4095ul;
		op->arg2.nr_ents = (unsigned int)(chance(c) % 1024);
		break;
	case MMUEXT_INVLPG_LOCAL:
	case MMUEXT_INVLPG_MULTI:
	case MMUEXT_INVLPG_ALL:
		op->arg1.linear_addr = word(c);
		break;
	}
	if (r->command == MMUEXT_TLB_FLUSH_MULTI || r->command == MMUEXT_INVLPG_MULTI)
		op->arg2.vcpumask.p = (void *)(one_in(c, 4) ? word(c) : (uint64_t)arena[0]);
}

static void fill_reservation(struct cpu *c, const struct row *r,
			     struct xen_memory_reservation *m)
{
	struct lists *l = &lists[c->id];
	unsigned int n = 1 + (unsigned int)(chance(c) % (one_in(c, 8) ? 64 : 2)), i;

	for (i = 0; i < n; i++)
		l->frames[i] = r->command == XENMEM_populate_physmap ? chance(c) % 4096 :
			       one_in(c, 64) ? some_mfn(c) : pick(c, spare_mfn);
	set_xen_guest_handle(m->extent_start, l->frames);
	m->nr_extents = n;
	m->extent_order = one_in(c, 4) ? (unsigned int)(chance(c) % 11) : 0;
	m->mem_flags = one_in(c, 8) ? (unsigned int)chance(c) : 0;
	m->domid = one_in(c, 8) ? some_domain(c) : DOMID_SELF;
}

static void fill_exchange(struct cpu *c, struct xen_memory_exchange *x)
{
	struct lists *l = &lists[c->id];
	unsigned int n = 1 + (unsigned int)(chance(c) % 4), i;

	for (i = 0; i < n; i++) {
		l->frames[i] = one_in(c, 8) ? pool_frame(c) : pick(c, spare_mfn);
		l->out[i] = chance(c) % 4096;
	}
	set_xen_guest_handle(x->in.extent_start, l->frames);
	set_xen_guest_handle(x->out.extent_start, l->out);
	x->in.nr_extents = x->out.nr_extents = n;
	x->in.extent_order = x->out.extent_order = one_in(c, 16) ? (unsigned int)(chance(c) % 20) : 0;
	x->in.mem_flags = x->out.mem_flags = 0;
	x->in.domid = x->out.domid = DOMID_SELF;
	x->nr_exchanged = one_in(c, 8) ? chance(c) % 8 : 0;
	if (one_in(c, 16))
		x->in.nr_extents = word(c);
}

static void fill_memory(struct cpu *c, const struct row *r, void *block)
{
	struct lists *l = &lists[c->id];

	if (is(r, "struct xen_memory_reservation")) {
		fill_reservation(c, r, block);
	} else if (is(r, "struct xen_memory_exchange")) {
		fill_exchange(c, block);
	} else if (is(r, "struct xen_memory_domain")) {
		((struct xen_memory_domain *)block)->domid = some_domain(c);
	} else if (is(r, "struct xen_machphys_mfn_list")) {
		struct xen_machphys_mfn_list *m = block;

		m->max_extents = (unsigned int)(chance(c) % 4);
		set_xen_guest_handle(m->extent_start, l->out);
	} else if (is(r, "struct xen_memory_map")) {
		struct xen_memory_map *m = block;

		m->nr_entries = (unsigned int)(chance(c) % 32);
		set_xen_guest_handle(m->buffer, (void *)l->bytes);
	} else if (is(r, "struct xen_foreign_memory_map")) {
		struct xen_foreign_memory_map *m = block;

		m->domid = one_in(c, 4) ? some_domain(c) : DOMID_SELF;
		m->map.nr_entries = (unsigned int)(chance(c) % 20);
		set_xen_guest_handle(m->map.buffer, (void *)l->bytes);
	} else if (is(r, "struct xen_mem_acquire_resource")) {
		struct xen_mem_acquire_resource *m = block;

		m->domid = some_domain(c);
		m->type = XENMEM_resource_grant_table;
		m->id = one_in(c, 4) ? 1 : 0;
		m->nr_frames = (uint32_t)(chance(c) % 3);
		m->pad = one_in(c, 8);
		m->frame = chance(c) % 3;
		set_xen_guest_handle(m->frame_list, l->out);
	} else {
		return;
	}
}

/* Entries of our own table name our pages, for us, the peer and domain 0. */
static void grant_some(struct cpu *c)
{
	volatile grant_entry_v1_t *e = (grant_entry_v1_t *)grant_page + 8 + chance(c) % 56;
	const domid_t to[] = { (domid_t)own_id, (domid_t)own_id, (domid_t)peer_id, 0 };

	e->frame = (uint32_t)(one_in(c, 32) ? some_mfn(c) : pool_frame(c));
	e->domid = pick(c, to);
	e->flags = (uint16_t)(one_in(c, 16) ? chance(c) :
			      GTF_permit_access | (one_in(c, 2) ? GTF_readonly : 0));
}

/* Which entries of the peer's are for us: keeper.c. */
static grant_ref_t peer_ref(struct cpu *c)
{
	return (grant_ref_t)(8 + (own_id - peer_id - 1) * 8 + chance(c) % 8);
}

static void fill_grant_map(struct cpu *c, struct gnttab_map_grant_ref *m)
{
	uint64_t pte = pte_machine(pool_page(c));
	bool peer = one_in(c, 2);

	m->flags = GNTMAP_host_map | (one_in(c, 2) ? GNTMAP_readonly : 0) |
		   (one_in(c, 8) ? GNTMAP_device_map : 0) |
		   (one_in(c, 8) ? GNTMAP_application_map : 0);
	m->host_addr = (uint64_t)pool_page(c);
	if (one_in(c, 4) && pte) {
		m->flags |= GNTMAP_contains_pte;
		m->host_addr = pte;
	}
	if (one_in(c, 16))
		m->flags = (uint32_t)chance(c);
	m->ref = peer ? peer_ref(c) : (grant_ref_t)(8 + chance(c) % 56);
	if (one_in(c, 16))
		m->ref = (grant_ref_t)word(c);
	m->dom = (domid_t)(peer ? peer_id : own_id);
	if (one_in(c, 24))
		m->dom = some_domain(c);
}

static void fill_copy_end(struct cpu *c, struct gnttab_copy_ptr *p, bool ref)
{
	p->offset = (uint16_t)(one_in(c, 2) ? 0 : chance(c) % 4096);
	if (!ref) {
		p->domid = one_in(c, 16) ? some_domain(c) : DOMID_SELF;
		p->u.gmfn = one_in(c, 16) ? some_mfn(c) : pool_frame(c);
	} else if (one_in(c, 2)) {
		p->domid = (domid_t)peer_id;
		p->u.ref = peer_ref(c);
	} else {
		p->domid = (domid_t)own_id;
		p->u.ref = (grant_ref_t)(8 + chance(c) % 56);
	}
}

static void fill_grant(struct cpu *c, const struct row *r, void *block)
{
	const struct mapping *known = &pick(c, mappings);

	grant_some(c);
	if (is(r, "struct gnttab_map_grant_ref")) {
		fill_grant_map(c, block);
	} else if (is(r, "struct gnttab_unmap_grant_ref")) {
		struct gnttab_unmap_grant_ref *u = block;

		u->host_addr = one_in(c, 6) ? 0 : known->address;
		u->dev_bus_addr = one_in(c, 4) ? known->mfn << 12 : 0;
		u->handle = one_in(c, 12) ? (uint32_t)word(c) : known->handle;
	} else if (is(r, "struct gnttab_unmap_and_replace")) {
		struct gnttab_unmap_and_replace *u = block;

		u->host_addr = known->address;
		u->new_addr = (uint64_t)pool_page(c);
		u->handle = known->handle;
	} else if (is(r, "struct gnttab_copy")) {
		struct gnttab_copy *g = block;

		g->flags = (uint16_t)(chance(c) % 4);
		fill_copy_end(c, &g->source, g->flags & 1);
		fill_copy_end(c, &g->dest, g->flags & 2);
		g->len = (uint16_t)(one_in(c, 8) ? chance(c) : chance(c) % 64);
	} else if (is(r, "struct gnttab_setup_table")) {
		struct gnttab_setup_table *s = block;

		s->dom = one_in(c, 4) ? some_domain(c) : DOMID_SELF;
		s->nr_frames = (uint32_t)(chance(c) % 5);
		set_xen_guest_handle(s->frame_list, lists[c->id].out);
	} else if (is(r, "struct gnttab_swap_grant_ref")) {
		struct gnttab_swap_grant_ref *s = block;

		s->ref_a = (grant_ref_t)(one_in(c, 8) ? word(c) : 8 + chance(c) % 60);
		s->ref_b = (grant_ref_t)(8 + chance(c) % 60);
	} else if (is(r, "struct gnttab_cache_flush")) {
		struct gnttab_cache_flush *f = block;

		f->a.dev_bus_addr = pool_frame(c) << 12;
		f->offset = (uint16_t)(chance(c) % 4096);
		f->length = (uint16_t)(chance(c) % 64);
		f->op = (uint32_t)(1 + chance(c) % 3);
	} else if (is(r, "struct gnttab_set_version")) {
		((struct gnttab_set_version *)block)->version = (uint32_t)(chance(c) % 4);
	} else {	/* the rest begins with a domain */
		*(domid_t *)block = some_domain(c);
		((uint16_t *)block)[1] = 0;
	}
}

static void fill_context(struct cpu *c, struct vcpu_guest_context *v)
{
	uint64_t root = machine_of((void *)start_info->pt_base) >> 12;
	unsigned int i;

	memset(v, 0, sizeof(*v));
	v->flags = one_in(c, 8) ? chance(c) : VGCF_in_kernel | VGCF_online;
	v->user_regs.rip = (uint64_t)(one_in(c, 64) ? word(c) : (uint64_t)play_start);
	v->user_regs.rsp = (uint64_t)stacks[CPUS] + 4096;
	v->kernel_sp = v->user_regs.rsp;
	v->user_regs.cs = one_in(c, 64) ? (uint16_t)chance(c) : FLAT_KERNEL_CS64;
	v->user_regs.ss = FLAT_KERNEL_SS64;
	v->user_regs.rflags = one_in(c, 4) ? chance(c) : 0x202;
	v->ctrlreg[3] = xen_pfn_to_cr3(one_in(c, 40) ? pool_frame(c) : root);
	v->ctrlreg[1] = one_in(c, 3) ? xen_pfn_to_cr3(pool_frame(c)) : 0;
	v->kernel_ss = FLAT_KERNEL_SS64;
	v->gdt_ents = one_in(c, 3) ? chance(c) % 1500 : 0;
	for (i = 0; i < 4; i++)
		v->gdt_frames[i] = pool_frame(c);
	v->ldt_base = one_in(c, 3) ? (uint64_t)pool_page(c) : 0;
	v->ldt_ents = v->ldt_base ? chance(c) % 600 : 0;
	v->event_callback_eip = v->failsafe_callback_eip = (uint64_t)play_start;
	for (i = 0; i < 32; i++)
		v->trap_ctxt[i] = (struct trap_info){ (uint8_t)i, 3, FLAT_KERNEL_CS64,
						      (unsigned long)play_start };
	v->debugreg[7] = one_in(c, 6) ? chance(c) : 0;
	v->vm_assist = one_in(c, 6) ? chance(c) : 0;
	v->fs_base = one_in(c, 6) ? word(c) : 0;
}

static void fill_vcpu(struct cpu *c, const struct row *r, void *block)
{
	if (is(r, "struct vcpu_guest_context")) {
		fill_context(c, block);
	} else if (is(r, "struct vcpu_register_runstate_memory_area") ||
		   is(r, "struct vcpu_register_time_memory_area")) {
		*(uint64_t *)block = one_in(c, 4) ? word(c) : (uint64_t)arena[c->id] + chance(c) % 8192;
	} else if (is(r, "struct vcpu_set_periodic_timer")) {
		*(uint64_t *)block = one_in(c, 3) ? word(c) : 1000000 + chance(c) % 9000000;
	} else if (is(r, "struct vcpu_set_singleshot_timer")) {
		struct vcpu_set_singleshot_timer *t = block;

		t->timeout_abs_ns = one_in(c, 3) ? word(c) : system_time() + chance(c) % 100000;
		t->flags = (uint32_t)(chance(c) % 4);
	} else if (is(r, "struct vcpu_register_vcpu_info")) {
		struct vcpu_register_vcpu_info *i = block;

		i->mfn = pool_frame(c);
		i->offset = (uint32_t)(one_in(c, 4) ? chance(c) % 8192 : (chance(c) % 64) * 64);
	} else {
		return;
	}
}

static void fill_sched(struct cpu *c, const struct row *r, void *block)
{
	struct lists *l = &lists[c->id];
	unsigned int i;

	if (is(r, "struct sched_poll")) {
		struct sched_poll *p = block;

		for (i = 0; i < 8; i++)
			l->ports[i] = (evtchn_port_t)(one_in(c, 32) ? word(c) : chance(c) % 16);
		set_xen_guest_handle(p->ports, l->ports);
		p->nr_ports = (unsigned int)(one_in(c, 8) ? word(c) : chance(c) % 8);
		p->timeout = one_in(c, 16) ? 1 : system_time() + chance(c) % 100000;
	} else if (is(r, "struct sched_watchdog")) {
		struct sched_watchdog *w = block;

		w->id = (uint32_t)(chance(c) % 4 * 2);
		w->timeout = (uint32_t)(SLEEP_SECONDS + chance(c) % 8);
	} else if (is(r, "struct sched_shutdown")) {
		((struct sched_shutdown *)block)->reason = (unsigned int)(chance(c) % 6);
	} else {
		return;
	}
}

static void fill_events(struct cpu *c, const struct row *r, void *block)
{
	uint32_t *w = block;
	domid_t *d = block;

	/* port, or VIRQ, or vCPU */
	w[0] = (uint32_t)(one_in(c, 12) ? word(c) : one_in(c, 12) ? chance(c) % 8192 :
			  1 + chance(c) % 40);
	if (r->size > 4)
		w[1] = (uint32_t)(chance(c) % 3);
	switch (r->command) {
	case EVTCHNOP_bind_interdomain:
		d[0] = (domid_t)(one_in(c, 2) ? peer_id : own_id);
		w[1] = (uint32_t)(one_in(c, 2) ? 3 + own_id - peer_id - 1 : chance(c) % 40);
		break;
	case EVTCHNOP_bind_virq:
		w[0] = (uint32_t)(chance(c) % 4);
		break;
	case EVTCHNOP_bind_ipi:
		w[0] = (uint32_t)(chance(c) % 3);
		break;
	case EVTCHNOP_status:
	case EVTCHNOP_reset:
	case EVTCHNOP_reset_cont:
		d[0] = one_in(c, 8) ? some_domain(c) : DOMID_SELF;
		if (r->size > 4)
			w[1] = (uint32_t)(chance(c) % 40);
		break;
	case EVTCHNOP_init_control:
	case EVTCHNOP_expand_array:
		*(uint64_t *)block = !fifo && !wild ? word(c) : one_in(c, 2) ? pool_frame(c) :
				     machine_of(fifo_blocks) >> 12;
		if (r->size == 8)
			break;
		w[2] = (uint32_t)(one_in(c, 4) ? chance(c) % 8192 : chance(c) % 512 * 8);
		w[3] = (uint32_t)(one_in(c, 8) ? word(c) : chance(c) % 2 + PLAY_VCPU - 1);
		/* a life of two levels stays so: who would sleep without an array? */
		if (!fifo && !wild)
			w[2] |= 1;
		break;
	case EVTCHNOP_set_priority:
		w[0] = last_own_port + 1 + (uint32_t)(chance(c) % 40);
		w[1] = (uint32_t)(one_in(c, 8) ? word(c) : 1 + chance(c) % 15);
		break;
	case EVTCHNOP_alloc_unbound:
		d[0] = one_in(c, 8) ? some_domain(c) : DOMID_SELF;
		d[1] = (domid_t)(one_in(c, 2) ? own_id : peer_id);
		break;
	}
}

static void fill_callback(struct cpu *c, const struct row *r, void *block)
{
	if (r->call == __HYPERVISOR_nmi_op) {
		((struct xennmi_callback *)block)->handler_address =
			(uint64_t)handler(c);
	} else if (is(r, "struct callback_register")) {
		struct callback_register *b = block;

		b->type = (uint16_t)(chance(c) % 9);
		b->flags = (uint16_t)(chance(c) % 2);
		b->address = (uint64_t)handler(c);
	} else {
		*(uint32_t *)block = (uint32_t)(chance(c) % 9);
	}
}

static void fill_physdev(struct cpu *c, const struct row *r, void *block)
{
	if (is(r, "struct physdev_set_iopl")) {
		*(uint32_t *)block = (uint32_t)(chance(c) % 5);
	} else if (is(r, "struct physdev_set_iobitmap")) {
		struct physdev_set_iobitmap *b = block;

		set_xen_guest_handle(b->bitmap, (uint8_t *)(one_in(c, 3) ? word(c) : (uint64_t)arena[c->id]));
		b->nr_ports = (uint32_t)(one_in(c, 8) ? chance(c) : chance(c) % 65537);
	} else if (is(r, "struct physdev_pirq_eoi_gmfn")) {
		*(xen_pfn_t *)block = pool_frame(c);
	} else {
		return;
	}
}

/* Numbers of all kinds, of all widths. */
static void fill_any(struct cpu *c, unsigned int size, void *block)
{
	unsigned int at, width = 2u << chance(c) % 3;

	for (at = 0; at + width <= size; at += width) {
		uint64_t value = one_in(c, 2) ? chance(c) % 8 : one_in(c, 4) ? some_domain(c) : word(c);

		if (width == 2)
			*(uint16_t *)((uint8_t *)block + at) = (uint16_t)value;
		else if (width == 4)
			*(uint32_t *)((uint8_t *)block + at) = (uint32_t)value;
		else
			*(uint64_t *)((uint8_t *)block + at) = value;
	}
}

void fill_block(struct cpu *c, const struct row *r, void *block)
{
	fill_any(c, r->size < 512 ? r->size : 512, block);
	if (one_in(c, r->size > 4096 ? 64 : 12))
		return;
	switch (r->call) {
	case __HYPERVISOR_mmu_update:
		fill_mmu_update(c, r, block);
		break;
	case __HYPERVISOR_mmuext_op:
		fill_mmuext(c, r, block);
		break;
	case __HYPERVISOR_memory_op:
		fill_memory(c, r, block);
		break;
	case __HYPERVISOR_grant_table_op:
		fill_grant(c, r, block);
		break;
	case __HYPERVISOR_vcpu_op:
		fill_vcpu(c, r, block);
		break;
	case __HYPERVISOR_sched_op:
		fill_sched(c, r, block);
		break;
	case __HYPERVISOR_event_channel_op:
		fill_events(c, r, block);
		break;
	case __HYPERVISOR_callback_op:
	case __HYPERVISOR_nmi_op:
		fill_callback(c, r, block);
		break;
	case __HYPERVISOR_physdev_op:
		fill_physdev(c, r, block);
		break;
	}
}
