/* SPDX-License-Identifier: MIT */
/* memory - memory_op: reservations, exchange, and what is known of memory. */
#include "memory.h"

const char suite_name[] = "memory";

#define POOL		8

static char pool[POOL][4096] PAGE;

unsigned long pfn_of(const void *va)
{
	return ((unsigned long)va - VIRT_BASE) >> 12;
}

volatile unsigned long *m2p(unsigned long mfn)
{
	return (volatile unsigned long *)MACH2PHYS_VIRT_START + mfn;
}

#define FRAME_OF(entry)	((entry) >> 12 & 0xfffffffffful)

unsigned long l1_frame(const void *va)
{
	const unsigned long *t = (unsigned long *)start_info->pt_base;

	for (unsigned int shift = 39; ; shift -= 9) {
		unsigned long mfn = FRAME_OF(t[(unsigned long)va >> shift & 511]);

		if (shift == 21)
			return mfn;
		t = (unsigned long *)(VIRT_BASE + (*m2p(mfn) << 12));
	}
}

long frames_now(void)
{
	struct xen_memory_domain d = { DOMID_SELF };

	return op(current_reservation, &d);
}

struct xen_memory_reservation reservation(unsigned long *list, unsigned long n)
{
	struct xen_memory_reservation r = { .nr_extents = n, .domid = DOMID_SELF };

	r.extent_start.p = list;
	return r;
}

void unmap(const void *va)
{
	want(call(update_va_mapping, va, 0, UVMF_INVLPG), 0);
}

/* Pages [0, n) of the pool are given back, and frames got for their pfns. */
static void take_out(unsigned long *mfns, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		mfns[i] = virt_to_mfn(pool[i]);
		unmap(pool[i]);
	}
}

static void put_in(const unsigned long *mfns, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		((unsigned long *)start_info->mfn_list)[pfn_of(pool[i])] = mfns[i];
		want(map_frame(pool[i], mfns[i], PTE_PRESENT | PTE_WRITE), 0);
	}
}

static void questions(void)
{
	struct xen_memory_domain self = { DOMID_SELF }, nobody = { 5 };
	struct xen_machphys_mapping where;
	long pages = op(maximum_ram_page, 0);

	rule("current_reservation is what start_info said");
	want(op(current_reservation, &self), (long)start_info->nr_pages);
	rule("maximum_reservation is no less");
	want_true(op(maximum_reservation, &self) >= (long)start_info->nr_pages);
	rule("maximum_gpfn is 0 while the domain has not said");
	if (is_first_domain())
		want(op(maximum_gpfn, &self), 0);
	else
		skip("a tool may have said it");
	rule("questions about a domain that is not there are ESRCH");
	want(op(current_reservation, &nobody), -XEN_ESRCH);
	want(op(maximum_reservation, &nobody), -XEN_ESRCH);
	want(op(maximum_gpfn, &nobody), -XEN_ESRCH);
	rule("questions that cannot be read are EFAULT");
	want(op(current_reservation, BAD_POINTER), -XEN_EFAULT);
	rule("questions have no progress");
	want(op_at(current_reservation, 1, &self), -XEN_EINVAL);
	want(op_at(maximum_ram_page, 1, 0), -XEN_EINVAL);
	rule("maximum_ram_page is above every frame of ours");
	want_true(pages > (long)virt_to_mfn(pool));
	rule("machphys_mapping says where the table is");
	want(op(machphys_mapping, &where), 0);
	want(where.v_start, (long)MACH2PHYS_VIRT_START);
	want(where.v_end, (long)MACH2PHYS_VIRT_END);
	/* others may see memory that is added later */
	want(where.max_mfn, is_first_domain() ? pages - 1 :
	     (long)((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) / 8 - 1));
	want(op(machphys_mapping, BAD_POINTER), -XEN_EFAULT);
	rule("machphys_mfn_list lists a frame for each 2 MiB of it");
	{
		unsigned long list[8] = { 0 };
		struct xen_machphys_mfn_list l = { .max_extents = 8 };

		l.extent_start.p = list;
		want(op(machphys_mfn_list, &l), 0);
		want(l.nr_extents, (pages + 0x3ffff) >> 18);
		want_true(list[0]);
	}
	rule("there is no list for 32-bit guests");
	want(op(machphys_compat_mfn_list, pool), -XEN_EOPNOTSUPP);
	rule("nothing is shared");
	want(op(get_sharing_freed_pages, 0), 0);
	want(op(get_sharing_shared_pages, 0), 0);
}

static void decrease(void)
{
	struct xen_memory_reservation r;
	unsigned long mfns[2];
	long before = frames_now();

	rule("a frame given back while mapped stays until it is not");
	for (int i = 0; i < 2; i++)
		mfns[i] = virt_to_mfn(pool[i]);
	r = reservation(mfns, 2);
	want(op(decrease_reservation, &r), 2);
	want(frames_now(), before);
	rule("giving a frame back twice while it is mapped does nothing more");
	want(op(decrease_reservation, &r), 2);
	want(frames_now(), before);
	rule("a frame given back is gone once it is unmapped");
	unmap(pool[0]);
	unmap(pool[1]);
	want(frames_now(), before - 2);
	want(op(decrease_reservation, &r), 0);
	rule("populate gets frames for pfns, and sets their machphys entries");
	mfns[0] = pfn_of(pool[0]);
	mfns[1] = pfn_of(pool[1]);
	want(op(populate_physmap, &r), 2);
	want(*m2p(mfns[0]), (long)pfn_of(pool[0]));
	want(*m2p(mfns[1]), (long)pfn_of(pool[1]));
	want(frames_now(), before);
	put_in(mfns, 2);
	rule("frames of none and of others are not given back");
	mfns[0] = 1ul << 40;
	want(op(decrease_reservation, &r), 0);
	mfns[0] = 0;
	want(op(decrease_reservation, &r), 0);
}

static void reservation_arguments(void)
{
	unsigned long list[2] = { 1ul << 40, 1ul << 40 };
	struct xen_memory_reservation r = reservation(list, 1);

	rule("reservation calls answer what was done, never an error");
	want(op(populate_physmap, BAD_POINTER), 0);
	want(op_at(populate_physmap, 3, BAD_POINTER), 3);
	want(op_at(populate_physmap, 1, &r), 1);
	r.nr_extents = 0;
	want(op(populate_physmap, &r), 0);
	rule("nothing is done for a domain that is not there");
	r = reservation(list, 1);
	r.domid = 5;
	want(op(populate_physmap, &r), 0);
	want(op(decrease_reservation, &r), 0);
	rule("nothing is done for extents or lists that are too large");
	r = reservation(list, 1);
	r.extent_order = 20;
	want(op(populate_physmap, &r), 0);
	want(op(increase_reservation, &r), 0);
	want(op(decrease_reservation, &r), 0);
	r = reservation(list, 1ul << 40);
	want(op(increase_reservation, &r), 0);
	rule("nothing is done on demand for a PV domain itself");
	r = reservation(list, 1);
	r.mem_flags = XENMEMF_populate_on_demand;
	want(op(populate_physmap, &r), 0);
	rule("nothing is done below an address there is no memory at");
	r.mem_flags = XENMEMF_address_bits(5);
	want(op(populate_physmap, &r), 0);
	rule("nothing is done with a list that cannot be read");
	r = reservation((unsigned long *)0x1000, 1);
	want(op(populate_physmap, &r), 0);
	want(op(decrease_reservation, &r), 0);
}

static void physmap(void)
{
	struct xen_add_to_physmap a = { .domid = DOMID_SELF };
	struct xen_add_to_physmap_batch b = { .domid = DOMID_SELF, .size = 1 };
	struct xen_remove_from_physmap r = { .domid = DOMID_SELF, .gpfn = 5 };

	rule("a PV domain has no map of the hypervisor's to add to");
	want(op(add_to_physmap, &a), -XEN_EACCES);
	want(op_at(add_to_physmap, 1, &a), -XEN_EACCES);
	want(op(add_to_physmap_batch, &b), -XEN_EACCES);
	want(op(remove_from_physmap, &r), -XEN_EACCES);
	rule("foreign frames are added by the batch only");
	a.space = XENMAPSPACE_gmfn_foreign;
	want(op(add_to_physmap, &a), -XEN_ENOSYS);
	rule("ranges are not added by the batch");
	b.space = XENMAPSPACE_gmfn_range;
	want(op(add_to_physmap_batch, &b), -XEN_EOPNOTSUPP);
	rule("a domain that is not there has no map either");
	a = (struct xen_add_to_physmap){ .domid = 5 };
	want(op(add_to_physmap, &a), -XEN_ESRCH);
	rule("an addition to the map that cannot be read is EFAULT");
	want(op(add_to_physmap, BAD_POINTER), -XEN_EFAULT);
}

static void maps(void)
{
	static char buffer[128 * 20];
	struct xen_memory_map m = { .nr_entries = 128 };
	struct xen_foreign_memory_map f = { .domid = DOMID_SELF };

	m.buffer.p = buffer;
	rule("the machine's map is the first domain's to see");
	want(op(machine_memory_map, &m), is_first_domain() ? 0 : -XEN_EPERM);
	rule("a buffer that is too small for it is EINVAL");
	m.nr_entries = 2;
	want(op(machine_memory_map, &m), is_first_domain() ? -XEN_EINVAL : -XEN_EPERM);
	rule("a memory_map that cannot be read is EFAULT");
	want(op(memory_map, BAD_POINTER), -XEN_EFAULT);
	rule("no memory_map is set until somebody sets one");
	if (is_first_domain())
		want(op(memory_map, &m), -XEN_ENOSYS);
	else
		skip("a tool may have set one");
	rule("a map of too many entries is EINVAL");
	f.map.nr_entries = 2000;
	want(op(set_memory_map, &f), -XEN_EINVAL);
	rule("a map that cannot be read is EFAULT");
	f.map.nr_entries = 2;
	f.map.buffer.p = (void *)0x1000;
	want(op(set_memory_map, &f), -XEN_EFAULT);
	rule("a map of a domain that is not there is ESRCH");
	f.domid = 5;
	want(op(set_memory_map, &f), -XEN_ESRCH);
	rule("the map that was set is read back, as much as there is room for");
	f.domid = DOMID_SELF;
	f.map.buffer.p = buffer;
	memset(buffer, 7, 40);
	want(op(set_memory_map, &f), 0);
	memset(buffer, 0, 40);
	m.nr_entries = 1;
	want(op(memory_map, &m), 0);
	want(m.nr_entries, 1);
	want(buffer[19], 7);
	want(buffer[20], 0);
	m.nr_entries = 128;
	want(op(memory_map, &m), 0);
	want(m.nr_entries, 2);
}

static void others(void)
{
	struct xen_memory_reservation c = { .nr_extents = 10, .domid = DOMID_SELF };
	struct xen_vnuma_topology_info v = { .domid = DOMID_SELF };
	struct xen_mem_acquire_resource a = { .domid = 5 };
	struct xen_pod_target p = { .domid = DOMID_SELF };

	rule("claims name a domain, and nothing but a number");
	if (is_first_domain()) {
		want(op(claim_pages, BAD_POINTER), -XEN_EFAULT);
		want(op(claim_pages, &c), -XEN_EINVAL);
		c.domid = 0;
		want(op(claim_pages, &c), -XEN_EINVAL);	/* less than it has */
		c.nr_extents = 0;
		want(op(claim_pages, &c), 0);
		c.extent_order = 1;
		want(op(claim_pages, &c), -XEN_EINVAL);
	} else {
		skip("for the control domain");
	}
	rule("there is no virtual NUMA");
	want(op(get_vnumainfo, &v), -XEN_EOPNOTSUPP);
	rule("resources are another domain's");
	want(op(acquire_resource, &a), -XEN_ESRCH);
	a.pad = 1;
	want(op(acquire_resource, &a), -XEN_EINVAL);
	want(op(acquire_resource, BAD_POINTER), -XEN_EFAULT);
	if (is_first_domain()) {
		a = (struct xen_mem_acquire_resource){ .domid = 0 };
		want(op(acquire_resource, &a), -XEN_EPERM);
	}
	rule("populate-on-demand targets are not for PV");
	if (is_first_domain()) {
		want(op(set_pod_target, &p), -XEN_EINVAL);
		want(op(get_pod_target, &p), -XEN_EINVAL);
	} else {
		skip("for the control domain");
	}
	rule("sub-calls that are not there are ENOSYS");
	want(call(memory_op, 8, pool), -XEN_ENOSYS);
	for (int cmd = 29; cmd < 64; cmd++)
		want(call(memory_op, cmd, pool), -XEN_ENOSYS);
}

void suite_main(void)
{
	unsigned long mfns[POOL];

	questions();
	decrease();
	reservation_arguments();
	exchanges();
	physmap();
	maps();
	others();
	info();
	reservations();
	rule("many frames go and come in one call each");
	{
		struct xen_memory_reservation r = reservation(mfns, POOL);
		long before = frames_now();

		take_out(mfns, POOL);
		want(op(decrease_reservation, &r), POOL);
		want(frames_now(), before - POOL);
		for (int i = 0; i < POOL; i++)
			mfns[i] = pfn_of(pool[i]);
		want(op(populate_physmap, &r), POOL);
		put_in(mfns, POOL);
		want(frames_now(), before);
	}
}
