/* SPDX-License-Identifier: MIT */
/* mappings.c - map_grant_ref, unmap_grant_ref, unmap_and_replace. */
#include "grants.h"

#define HOST	GNTMAP_host_map
#define DEV	GNTMAP_device_map
#define RO	GNTMAP_readonly
#define AT(p)	((uint64_t)(p))

/* Walks the tables as the builder made them: its frames are mapped read-only
 * at VIRT_BASE + pfn. */
static uint64_t *table_at(unsigned long mfn)
{
	unsigned long pfn = ((unsigned long *)MACH2PHYS_VIRT_START)[mfn];

	return (uint64_t *)(VIRT_BASE + (pfn << 12));
}

#define ENTRY_FRAME(e)	((e) >> 12 & 0xfffffffffful)

uint64_t entry_address(const void *page)
{
	uint64_t va = AT(page), e;
	uint64_t *t = (uint64_t *)start_info->pt_base;

	for (unsigned int shift = 39; ; shift -= 9) {
		e = t[va >> shift & 511];
		if (shift == 21)
			return ENTRY_FRAME(e) << 12 | (va >> 12 & 511) << 3;
		t = table_at(ENTRY_FRAME(e));
	}
}

uint64_t entry_of(const void *page)
{
	uint64_t at = entry_address(page);

	return table_at(at >> 12)[at >> 3 & 511];
}

void restore(void *page)
{
	want(map_frame(page, virt_to_mfn(page), PTE_PRESENT | PTE_WRITE | PTE_USER), 0);
}

static void store(void *at)
{
	*(volatile char *)at = 'w';
}

static void load(void *at)
{
	(void)*(volatile char *)at;
}

static void refused(void)
{
	struct gnttab_map_grant_ref m;

	grant(40, page_a, GTF_permit_access);
	rule("a mapping neither for the host nor for devices is bad_gntref");
	want(map(40, AT(window), 0, &m), GNTST_bad_gntref);
	want(map(40, AT(window), RO, &m), GNTST_bad_gntref);
	rule("a granter that is not there is bad_domain, DOMID_SELF among them");
	m = (struct gnttab_map_grant_ref){ .flags = HOST, .dom = NO_DOMAIN };
	want(op(map_grant_ref, &m, 1), 0);
	want(m.status, GNTST_bad_domain);
	m.dom = DOMID_SELF;
	want(op(map_grant_ref, &m, 1), 0);
	want(m.status, GNTST_bad_domain);
	rule("an entry that is not there is bad_gntref");
	want(map(NO_REF, AT(window), HOST, &m), GNTST_bad_gntref);
	want(map(1024, AT(window), HOST, &m), GNTST_bad_gntref);
	rule("an empty entry, and one of another kind, is general_error");
	want(map(41, AT(window), HOST, &m), GNTST_general_error);
	grant(41, page_a, GTF_accept_transfer);
	want(map(41, AT(window), HOST, &m), GNTST_general_error);
	grant(41, page_a, GTF_transitive);
	want(map(41, AT(window), HOST, &m), GNTST_general_error);
	grant(41, page_a, GTF_permit_access | GTF_sub_page);
	want(map(41, AT(window), HOST, &m), GNTST_general_error);
	rule("an entry for somebody else is general_error");
	grant(41, page_a, GTF_permit_access);
	table[41].domid = NO_DOMAIN;
	want(map(41, AT(window), HOST, &m), GNTST_general_error);
	rule("a read-only entry cannot be mapped writable");
	grant(41, page_a, GTF_permit_access | GTF_readonly);
	want(map(41, AT(window), HOST, &m), GNTST_general_error);
	want(table[41].flags, GTF_permit_access | GTF_readonly);
	rule("a frame that is not there, or not the granter's, is bad_page");
	grant(41, page_a, GTF_permit_access);
	table[41].frame = 0x7fffffff;
	want(map(41, AT(window), HOST, &m), GNTST_bad_page);
	want(table[41].flags, GTF_permit_access);
	table[41].frame = NOT_OURS;
	want(map(41, AT(window), HOST | RO, &m), GNTST_bad_page);
	rule("a page table cannot be mapped writable");
	table[41].frame = (uint32_t)(entry_address(page_a) >> 12);
	want(map(41, AT(window), HOST, &m), GNTST_general_error);
	want(table[41].flags, GTF_permit_access);
	rule("an address without a page table is general_error");
	want(map(40, 0x1000, HOST, &m), GNTST_general_error);
	want(map(40, AT(BAD_POINTER), HOST, &m), GNTST_general_error);
	want(map(40, AT(HYPERVISOR_POINTER), HOST, &m), GNTST_general_error);
	rule("a machine address that is no L1 entry's is general_error");
	want(map(40, entry_address(window) + 1, HOST | GNTMAP_contains_pte, &m),
	     GNTST_general_error);
	want(map(40, virt_to_mfn(page_a) << 12, HOST | GNTMAP_contains_pte, &m),
	     GNTST_general_error);
	want(map(40, 1ul << 50, HOST | GNTMAP_contains_pte, &m), GNTST_general_error);
	rule("what was refused leaves no use behind");
	want(table[40].flags, GTF_permit_access);
	table[41].flags = 0;
}

static void for_the_host(void)
{
	struct gnttab_map_grant_ref m, n;

	rule("a mapping shows the granted frame, and the entry shows its use");
	memset(page_a, 'm', 4096);
	want(map(40, AT(window), HOST, &m), GNTST_okay);
	want(window[17], 'm');
	want(m.dev_bus_addr, virt_to_mfn(page_a) << 12);
	want(table[40].flags, GTF_permit_access | GTF_reading | GTF_writing);
	want_true(!traps(store, window + 5));
	want(page_a[5], 'w');
	rule("the entry says present, writable, accessed, dirty, guest kernel, no execute");
	want(entry_of(window), virt_to_mfn(page_a) << 12 | 1ul << 63 | 1ul << 52 | 0x67);
	rule("unmapping takes the entry out and ends the use");
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	want(entry_of(window), 0);
	want_true(traps(load, window));
	want(table[40].flags, GTF_permit_access);
	rule("a handle is good once");
	want(unmap(m.handle, AT(window), 0), GNTST_bad_handle);
	want(unmap(NO_HANDLE, AT(window), 0), GNTST_bad_handle);
	want(unmap(~0u, AT(window), 0), GNTST_bad_handle);
	rule("a read-only mapping is read-only, and only reads show");
	want(map(40, AT(window), HOST | RO, &m), GNTST_okay);
	want(table[40].flags, GTF_permit_access | GTF_reading);
	want_true(!traps(load, window));
	want_true(traps(store, window));
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	rule("flags of the entry follow application_map and the available bits");
	want(map(40, AT(window), HOST | GNTMAP_application_map | 5u << 16, &m), GNTST_okay);
	want(entry_of(window), virt_to_mfn(page_a) << 12 | 1ul << 63 | 0x167 | 5u << 9);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	rule("the entry can be named by its machine address");
	want(map(40, entry_address(window), HOST | GNTMAP_contains_pte, &m), GNTST_okay);
	want(window[17], 'm');
	want(unmap(m.handle, AT(window), 0), GNTST_general_error);
	want(unmap(m.handle, entry_address(window), 0), GNTST_okay);
	want(entry_of(window), 0);
	rule("an address where the frame is not is general_error, and undoes nothing");
	restore(window);
	want(map(40, AT(window), HOST, &m), GNTST_okay);
	want(unmap(m.handle, AT(page_b), 0), GNTST_general_error);
	want(unmap(m.handle, 0x1000, 0), GNTST_general_error);
	want(window[17], 'm');
	rule("unmapping neither part is okay and does nothing");
	want(unmap(m.handle, 0, 0), GNTST_okay);
	want(window[17], 'm');
	rule("a second mapping keeps the use until it goes as well");
	want(map(40, AT(page_b), HOST | RO, &n), GNTST_okay);
	want_true(n.handle != m.handle);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	want(table[40].flags, GTF_permit_access | GTF_reading);
	want(unmap(n.handle, AT(page_b), 0), GNTST_okay);
	want(table[40].flags, GTF_permit_access);
	restore(page_b);
	rule("a mapping that is used read-only can be joined by a writable one");
	want(map(40, AT(window), HOST | RO, &m), GNTST_okay);
	want(map(40, AT(page_b), HOST, &n), GNTST_okay);
	want(table[40].flags, GTF_permit_access | GTF_reading | GTF_writing);
	want(unmap(n.handle, AT(page_b), 0), GNTST_okay);
	want(table[40].flags, GTF_permit_access | GTF_reading);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	restore(page_b);
	rule("a writable mapping is not undone where a read-only one stands");
	want(map(40, AT(window), HOST | RO, &m), GNTST_okay);
	want(map(40, AT(page_b), HOST, &n), GNTST_okay);
	want(unmap(n.handle, AT(window), 0), GNTST_general_error);
	want(unmap(m.handle, AT(page_b), 0), GNTST_general_error);
	want(unmap(n.handle, AT(page_b), 0), GNTST_okay);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	restore(window);
	restore(page_b);
}

static void for_devices(void)
{
	struct gnttab_map_grant_ref m;

	rule("a mapping for devices tells the address and shows the use");
	want(map(40, 0, DEV, &m), GNTST_okay);
	want(m.dev_bus_addr, virt_to_mfn(page_a) << 12);
	want(table[40].flags, GTF_permit_access | GTF_reading | GTF_writing);
	rule("unmapping a mapping for devices wants its address");
	want(unmap(m.handle, 0, m.dev_bus_addr + 4096), GNTST_bad_dev_addr);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	want(table[40].flags, GTF_permit_access | GTF_reading | GTF_writing);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	want(table[40].flags, GTF_permit_access);
	rule("both parts of a mapping go one after the other");
	want(map(40, AT(window), HOST | DEV, &m), GNTST_okay);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	want(table[40].flags, GTF_permit_access | GTF_reading | GTF_writing);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	want(unmap(m.handle, 0, m.dev_bus_addr), GNTST_okay);
	want(table[40].flags, GTF_permit_access);
	rule("both parts go at once");
	want(map(40, AT(window), HOST | DEV | RO, &m), GNTST_okay);
	want(unmap(m.handle, AT(window), m.dev_bus_addr), GNTST_okay);
	want(table[40].flags, GTF_permit_access);
	want(unmap(m.handle, 0, 0), GNTST_bad_handle);
	restore(window);
}

static void behind_its_back(void)
{
	struct gnttab_map_grant_ref m;

	rule("an entry overwritten by update_va_mapping is no more to unmap");
	want(map(40, AT(window), HOST, &m), GNTST_okay);
	restore(window);
	want(unmap(m.handle, AT(window), 0), GNTST_general_error);
	want(table[40].flags, GTF_permit_access | GTF_reading | GTF_writing);
	rule("the use ends once the frame stands there again");
	want(map_frame(window, virt_to_mfn(page_a), 0x67), 0);
	(void)unmap(m.handle, AT(window), 0);
	restore(window);
}

static void many(void)
{
	static struct gnttab_map_grant_ref m[300];
	static struct gnttab_unmap_grant_ref u[300];
	struct gnttab_map_grant_ref w;
	unsigned int okay = 0;

	rule("an entry can be used 128 times in one way");
	grant(42, page_a, GTF_permit_access);
	for (unsigned int i = 0; i < 300; i++)
		m[i] = (struct gnttab_map_grant_ref){
			.flags = DEV | RO, .ref = 42, .dom = self, .status = 99,
		};
	want(op(map_grant_ref, m, 300), 0);
	for (unsigned int i = 0; i < 300; i++) {
		okay += m[i].status == GNTST_okay;
		u[i] = (struct gnttab_unmap_grant_ref){
			.dev_bus_addr = m[i].dev_bus_addr,
			.handle = m[i].status ? ~0u : m[i].handle, .status = 99,
		};
	}
	want(okay, 128);
	want(m[128].status, GNTST_general_error);
	rule("an entry used 128 times in one way can be used in the other way too");
	want(map(42, 0, DEV, &w), GNTST_okay);
	want(unmap(w.handle, 0, w.dev_bus_addr), GNTST_okay);
	rule("an array of unmaps has a status for each");
	want(op(unmap_grant_ref, u, 300), 0);
	want(u[0].status, GNTST_okay);
	want(u[127].status, GNTST_okay);
	want(u[128].status, GNTST_bad_handle);
	want(u[299].status, GNTST_bad_handle);
	want(table[42].flags, GTF_permit_access);
	table[42].flags = 0;
}

static int replace(grant_handle_t handle, const void *at, const void *from)
{
	struct gnttab_unmap_and_replace r = {
		.host_addr = AT(at), .new_addr = AT(from), .handle = handle, .status = 99,
	};

	want(op(unmap_and_replace, &r, 1), 0);
	return r.status;
}

static void replaced(void)
{
	struct gnttab_map_grant_ref m;

	rule("unmap_and_replace moves another entry of ours in its place");
	want(map(40, AT(window), HOST, &m), GNTST_okay);
	memset(page_b, 'r', 4096);
	want(replace(m.handle, window, page_b), GNTST_okay);
	want(window[9], 'r');
	want(entry_of(page_b), 0);
	want(table[40].flags, GTF_permit_access);
	want(replace(m.handle, window, page_b), GNTST_bad_handle);
	restore(page_b);
	restore(window);
	rule("unmap_and_replace with no other entry only unmaps");
	want(map(40, AT(window), HOST, &m), GNTST_okay);
	want(replace(m.handle, window, 0), GNTST_okay);
	want(entry_of(window), 0);
	restore(window);
	rule("unmap_and_replace is not for entries named by machine address");
	want(map(40, entry_address(window), HOST | GNTMAP_contains_pte, &m), GNTST_okay);
	want(replace(m.handle, (void *)entry_address(window), page_b), GNTST_general_error);
	want(unmap(m.handle, entry_address(window), 0), GNTST_okay);
	restore(window);
	rule("unmap_and_replace from nowhere is general_error");
	want(map(40, AT(window), HOST, &m), GNTST_okay);
	want(replace(m.handle, window, (void *)0x1000), GNTST_general_error);
	want(window[17], page_a[17]);
	want(unmap(m.handle, AT(window), 0), GNTST_okay);
	restore(window);
}

void mappings(void)
{
	refused();
	for_the_host();
	for_devices();
	many();
	replaced();
	behind_its_back();
}
