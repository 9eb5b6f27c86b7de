/* SPDX-License-Identifier: MIT */
/* dry_run.c - vane create -n: the domain that would be built.
 *
 * The same facts as rows for people and as JSON. Frames are the guest's own
 * numbers, addresses its virtual ones.
 */
#include <stdio.h>

#include "build/features.h"
#include "build/plan.h"
#include "dry_run.h"
#include "json.h"
#include "life/life.h"

/* Where the facts go: json == NULL means rows. */
struct printer {
	struct json *json;
};

static void text(const struct printer *p, const char *key, const char *value)
{
	if (p->json)
		json_string(p->json, key, value);
	else
		printf("%-18s : %s\n", key, value);
}

static void count(const struct printer *p, const char *key, uint64_t value)
{
	if (p->json)
		json_number(p->json, key, value);
	else
		printf("%-18s : %llu\n", key, (unsigned long long)value);
}

static void address(const struct printer *p, const char *key, uint64_t value)
{
	char hex[24];

	snprintf(hex, sizeof(hex), "%#llx", (unsigned long long)value);
	text(p, key, hex);
}

static void span(const struct printer *p, const struct layout *l,
		 const char *key, uint64_t first, uint64_t pages, bool mapped)
{
	char place[96];

	if (!pages)
		return;
	if (p->json) {
		json_open(p->json, key, '{');
		json_number(p->json, "first_frame", first);
		json_number(p->json, "frames", pages);
		if (mapped)
			address(p, "address", layout_virt(l, first));
		json_close(p->json, '}');
		return;
	}
	snprintf(place, sizeof(place), "frame %llu, %llu frame%s",
		 (unsigned long long)first, (unsigned long long)pages,
		 pages == 1 ? "" : "s");
	if (mapped)
		printf("%-18s : %s at %#llx\n", key, place,
		       (unsigned long long)layout_virt(l, first));
	else
		printf("%-18s : %s, not mapped\n", key, place);
}

static void print_config(const struct printer *p, const struct guest_config *g)
{
	text(p, "name", g->name);
	text(p, "kernel", g->kernel);
	text(p, "ramdisk", g->ramdisk ? g->ramdisk : "");
	text(p, "cmdline", g->cmdline);
	count(p, "memory_kib", g->memory_kib);
	count(p, "max_memory_kib", g->max_kib);
	count(p, "vcpus", g->vcpus_online);
	count(p, "max_vcpus", g->vcpus);
	text(p, "on_poweroff", shutdown_action_name(g->on_poweroff));
	text(p, "on_reboot", shutdown_action_name(g->on_reboot));
	text(p, "on_crash", shutdown_action_name(g->on_crash));
}

static void print_notes(const struct printer *p, const struct build_plan *plan)
{
	const struct kernel *k = &plan->kernel;
	char list[256] = "";
	size_t used = 0;

	text(p, "guest_os", k->guest_os);
	count(p, "kernel_bytes", plan->kernel_bytes);
	count(p, "ramdisk_bytes", plan->ramdisk_bytes);
	address(p, "virt_base", k->virt_base);
	address(p, "entry", k->entry);
	if (k->hypercall_page != KERNEL_UNSET)
		address(p, "hypercall_page", k->hypercall_page);
	if (k->p2m_base != KERNEL_UNSET)
		address(p, "p2m_base", k->p2m_base);
	for (unsigned int i = 0; i < 32 && used < sizeof(list); i++)
		if (k->features_required >> i & 1)
			used += (size_t)snprintf(list + used,
						 sizeof(list) - used, "%s%s",
						 used ? " " : "",
						 feature_name(i));
	text(p, "features_required", list);
}

static void print_layout(const struct printer *p, const struct build_plan *plan)
{
	const struct layout *l = &plan->layout;
	bool near = !l->p2m_range.pages;

	count(p, "frames", l->pages);
	span(p, l, "kernel_at", l->kernel.first, l->kernel.count, true);
	span(p, l, "ramdisk_at", l->ramdisk.first, l->ramdisk.count,
	     !plan->kernel.ramdisk_by_pfn);
	span(p, l, "p2m_list_at", l->p2m.first, l->p2m.count, near);
	span(p, l, "start_info_at", l->start_info, 1, true);
	span(p, l, "store_at", l->store, 1, true);
	span(p, l, "console_at", l->console, 1, true);
	span(p, l, "page_tables_at", l->page_tables.first,
	     l->page_tables.count, true);
	span(p, l, "stack_at", l->stack, 1, true);
	address(p, "mapped_end", l->region.virt + l->region.pages * FRAME_SIZE);
}

int dry_run(const struct guest_config *guest, bool as_json,
	    struct reason *why)
{
	struct build_request request = request_of(guest);
	struct json json = { .out = stdout };
	struct printer p = { .json = as_json ? &json : NULL };
	struct build_plan plan = { 0 };
	int rc = build_plan(&request, &plan, why);

	if (rc)
		return rc;
	if (p.json)
		json_open(p.json, NULL, '{');
	print_config(&p, guest);
	print_notes(&p, &plan);
	print_layout(&p, &plan);
	if (p.json)
		json_close(p.json, '}');
	return 0;
}
