/* SPDX-License-Identifier: MIT */
/* info.c - what memory_op tells: maps, lists, claims; and the sub-calls that
 * are for other kinds of domains, with the order of their checks.
 */
#include "memory.h"

/* One of the kinds of entry a machine's map has. */
struct map_entry {
	uint64_t start, size;
	uint32_t type;
} __attribute__((packed));

static struct map_entry entries[128];

static struct xen_memory_map map_of(unsigned int n)
{
	struct xen_memory_map m = { .nr_entries = n };

	m.buffer.p = entries;
	return m;
}

static void machine_map(void)
{
	struct xen_memory_map m = map_of(128);
	uint64_t ram = 0;
	bool sorted = true;

	if (!is_first_domain()) {
		rule("the machine's map is refused to a plain domain");
		want(op(machine_memory_map, &m), -XEN_EPERM);
		rule("the machine's map is refused to a plain domain before its argument is read");
		want(op(machine_memory_map, BAD_POINTER), -XEN_EPERM);
		return;
	}
	rule("the machine's map is sorted, without overlaps, and has memory");
	want(op(machine_memory_map, &m), 0);
	want_true(m.nr_entries > 2 && m.nr_entries < 128);
	for (unsigned int i = 0; i < m.nr_entries; i++) {
		want_true(entries[i].size && entries[i].type);
		if (entries[i].type == 1)
			ram += entries[i].size;
		sorted &= !i || entries[i - 1].start + entries[i - 1].size <= entries[i].start;
	}
	want_true(sorted);
	want_true(ram >> 12 >= start_info->nr_pages);
	want_true(ram >> 12 <= (uint64_t)op(maximum_ram_page, 0));
	rule("a question for the machine's map that cannot be read is EFAULT");
	want(op(machine_memory_map, BAD_POINTER), -XEN_EFAULT);
	rule("a buffer for the machine's map that cannot be written is EFAULT");
	m = map_of(128);
	m.buffer.p = HYPERVISOR_POINTER;
	want(op(machine_memory_map, &m), -XEN_EFAULT);
}

static void own_map(void)
{
	struct xen_foreign_memory_map f = { .domid = DOMID_SELF };
	struct xen_memory_map m = map_of(0);

	rule("a domain sets its own map, and each new one replaces the old");
	for (unsigned int n = 1; n <= 3; n++) {
		f.map = map_of(n);
		for (unsigned int i = 0; i < n; i++)
			entries[i] = (struct map_entry){ i << 20, 4096 * n, i + 1 };
		want(op(set_memory_map, &f), 0);
		memset(entries, 0, sizeof(entries));
		m = map_of(128);
		want(op(memory_map, &m), 0);
		want(m.nr_entries, n);
		want(entries[n - 1].size, 4096 * n);
		want(entries[n - 1].type, n);
		want(entries[n].size, 0);
	}
	rule("no room for a map is no error: none are told");
	m = map_of(0);
	want(op(memory_map, &m), 0);
	want(m.nr_entries, 0);
	rule("a map of one's own is set by one's own number too");
	f.domid = own_number();
	f.map = map_of(1);
	want(op(set_memory_map, &f), 0);
	rule("an empty map is as none: ENOSYS");
	f.map = map_of(0);
	want(op(set_memory_map, &f), 0);
	m = map_of(128);
	want(op(memory_map, &m), -XEN_ENOSYS);
	rule("a map is refused for its size, then for its domain, then for its buffer");
	f.domid = 0x1234;
	f.map.nr_entries = 5000;
	want(op(set_memory_map, &f), -XEN_EINVAL);
	f.map.nr_entries = ~0u;
	want(op(set_memory_map, &f), -XEN_EINVAL);
	f.map.nr_entries = 1;
	f.map.buffer.p = BAD_POINTER;
	want(op(set_memory_map, &f), -XEN_ESRCH);
	f.domid = DOMID_SELF;
	want(op(set_memory_map, &f), -XEN_EFAULT);
	want(op(set_memory_map, BAD_POINTER), -XEN_EFAULT);
	rule("a place for the map that cannot be written is EFAULT");
	f.map = map_of(2);
	want(op(set_memory_map, &f), 0);
	m = map_of(2);
	m.buffer.p = HYPERVISOR_POINTER;
	want(op(memory_map, &m), -XEN_EFAULT);
	m.buffer.p = (void *)0x1000;
	want(op(memory_map, &m), -XEN_EFAULT);
}

static void lists(void)
{
	unsigned long list[4] = { 7, 7, 7, 7 };
	struct xen_machphys_mfn_list l = { .max_extents = 0 };

	rule("a list of the machine-to-physical table's frames is as long as there is room");
	l.extent_start.p = list;
	l.nr_extents = 99;
	want(op(machphys_mfn_list, &l), 0);
	want(l.nr_extents, 0);
	want(list[0], 7);
	l.max_extents = 1;
	want(op(machphys_mfn_list, &l), 0);
	want(l.nr_extents, 1);
	want_true(list[0] != 7 && list[1] == 7);
	rule("the machine-to-physical table's frames are nobody's");
	want(call(update_va_mapping, entries, list[0] << 12 | PTE_PRESENT, 0), -XEN_EBUSY);
	rule("a list or a request that cannot be used is EFAULT");
	want(op(machphys_mfn_list, BAD_POINTER), -XEN_EFAULT);
	l.extent_start.p = HYPERVISOR_POINTER;
	want(op(machphys_mfn_list, &l), -XEN_EFAULT);
	want(op(machphys_mapping, HYPERVISOR_POINTER), -XEN_EFAULT);
	want(op(machphys_mapping, 0x1000), -XEN_EFAULT);
}

static void own_questions(void)
{
	struct xen_memory_domain d = { own_number() };

	rule("questions may name oneself by number");
	want(op(current_reservation, &d), frames_now());
	want_true(op(maximum_reservation, &d) >= frames_now());
	rule("the domains that stand for something else have no memory");
	d.domid = DOMID_IO;
	want(op(current_reservation, &d), -XEN_ESRCH);
	d.domid = DOMID_XEN;
	want(op(maximum_reservation, &d), -XEN_ESRCH);
	d.domid = DOMID_INVALID;
	want(op(maximum_gpfn, &d), -XEN_ESRCH);
	rule("maximum_gpfn is what the domain says in the shared page");
	d.domid = DOMID_SELF;
	shared->arch.max_pfn = 4321;
	want(op(maximum_gpfn, &d), 4320);
	shared->arch.max_pfn = 0;
	rule("maximum_ram_page takes anything for an argument");
	want_true(op(maximum_ram_page, BAD_POINTER) > 0);
}

static void claims(void)
{
	struct xen_memory_reservation c = { .nr_extents = 10, .domid = DOMID_SELF };

	rule("claims are the control domain's, and are read before that is said");
	want(op(claim_pages, BAD_POINTER), -XEN_EFAULT);
	want(op(claim_pages, &c), -XEN_EINVAL);
	c.domid = own_number();
	c.nr_extents = 0;
	want(op(claim_pages, &c), is_first_domain() ? 0 : -XEN_EPERM);
	c.domid = 0x1234;
	want(op(claim_pages, &c), -XEN_EINVAL);
	rule("a claim has no list, no order and no flags");
	c = (struct xen_memory_reservation){ .mem_flags = 1, .domid = own_number() };
	want(op(claim_pages, &c), -XEN_EINVAL);
	c = (struct xen_memory_reservation){ .extent_order = 1, .domid = own_number() };
	want(op(claim_pages, &c), -XEN_EINVAL);
	c = (struct xen_memory_reservation){ .domid = own_number() };
	c.extent_start.p = (void *)&c;
	want(op(claim_pages, &c), -XEN_EINVAL);
}

static void other_kinds(void)
{
	static char zero[256];
	struct xen_pod_target pod = { .domid = 0x1234 };
	struct xen_vnuma_topology_info v = { .domid = 0x1234 };
	struct xen_reserved_device_memory_map rdm = { .flags = 2 };
	struct xen_mem_acquire_resource a = { .domid = own_number() };

	rule("populate-on-demand targets are read, then found, then refused");
	want(op(set_pod_target, BAD_POINTER), -XEN_EFAULT);
	want(op(get_pod_target, BAD_POINTER), -XEN_EFAULT);
	want(op(set_pod_target, &pod), -XEN_ESRCH);
	pod.domid = DOMID_SELF;
	want(op(set_pod_target, &pod), -XEN_EINVAL);
	want(op(get_pod_target, &pod), -XEN_EINVAL);
	rule("virtual NUMA is asked of a domain that is there, with nothing besides");
	want(op(get_vnumainfo, BAD_POINTER), -XEN_EFAULT);
	want(op(get_vnumainfo, &v), -XEN_ESRCH);
	v.pad = 1;
	want(op(get_vnumainfo, &v), -XEN_EINVAL);
	v.domid = DOMID_SELF;
	want(op(get_vnumainfo, &v), -XEN_EINVAL);
	rule("reserved device memory: unknown flags are EINVAL, and there is none");
	want(op(reserved_device_memory_map, BAD_POINTER), -XEN_EFAULT);
	want(op(reserved_device_memory_map, &rdm), -XEN_EINVAL);
	rule("resources are not one's own, nor without power over their domain");
	want(op(acquire_resource, &a), -XEN_EPERM);
	a.domid = DOMID_SELF;
	want(op(acquire_resource, &a), -XEN_ESRCH);
	a.frame = ~0ul;
	a.nr_frames = 2;
	want(op(acquire_resource, &a), -XEN_EINVAL);
	a.frame = 0xffffffff;
	a.nr_frames = 1;
	want(op(acquire_resource, &a), -XEN_EINVAL);
	a.frame = 0xffffffff;
	a.nr_frames = 0;
	want(op(acquire_resource, &a), -XEN_ESRCH);
	rule("sub-calls for other kinds of domains are refused to this one");
	want_true(op(paging_op, zero) < 0);
	want_true(op(access_op, zero) < 0);
	want_true(op(sharing_op, zero) < 0);
	rule("a map to add to: read, then found, then refused");
	want(op(add_to_physmap_batch, BAD_POINTER), -XEN_EFAULT);
	want(op(remove_from_physmap, BAD_POINTER), -XEN_EFAULT);
	*(domid_t *)zero = 0x1234;
	want(op(add_to_physmap_batch, zero), -XEN_ESRCH);
	want(op(remove_from_physmap, zero), -XEN_ESRCH);
	rule("spaces to add from that are unknown are refused like others");
	{
		struct xen_add_to_physmap add = { .domid = DOMID_SELF, .space = 77 };

		want(op(add_to_physmap, &add), -XEN_EACCES);
		add.space = XENMAPSPACE_grant_table;
		want(op(add_to_physmap, &add), -XEN_EACCES);
	}
	rule("a command is 6 bits, all above is progress");
	want(call(memory_op, 0x3f, zero), -XEN_ENOSYS);
	want(call(memory_op, 1ul << 32 | XENMEM_maximum_ram_page, 0), -XEN_EINVAL);
}

void info(void)
{
	machine_map();
	own_map();
	lists();
	own_questions();
	claims();
	other_kinds();
}
