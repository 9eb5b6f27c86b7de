/* SPDX-License-Identifier: MIT */
/* domain.c - the builder's steps, in order.
 *
 * Guards: whatever fails, nothing is left behind: no domain, no mapping, no
 * memory. Everything that can be judged from the files alone is judged
 * before the domain exists; builder mappings are gone before the page
 * tables are typed, since a table may not be writable anywhere.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/step.h"
#include "build/build.h"
#include "build/features.h"
#include "build/fill.h"
#include "build/image.h"
#include "build/input.h"
#include "build/kernel.h"
#include "build/layout.h"

#include <xen/features.h>

/* All that a build holds; build_domain releases it in one place. */
struct build {
	struct ctl *ctl;
	const struct build_request *request;
	struct image kernel_file;
	struct input ramdisk;
	struct kernel kernel;
	struct layout layout;
	struct guest_memory memory;
	/* 0: no domain yet */
	domid_t id;
	struct boot_facts facts;
};

static int read_files(struct build *b, struct reason *why)
{
	const struct build_request *r = b->request;
	int rc = image_read(&b->kernel_file, r->kernel, why);

	if (rc)
		return rc;
	rc = image_unpack(&b->kernel_file, r->kernel, why);
	if (rc)
		return rc;
	if (r->ramdisk) {
		rc = input_open(&b->ramdisk, r->ramdisk, why);
		if (rc)
			return rc;
	}
	return kernel_parse(&b->kernel, b->kernel_file.bytes,
			    b->kernel_file.size, r->kernel, why);
}

/* What a PV guest may count on: what the hypervisor reports, and the two
 * that a kernel switches on itself (vm_assist). */
static int check_features(struct build *b, struct reason *why)
{
	struct xen_feature_info info = { 0 };
	uint32_t lacking;
	int rc = ctl_version_field(b->ctl, XENVER_get_features, &info,
				   sizeof(info));

	if (rc)
		return refuse_errno(why, rc,
				    "cannot ask the hypervisor for its features");
	info.submap |= 1U << XENFEAT_writable_page_tables |
		       1U << XENFEAT_pae_pgdir_above_4gb;
	info.submap &= ~(1U << XENFEAT_dom0);
	lacking = b->kernel.features_required & ~info.submap;
	if (lacking)
		return refuse(why, -EOPNOTSUPP,
			      "%s requires the feature %s, which guests here do not have",
			      b->request->kernel,
			      feature_name((unsigned int)__builtin_ctz(lacking)));
	return 0;
}

static int check_request(struct build *b, struct reason *why)
{
	const char *cmdline = b->request->cmdline;

	b->facts.cmdline = cmdline ? cmdline : "";
	if (strlen(b->facts.cmdline) >= MAX_GUEST_CMDLINE)
		return refuse(why, -E2BIG,
			      "the kernel's command line has %zu characters; at most %d fit",
			      strlen(b->facts.cmdline), MAX_GUEST_CMDLINE - 1);
	b->facts.ramdisk_bytes = b->ramdisk.size;
	return layout_compute(&b->layout, &b->kernel,
			      b->request->memory_kib / 4, b->ramdisk.size,
			      b->request->kernel, why);
}

static int refuse_memory(struct build *b, uint64_t have_pages,
			 struct reason *why)
{
	uint64_t pages = b->layout.pages;

	return refuse(why, -ENOMEM,
		      "not enough free memory: %s needs %llu KiB and %llu KiB are free, so %llu KiB are missing; lower memory= or destroy a domain",
		      b->request->name, (unsigned long long)pages * 4,
		      (unsigned long long)have_pages * 4,
		      (unsigned long long)(pages - have_pages) * 4);
}

/* Asking first spares the building up and tearing down of a domain that
 * cannot exist; the answer may be stale, so populate is checked too. */
static int check_free_memory(struct build *b, struct reason *why)
{
	struct xen_sysctl_physinfo info;
	int rc = ctl_physinfo(b->ctl, &info);

	if (rc)
		return refuse_errno(why, rc,
				    "cannot ask the hypervisor for its free memory");
	if (info.free_pages < b->layout.pages)
		return refuse_memory(b, info.free_pages, why);
	return 0;
}

static int create(struct build *b, struct reason *why)
{
	const struct build_request *r = b->request;
	struct ctl_domain_limits limits = {
		.vcpus = r->vcpus,
		.event_channels = r->event_channels,
	};
	int rc;

	memcpy(limits.handle, r->handle, sizeof(limits.handle));
	rc = ctl_domain_create(b->ctl, &limits);
	if (rc == -ENOMEM)
		return refuse(why, rc,
			      "not enough free memory for the hypervisor's own records of %s with %u vCPUs; destroy a domain",
			      r->name, r->vcpus);
	if (rc < 0)
		return refuse_errno(why, rc,
				    "the hypervisor refused to create a domain with %u vCPUs",
				    r->vcpus);
	b->id = (domid_t)rc;
	return 0;
}

static int set_limits(struct build *b, struct reason *why)
{
	const struct build_request *r = b->request;
	int rc = ctl_domain_max_mem(b->ctl, b->id, r->max_kib);

	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused a limit of %llu KiB",
				    (unsigned long long)r->max_kib);
	rc = ctl_memory_set_map(b->ctl, b->id, r->max_kib * 1024);
	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused the memory map");
	return 0;
}

static int populate(struct build *b, struct reason *why)
{
	uint64_t pages = b->layout.pages;
	int64_t got;

	b->memory.mfns = calloc(pages, sizeof(b->memory.mfns[0]));
	if (!b->memory.mfns)
		return refuse(why, -ENOMEM,
			      "the control domain lacks memory: %llu KiB for the list of frames",
			      (unsigned long long)pages * 8 / 1024);
	got = ctl_memory_populate(b->ctl, b->id, 0, pages, b->memory.mfns);
	if (got < 0)
		return refuse_errno(why, (int)got,
				    "the hypervisor refused to give memory");
	if ((uint64_t)got < pages)
		return refuse_memory(b, (uint64_t)got, why);
	return 0;
}

static int map_runs(struct build *b, struct reason *why)
{
	for (int i = 0; i < 2; i++) {
		const struct span *run = &b->layout.written[i];

		if (!run->count)
			continue;
		b->memory.mapped[i] =
			ctl_foreign_map(b->ctl, b->id,
					b->memory.mfns + run->first,
					run->count, NULL);
		if (!b->memory.mapped[i])
			return refuse_errno(why, -errno,
					    "cannot map %llu frames of the new domain",
					    (unsigned long long)run->count);
	}
	return 0;
}

static void unmap_runs(struct build *b)
{
	for (int i = 0; i < 2; i++) {
		ctl_foreign_unmap(b->ctl, b->memory.mapped[i],
				  b->layout.written[i].count);
		b->memory.mapped[i] = NULL;
	}
}

static int alloc_ports(struct build *b, struct reason *why)
{
	int store = ctl_domain_alloc_port(b->ctl, b->id);
	int console = ctl_domain_alloc_port(b->ctl, b->id);

	if (store < 0 || console < 0)
		return refuse_errno(why, store < 0 ? store : console,
				    "cannot allocate event channels");
	b->facts.store_port = (uint32_t)store;
	b->facts.console_port = (uint32_t)console;
	return 0;
}

/* The shared page starts with events masked, as the ABI says. */
static int prepare_shared_info(struct build *b, struct reason *why)
{
	struct xen_domctl_getdomaininfo info;
	struct shared_info *shared;
	int rc = ctl_domain_info(b->ctl, b->id, &info);

	if (rc)
		return refuse_errno(why, rc, "cannot examine the new domain");
	b->facts.shared_info_mfn = info.shared_info_frame;
	shared = ctl_foreign_map(b->ctl, b->id, &info.shared_info_frame, 1,
				 NULL);
	if (!shared)
		return refuse_errno(why, -errno,
				    "cannot map the new domain's shared page");
	for (int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		shared->vcpu_info[i].evtchn_upcall_mask = 1;
	shared->arch.max_pfn = b->layout.pages;
	ctl_foreign_unmap(b->ctl, shared, 1);
	return 0;
}

/* The store and the consoles are reached by grants that the domain finds in
 * its table; a control domain whose kernel cannot map that goes by frames. */
static int grant_shared_pages(struct build *b, struct reason *why)
{
	const struct {
		grant_ref_t reference;
		uint64_t pfn;
	} pages[] = {
		{ GNTTAB_RESERVED_CONSOLE, b->layout.console },
		{ GNTTAB_RESERVED_XENSTORE, b->layout.store },
	};
	struct grant_entry_v1 *table = ctl_grant_table_map(b->ctl, b->id);

	if (!table && (errno == ENOTTY || errno == EOPNOTSUPP))
		return 0;
	if (!table)
		return refuse_errno(why, -errno,
				    "cannot map the new domain's grant table");
	for (int i = 0; i < 2; i++) {
		struct grant_entry_v1 *entry = &table[pages[i].reference];

		entry->domid = 0;
		entry->frame = (uint32_t)b->memory.mfns[pages[i].pfn];
		entry->flags = GTF_permit_access;
	}
	ctl_foreign_unmap(b->ctl, table, 1);
	return 0;
}

static int load(struct build *b, struct reason *why)
{
	uint64_t hypercalls = b->kernel.hypercall_page;
	int rc = map_runs(b, why);

	if (rc)
		return rc;
	fill_kernel(&b->layout, &b->memory, &b->kernel, &b->kernel_file);
	if (b->ramdisk.size) {
		rc = input_read(&b->ramdisk,
				fill_frame(&b->layout, &b->memory,
					   b->layout.ramdisk.first), why);
		if (rc)
			return rc;
	}
	fill_p2m(&b->layout, &b->memory);
	fill_page_tables(&b->layout, &b->memory);
	fill_start_info(&b->layout, &b->memory, &b->facts);
	unmap_runs(b);

	if (hypercalls != KERNEL_UNSET) {
		uint64_t pfn = (hypercalls - b->kernel.virt_base) / FRAME_SIZE;

		rc = ctl_domain_hypercall_page(b->ctl, b->id,
					       b->memory.mfns[pfn]);
	}
	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused to fill the hypercall page");
	return 0;
}

static int start_on_tables(struct build *b, struct reason *why)
{
	struct vcpu_guest_context context;
	int rc = ctl_memory_pin_l4(b->ctl, b->id,
				   b->memory.mfns[b->layout.root]);

	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused the new domain's page tables");
	fill_context(&context, &b->layout, &b->kernel, &b->memory);
	rc = ctl_domain_set_context(b->ctl, b->id, 0, &context);
	if (rc)
		return refuse_errno(why, rc,
				    "the hypervisor refused the start registers of vCPU 0");
	return 0;
}

static int run_steps(struct build *b, struct reason *why)
{
	static const struct {
		int (*run)(struct build *, struct reason *);
		const char *name;
	} steps[] = {
		{ read_files, "parse: kernel and ramdisk read" },
		{ check_features, "parse: features compared" },
		{ check_request, "parse: memory laid out" },
		{ check_free_memory, "build: free memory asked for" },
		{ create, "build: domain made" },
		{ set_limits, "build: limits set" },
		{ populate, "build: memory given" },
		{ alloc_ports, "build: ports allocated" },
		{ prepare_shared_info, "build: shared page prepared" },
		{ grant_shared_pages, "build: shared pages granted" },
		{ load, "load: memory filled" },
		{ start_on_tables, "load: page tables and registers set" },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int rc = steps[i].run(b, why);

		if (rc)
			return rc;
		step(steps[i].name);
	}
	return 0;
}

/* tour 24: the builder makes another kernel's start-of-day state from outside. */
int build_domain(struct ctl *c, const struct build_request *request,
		 struct built_domain *built, struct reason *why)
{
	struct build b = { .ctl = c, .request = request, .ramdisk.fd = -1 };
	int rc;

	step("parse: configuration read");
	rc = run_steps(&b, why);
	if (!rc) {
		built->id = b.id;
		built->console_mfn = b.memory.mfns[b.layout.console];
		built->console_port = b.facts.console_port;
		built->store_mfn = b.memory.mfns[b.layout.store];
		built->store_port = b.facts.store_port;
	}
	unmap_runs(&b);
	if (rc && b.id)
		ctl_domain_destroy(c, b.id);
	free(b.memory.mfns);
	input_close(&b.ramdisk);
	image_free(&b.kernel_file);
	return rc;
}
