/* SPDX-License-Identifier: MIT */
/* kit.c - calls as one line each, and a tree of tables of a storm's own.
 *
 * Every function may be called by any vCPU at any time.
 */
#include "race.h"

void yield(void)
{
	call2(sched_op, SCHEDOP_yield, 0);
}

long map_flush(const volatile void *va, uint64_t entry, uint64_t flags)
{
	return call3(update_va_mapping, va, entry, flags);
}

long map(const volatile void *va, uint64_t mfn, uint64_t flags)
{
	return map_flush(va, mfn << 12 | flags, UVMF_INVLPG);
}

long update(uint64_t ptr, uint64_t value)
{
	struct mmu_update u = { ptr, value };

	return call4(mmu_update, &u, 1, 0, DOMID_SELF);
}

long extended(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = arg1 };

	op.arg2.src_mfn = arg2;
	return call4(mmuext_op, &op, 1, 0, DOMID_SELF);
}

/* A call that was cut off, and found another in its place or its table changed when
 * it went on, leaves a table half-validated: pinned and unpinned, it is an ordinary
 * page again. */
void unmake(const table t)
{
	extended(MMUEXT_UNPIN_TABLE, mfn_of(t), 0);
	for (unsigned int i = 0; i < 2; i++)
		if (!extended(i ? MMUEXT_PIN_L1_TABLE : MMUEXT_PIN_L2_TABLE, mfn_of(t), 0))
			must(extended(MMUEXT_UNPIN_TABLE, mfn_of(t), 0), "a pin stays");
}

long reservation(unsigned int cmd, unsigned long *list, unsigned long n)
{
	struct xen_memory_reservation r = { .nr_extents = n, .domid = DOMID_SELF };

	HANDLE(r.extent_start, list);
	return call2(memory_op, cmd, &r);
}

long send(evtchn_port_t port)
{
	struct evtchn_send s = { port };

	return call2(event_channel_op, EVTCHNOP_send, &s);
}

evtchn_port_t ipi_port(unsigned int vcpu)
{
	struct evtchn_bind_ipi b = { vcpu, 0 };

	return call2(event_channel_op, EVTCHNOP_bind_ipi, &b) ? 0 : b.port;
}

long close_port(evtchn_port_t port)
{
	struct evtchn_close c = { port };

	return call2(event_channel_op, EVTCHNOP_close, &c);
}

static grant_entry_v1_t *refs;

grant_entry_v1_t *grant_table(void)
{
	static PAGE char shown[4096];
	static xen_pfn_t frame;
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 1 };

	if (refs)
		return refs;
	HANDLE(s.frame_list, &frame);
	call3(grant_table_op, GNTTABOP_setup_table, &s, 1);
	must(map(shown, frame, WRITABLE), "the grant table's frame is not mapped");
	return refs = (grant_entry_v1_t *)shown;
}

void give(grant_ref_t ref, domid_t to, uint64_t mfn, unsigned int flags)
{
	refs[ref].flags = 0;
	refs[ref].domid = to;
	refs[ref].frame = (uint32_t)mfn;
	__sync_synchronize();
	refs[ref].flags = (uint16_t)flags;
}

void must(long rc, const char *what)
{
	if (rc)
		wrong(&cpus[0], what, (uint64_t)rc);
}

void tree_open(struct tree *t, unsigned int slot)
{
	const table *top = (const table *)start_info->pt_base;

	t->va = (uint64_t)slot << 39;
	t->top = machine_of(&(*top)[slot]);
	t->l3[0] = machine_of(t->l2) | WRITABLE;
	t->l2[0] = machine_of(t->l1) | WRITABLE;
	must(map_as(t->l1, READ_ONLY) | map_as(t->l2, READ_ONLY) |
	     map_as(t->l3, READ_ONLY), "a table cannot be mapped to read");
	must(update(t->top, machine_of(t->l3) | WRITABLE), "a tree is not linked");
}

/* Entries that are there already stay as they are. */
void tree_link(struct tree *t)
{
	must(update(machine_of(t->l2), machine_of(t->l1) | WRITABLE), "no L1 linked");
	must(update(machine_of(t->l3), machine_of(t->l2) | WRITABLE), "no L2 linked");
	must(update(t->top, machine_of(t->l3) | WRITABLE), "no L3 linked");
}

void tree_cut(struct tree *t, unsigned int level)
{
	must(update(level == 1 ? machine_of(t->l2) :
		    level == 2 ? machine_of(t->l3) : t->top, 0), "a table stays linked");
}
