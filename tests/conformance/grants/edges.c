/* SPDX-License-Identifier: MIT */
/* edges.c - grants at their edges: the table's own frames, the last entries,
 * odd flags and addresses, and what a granted frame may be meanwhile.
 */
#include <xen/memory.h>

#include "grants.h"

#define HOST	GNTMAP_host_map
#define DEV	GNTMAP_device_map
#define RO	GNTMAP_readonly
#define AT(p)	((uint64_t)(p))
#define LAST	1023u		/* of a table of two frames */

static PAGE char second_page[4096];
static volatile struct grant_entry_v1 *const second = (void *)second_page;
static uint64_t frames[64];

static int setup(unsigned int n, domid_t d)
{
	struct gnttab_setup_table s = { .dom = d, .nr_frames = n, .status = 99 };

	set_xen_guest_handle(s.frame_list, frames);
	want(op(setup_table, &s, 1), 0);
	return s.status;
}

static long extended(unsigned int cmd, uint64_t mfn)
{
	struct mmuext_op e = { .cmd = cmd };

	e.arg1.mfn = mfn;
	return call(mmuext_op, &e, 1, 0, DOMID_SELF);
}

static void the_table(void)
{
	struct gnttab_map_grant_ref m;
	uint64_t first;

	rule("the table's frames stay where they are");
	want(setup(2, DOMID_SELF), GNTST_okay);
	first = frames[0];
	want(setup(2, self), GNTST_okay);
	want(frames[0], first);
	rule("entries of the second frame are as good as those of the first");
	want(map_frame(second_page, frames[1], PTE_PRESENT | PTE_WRITE), 0);
	grant(20, page_a, GTF_permit_access);
	second[LAST - 512] = table[20];
	want(map(LAST, 0, DEV, &m), GNTST_okay);
	want(second[LAST - 512].flags, GTF_permit_access | GTF_reading | GTF_writing);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	want(second[LAST - 512].flags, GTF_permit_access);
	second[LAST - 512].flags = 0;
	rule("the entry after the last is none");
	want(map(LAST + 1, 0, DEV, &m), GNTST_bad_gntref);
	rule("the table is not given back, exchanged or made a page table");
	{
		unsigned long mfn = frames[0], pfn = 0;
		struct xen_memory_exchange x = {
			.in = { .nr_extents = 1, .domid = DOMID_SELF },
			.out = { .nr_extents = 1, .domid = DOMID_SELF },
		};

		x.in.extent_start.p = &mfn;
		x.out.extent_start.p = &pfn;
		want(call(memory_op, XENMEM_exchange, &x), -XEN_EINVAL);
		want(call(memory_op, XENMEM_decrease_reservation, &x.in), 1);
		want(extended(MMUEXT_PIN_L1_TABLE, mfn), -XEN_EINVAL);
	}
	grant(20, page_a, GTF_permit_access);
	want(map(20, 0, DEV, &m), GNTST_okay);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	rule("a frame of the table can be granted itself, to read");
	table[20].frame = (uint32_t)frames[1];
	want(map(20, 0, DEV | RO, &m), GNTST_okay);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	rule("the domains that stand for something else have no tables");
	want(setup(1, DOMID_IO), GNTST_bad_domain);
	want(setup(1, DOMID_XEN), GNTST_bad_domain);
	want(setup(1, DOMID_INVALID), GNTST_bad_domain);
	table[20].flags = 0;
}

static void odd_flags(void)
{
	struct gnttab_map_grant_ref m;

	grant(40, page_a, GTF_permit_access);
	rule("unknown flags of a mapping do not matter");
	want(map(40, AT(window), HOST | 1u << 8, &m), GNTST_okay);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	rule("an address inside a page means the page");
	want(map(40, AT(window) + 0x123, HOST, &m), GNTST_okay);
	want(entry_of(window) >> 12 & 0xfffffffff, virt_to_mfn(page_a));
	want(unmap(m.handle, AT(window) + 0x123, 0), GNTST_okay);
	want(entry_of(window), 0);
	rule("every flag at once: host, device, application, entry, read-only");
	want(map(40, entry_address(window), HOST | DEV | RO | GNTMAP_application_map |
		 GNTMAP_contains_pte, &m), GNTST_okay);
	want(entry_of(window), virt_to_mfn(page_a) << 12 | 1ul << 63 | 0x165);
	want(unmap(m.handle, entry_address(window), m.dev_bus_addr), GNTST_okay);
	rule("an entry's cache flags do not matter to a mapping of memory");
	grant(40, page_a, GTF_permit_access | GTF_PCD);
	want(map(40, AT(window), HOST, &m), GNTST_okay);
	want(entry_of(window) & 0x98, 0);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	grant(40, page_a, GTF_permit_access);
	rule("a mapping takes the place of what was mapped there");
	restore(window);
	want(map(40, AT(window), HOST, &m), GNTST_okay);
	page_a[3] = 'q';
	want(window[3], 'q');
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	restore(window);
	rule("a mapping over another grant's takes its place, and only it is undone there");
	{
		struct gnttab_map_grant_ref n;

		grant(41, page_b, GTF_permit_access);
		want(map(40, AT(window), HOST | RO, &m), GNTST_okay);
		want(map(41, AT(window), HOST | RO, &n), GNTST_okay);
		want(unmap(m.handle, AT(window), 0), GNTST_general_error);
		want(unmap(n.handle, AT(window), 0), GNTST_okay);
		want(map_frame(window, virt_to_mfn(page_a), 0x25), 0);
		(void)unmap(m.handle, AT(window), 0);
		restore(window);
		want(table[41].flags, GTF_permit_access);
		table[41].flags = 0;
	}
}

static void odd_unmaps(void)
{
	struct gnttab_map_grant_ref m;

	rule("the device's part may go first");
	want(map(40, AT(window), HOST | DEV, &m), GNTST_okay);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	want(table[40].flags, GTF_permit_access | GTF_reading | GTF_writing);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	want(table[40].flags, GTF_permit_access);
	rule("a device's address inside a page is another address");
	want(map(40, 0, DEV, &m), GNTST_okay);
	want(unmap(m.handle, 0, m.dev_bus_addr + 1), GNTST_bad_dev_addr);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	rule("an unmap with neither address right undoes neither part");
	want(map(40, AT(window), HOST | DEV, &m), GNTST_okay);
	want(unmap(m.handle, AT(page_b), m.dev_bus_addr + 4096), GNTST_bad_dev_addr);
	want(table[40].flags, GTF_permit_access | GTF_reading | GTF_writing);
	want(unmap(m.handle, AT(window), m.dev_bus_addr), GNTST_okay);
	want(table[40].flags, GTF_permit_access);
	restore(window);
	rule("an entry that was made read-only in place is no more to unmap");
	want(map(40, AT(window), HOST, &m), GNTST_okay);
	want(map_frame(window, virt_to_mfn(page_a), 0x65), 0);
	want(unmap(m.handle, AT(window), 0), GNTST_general_error);
	want(map_frame(window, virt_to_mfn(page_a), 0x67), 0);
	(void)unmap(m.handle, AT(window), 0);
	restore(window);
	rule("handles that were never given are bad_handle, in both ways to unmap");
	for (unsigned int bit = 8; bit < 32; bit++) {
		struct gnttab_unmap_and_replace r = {
			.host_addr = AT(window), .new_addr = AT(page_b), .handle = 1u << bit,
		};

		want(unmap(1u << bit, AT(window), 0), GNTST_bad_handle);
		want(op(unmap_and_replace, &r, 1), 0);
		want(r.status, GNTST_bad_handle);
	}
}

/* What may become of a frame that is granted and in use. */
static void frames_in_use(void)
{
	struct gnttab_map_grant_ref m;
	unsigned long mfn = virt_to_mfn(page_b), pfn = (AT(page_b) - VIRT_BASE) >> 12;
	struct xen_memory_exchange x = {
		.in = { .nr_extents = 1, .domid = DOMID_SELF },
		.out = { .nr_extents = 1, .domid = DOMID_SELF },
	};

	x.in.extent_start.p = &mfn;
	x.out.extent_start.p = &pfn;
	grant(43, page_b, GTF_permit_access);
	rule("a frame that is mapped writable by a grant is no page table meanwhile");
	memset(page_b, 0, 4096);
	want(map_frame(page_b, mfn, PTE_PRESENT), 0);
	want(map(43, AT(window), HOST, &m), GNTST_okay);
	want(extended(MMUEXT_PIN_L1_TABLE, mfn), -XEN_EINVAL);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	want(extended(MMUEXT_PIN_L1_TABLE, mfn), 0);
	rule("a page table is granted to be read, and not to be written");
	want(map(43, AT(window), HOST, &m), GNTST_general_error);
	want(map(43, AT(window), HOST | RO, &m), GNTST_okay);
	want(extended(MMUEXT_UNPIN_TABLE, mfn), 0);
	rule("a read-only mapping of a grant is not made writable");
	want(map_frame(window, mfn, 0x67), 0);
	want(map_frame(window, mfn, 0x25), 0);
	(void)unmap(m.handle, AT(window), 0);
	restore(window);
	rule("a device's use keeps a frame from becoming a page table");
	want(map(43, 0, DEV, &m), GNTST_okay);
	want(extended(MMUEXT_PIN_L1_TABLE, mfn), -XEN_EINVAL);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	want(extended(MMUEXT_PIN_L1_TABLE, mfn), 0);
	want(extended(MMUEXT_UNPIN_TABLE, mfn), 0);
	rule("a frame in a device's use is not exchanged");
	want(map(43, 0, DEV | RO, &m), GNTST_okay);
	want(call(update_va_mapping, page_b, 0, UVMF_INVLPG), 0);
	want(call(memory_op, XENMEM_exchange, &x), -XEN_EINVAL);
	rule("a frame that is given back in a device's use stays until that ends");
	{
		struct xen_memory_domain d = { DOMID_SELF };
		long before = call(memory_op, XENMEM_current_reservation, &d);

		want(call(memory_op, XENMEM_decrease_reservation, &x.in), 1);
		want(call(memory_op, XENMEM_current_reservation, &d), before);
		want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
		want(call(memory_op, XENMEM_current_reservation, &d), before - 1);
		rule("a frame that was given back is bad_page to map");
		want(map(43, 0, DEV, &m), GNTST_bad_page);
		want(call(memory_op, XENMEM_populate_physmap, &x.out), 1);
	}
	((unsigned long *)start_info->mfn_list)[(AT(page_b) - VIRT_BASE) >> 12] = pfn;
	restore(page_b);
	table[43].flags = 0;
}

void edges(void)
{
	the_table();
	odd_flags();
	odd_unmaps();
	frames_in_use();
	table[40].flags = 0;
}
