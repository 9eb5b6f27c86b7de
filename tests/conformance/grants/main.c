/* SPDX-License-Identifier: MIT */
/* grants - grant_table_op: the table, versions, mapping, copying. */
#include "grants.h"

const char suite_name[] = "grants";

domid_t self;
static PAGE char table_page[4096];
volatile struct grant_entry_v1 *const table = (void *)table_page;
PAGE char page_a[4096], page_b[4096], window[4096];

void grant(grant_ref_t ref, const void *page, unsigned int flags)
{
	table[ref].flags = 0;
	table[ref].domid = self;
	table[ref].frame = (uint32_t)virt_to_mfn(page);
	__sync_synchronize();
	table[ref].flags = (uint16_t)flags;
}

int map(grant_ref_t ref, uint64_t where, unsigned int flags,
	struct gnttab_map_grant_ref *out)
{
	*out = (struct gnttab_map_grant_ref){
		.host_addr = where, .flags = flags, .ref = ref, .dom = self,
		.status = 99, .handle = 0xdead,
	};
	want(op(map_grant_ref, out, 1), 0);
	return out->status;
}

int unmap(grant_handle_t handle, uint64_t where, uint64_t dev)
{
	struct gnttab_unmap_grant_ref u = {
		.host_addr = where, .dev_bus_addr = dev, .handle = handle,
		.status = 99,
	};

	want(op(unmap_grant_ref, &u, 1), 0);
	return u.status;
}

static void arguments(void)
{
	struct gnttab_map_grant_ref m;

	rule("an unknown sub-call is ENOSYS");
	want(call(grant_table_op, 13, &m, 1), -XEN_ENOSYS);
	want(call(grant_table_op, 99, &m, 0), -XEN_ENOSYS);
	rule("dump_table is ENOSYS");
	want(op(dump_table, &m, 1), -XEN_ENOSYS);
	rule("a count with the sign bit is EINVAL, before the command is looked at");
	want(op(map_grant_ref, &m, 0x80000000u), -XEN_EINVAL);
	want(call(grant_table_op, 99, &m, -1), -XEN_EINVAL);
	rule("a bad array is EFAULT");
	want(op(map_grant_ref, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(unmap_grant_ref, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(unmap_and_replace, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(copy, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(transfer, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(swap_grant_ref, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(setup_table, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(query_size, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(set_version, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(get_version, BAD_POINTER, 1), -XEN_EFAULT);
	want(op(get_status_frames, BAD_POINTER, 1), -XEN_EFAULT);
	rule("an array in the hypervisor's part is EFAULT");
	want(op(map_grant_ref, HYPERVISOR_POINTER, 1), -XEN_EFAULT);
	want(op(copy, HYPERVISOR_POINTER, 1), -XEN_EFAULT);
	rule("an empty array is success");
	want(op(map_grant_ref, &m, 0), 0);
	want(op(unmap_grant_ref, &m, 0), 0);
	want(op(copy, &m, 0), 0);
	want(op(transfer, &m, 0), 0);
	want(op(swap_grant_ref, &m, 0), 0);
	rule("setup_table, query_size and get_status_frames take one element");
	want(op(setup_table, &m, 0), -XEN_EINVAL);
	want(op(setup_table, &m, 2), -XEN_EINVAL);
	want(op(query_size, &m, 0), -XEN_EINVAL);
	want(op(query_size, &m, 2), -XEN_EINVAL);
	want(op(get_status_frames, &m, 2), -XEN_EINVAL);
}

static void sizes(void)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	uint64_t frames[4] = { 0 };
	struct gnttab_setup_table s = { .dom = DOMID_SELF };

	rule("a table has one frame at first, and 64 at most");
	want(op(query_size, &q, 1), 0);
	want(q.status, GNTST_okay);
	want(q.nr_frames, 1);
	want(q.max_nr_frames, 64);
	rule("query_size of nobody is bad_domain");
	q.dom = NO_DOMAIN;
	want(op(query_size, &q, 1), 0);
	want(q.status, GNTST_bad_domain);
	rule("a domain may name itself by its number");
	q.dom = self;
	want(op(query_size, &q, 1), 0);
	want(q.status, GNTST_okay);

	rule("setup_table of no frames is okay");
	set_xen_guest_handle(s.frame_list, frames);
	want(op(setup_table, &s, 1), 0);
	want(s.status, GNTST_okay);
	rule("setup_table grows the table and tells its frames");
	s.nr_frames = 2;
	want(op(setup_table, &s, 1), 0);
	want(s.status, GNTST_okay);
	want_true(frames[0] && frames[1] && frames[0] != frames[1] && !frames[2]);
	rule("a smaller setup_table shrinks nothing");
	s.nr_frames = 1;
	want(op(setup_table, &s, 1), 0);
	q.dom = DOMID_SELF;
	want(op(query_size, &q, 1), 0);
	want(q.nr_frames, 2);
	rule("setup_table beyond the limit is general_error");
	s.nr_frames = 65;
	want(op(setup_table, &s, 1), 0);
	want(s.status, GNTST_general_error);
	rule("setup_table of nobody is bad_domain");
	s = (struct gnttab_setup_table){ .dom = NO_DOMAIN, .nr_frames = 1 };
	set_xen_guest_handle(s.frame_list, frames);
	want(op(setup_table, &s, 1), 0);
	want(s.status, GNTST_bad_domain);
	rule("setup_table with its list in the hypervisor's part is EFAULT");
	s.dom = DOMID_SELF;
	set_xen_guest_handle(s.frame_list, HYPERVISOR_POINTER);
	want(op(setup_table, &s, 1), -XEN_EFAULT);
	rule("setup_table with its list where nothing is mapped is bad_virt_addr");
	set_xen_guest_handle(s.frame_list, (uint64_t *)0x1000);
	want(op(setup_table, &s, 1), 0);
	want(s.status, GNTST_bad_virt_addr);
	rule("the table's frame can be mapped, writable, and is empty");
	want(map_frame(table_page, frames[0], PTE_PRESENT | PTE_WRITE | PTE_USER), 0);
	want(table[100].flags, 0);
	want(table[511].frame, 0);
}

static void versions(void)
{
	struct gnttab_set_version set = { 1 };
	struct gnttab_get_version get = { .dom = DOMID_SELF };
	struct gnttab_get_status_frames s = { .dom = DOMID_SELF };
	uint64_t frames[1];

	rule("the version is 1");
	want(op(get_version, &get, 1), 0);
	want(get.version, 1);
	rule("get_version of nobody is ESRCH");
	get.dom = NO_DOMAIN;
	want(op(get_version, &get, 1), -XEN_ESRCH);
	rule("set_version to 1 is success");
	want(op(set_version, &set, 1), 0);
	want(set.version, 1);
	rule("set_version to 0 or 3 is EINVAL, and tells the version");
	set.version = 3;
	want(op(set_version, &set, 1), -XEN_EINVAL);
	want(set.version, 1);
	set.version = 0;
	want(op(set_version, &set, 1), -XEN_EINVAL);
	want(set.version, 1);
	rule("no status frames of version 1: a list of none is okay");
	set_xen_guest_handle(s.frame_list, frames);
	want(op(get_status_frames, &s, 1), 0);
	want(s.status, GNTST_okay);
	rule("get_status_frames of one frame of version 1 is general_error");
	s.nr_frames = 1;
	want(op(get_status_frames, &s, 1), 0);
	want(s.status, GNTST_general_error);
	rule("get_status_frames of nobody is bad_domain");
	s.dom = NO_DOMAIN;
	want(op(get_status_frames, &s, 1), 0);
	want(s.status, GNTST_bad_domain);
}

static int swap(grant_ref_t a, grant_ref_t b)
{
	struct gnttab_swap_grant_ref s = { a, b, 99 };

	want(op(swap_grant_ref, &s, 1), 0);
	return s.status;
}

static void swaps(void)
{
	struct gnttab_map_grant_ref m;

	rule("swap_grant_ref exchanges two entries");
	grant(20, page_a, GTF_permit_access);
	grant(21, page_b, GTF_permit_access | GTF_readonly);
	want(swap(20, 21), GNTST_okay);
	want(table[20].frame, virt_to_mfn(page_b));
	want(table[20].flags, GTF_permit_access | GTF_readonly);
	want(table[21].frame, virt_to_mfn(page_a));
	rule("swapping an entry with itself is okay");
	want(swap(20, 20), GNTST_okay);
	rule("swapping an entry that is not there is bad_gntref");
	want(swap(20, NO_REF), GNTST_bad_gntref);
	want(swap(NO_REF, 20), GNTST_bad_gntref);
	want(swap(NO_REF, NO_REF), GNTST_bad_gntref);
	rule("swapping an entry in use is eagain");
	want(map(20, 0, GNTMAP_device_map | GNTMAP_readonly, &m), GNTST_okay);
	want(swap(20, 21), GNTST_eagain);
	want(swap(21, 20), GNTST_eagain);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	want(swap(20, 21), GNTST_okay);
	table[20].flags = table[21].flags = 0;
}

static long cache_flush(uint64_t addr, unsigned int offset, unsigned int length,
			unsigned int what)
{
	struct gnttab_cache_flush f = {
		.a.dev_bus_addr = addr, .offset = (uint16_t)offset,
		.length = (uint16_t)length, .op = what,
	};

	return op(cache_flush, &f, 1);
}

static void caches(void)
{
	uint64_t own = virt_to_mfn(page_a) << 12;

	rule("cache_flush of nothing is success");
	want(cache_flush(own, 0, 0, GNTTAB_CACHE_CLEAN), 0);
	want(cache_flush(own, 0, 64, 0), 0);
	rule("cache_flush that leaves the frame, or of an unknown kind, is EINVAL");
	want(cache_flush(own, 4096, 0, GNTTAB_CACHE_CLEAN), -XEN_EINVAL);
	want(cache_flush(own, 4000, 100, GNTTAB_CACHE_CLEAN), -XEN_EINVAL);
	want(cache_flush(own, 0, 64, 4), -XEN_EINVAL);
	rule("cache_flush by grant reference is EINVAL");
	want(cache_flush(1, 0, 64, GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_SOURCE_GREF),
	     -XEN_EINVAL);
	want(cache_flush(1, 0, 0, GNTTAB_CACHE_SOURCE_GREF), -XEN_EINVAL);
	rule("cache_flush of a frame that is not there is EINVAL");
	want(cache_flush(1ul << 50, 0, 64, GNTTAB_CACHE_CLEAN), -XEN_EINVAL);
	rule("cache_flush of a frame that is not one's own is EPERM");
	want(cache_flush(NOT_OURS << 12, 0, 64, GNTTAB_CACHE_CLEAN), -XEN_EPERM);
	rule("cache_flush cleans, and cleans and invalidates, one's own frame");
	want(cache_flush(own, 0, 64, GNTTAB_CACHE_CLEAN), 0);
	want(cache_flush(own, 0, 4096, GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL), 0);
	rule("cache_flush cannot only invalidate");
	want(cache_flush(own, 0, 64, GNTTAB_CACHE_INVAL), -XEN_EOPNOTSUPP);
}

/* What Paravane does not have (docs/divergences.md); last, since a table that
 * was of version 2 may be another afterwards. */
static void set_aside(void)
{
	struct gnttab_transfer t = { .mfn = 1ul << 40, .domid = NO_DOMAIN, .status = 99 };
	struct gnttab_set_version set = { 2 };
	struct gnttab_get_version get = { .dom = DOMID_SELF };

	rule("a transfer of no frame, or of one in use, is bad_page");
	want(op(transfer, &t, 1), 0);
	want(t.status, GNTST_bad_page);
	t.mfn = virt_to_mfn(window);
	want(op(transfer, &t, 1), 0);
	want(t.status, GNTST_bad_page);
	rule("version 2 can be set, and version 1 again");
	want(op(set_version, &set, 1), 0);
	want(op(get_version, &get, 1), 0);
	want(get.version, 2);
	set.version = 1;
	want(op(set_version, &set, 1), 0);
}

void suite_main(void)
{
	self = own_number();
	arguments();
	sizes();
	versions();
	mappings();
	copies();
	copy_edges();
	swaps();
	caches();
	edges();
	set_aside();
}
