/* SPDX-License-Identifier: MIT */
/* start.c - from the domain builder's hand-over to kernel_main, and the end.
 *
 * One binary serves every role: the flags of start_info say whether this is
 * the first domain, and the ramdisk what there is to run.
 */
#include <public/memory.h>

#include "core/printk.h"
#include "lib/string.h"
#include "mm/page.h"
#include "platform/cpu.h"
#include "platform/platform.h"
#include "platform/xen-pv/balloon.h"
#include "platform/xen-pv/grant.h"
#include "platform/xen-pv/hypercall.h"
#include "platform/xen-pv/xen.h"
#include "platform/xen-pv/xenbus.h"

#define MAP_ROOM 16
#define MAP_RAM 1
#define GROWTH_MAX 8

void xen_start(struct start_info *si);

struct start_info *start_info;
struct shared_info shared_info __attribute__((section(".bss.pages"), aligned(4096)));
static char rest_of_shared_page[PAGE_SIZE - sizeof(struct shared_info)]
	__attribute__((section(".bss.pages"), used));

/* Pages up to the builder's boot stack hold image, ramdisk, lists and tables. */
static uint64_t first_free_pfn(const struct start_info *si)
{
	uint64_t end = si->pt_base + si->nr_pt_frames * PAGE_SIZE;

	/* One page of start_info may lie behind the tables, then a boot stack. */
	end = max_u64(end, (uint64_t)si + PAGE_SIZE);
	end = max_u64(end, si->mfn_list + si->nr_pages * 8);
	return (ALIGN_UP(end, PAGE_SIZE) - KERNEL_BASE) / PAGE_SIZE + 1;
}

/* How many pages a guest may come to have, by the map that its toolstack gave
 * it. Keeping books on them must not eat up those that it has. */
static uint64_t most_pages(uint64_t now)
{
	struct { uint64_t start, size; uint32_t type; } __attribute__((packed)) range[MAP_ROOM];
	struct xen_memory_map map = { .nr_entries = MAP_ROOM };
	uint64_t end = 0;

	set_xen_guest_handle(map.buffer, (void *)range);
	if (xen_is_first_domain() || hv_memory_op(XENMEM_memory_map, &map))
		return now;
	for (unsigned i = 0; i < map.nr_entries && i < MAP_ROOM; i++)
		if (range[i].type == MAP_RAM)
			end = max_u64(end, range[i].start + range[i].size);
	return min_u64(end / PAGE_SIZE, now * GROWTH_MAX);
}

void xen_start(struct start_info *si)
{
	static struct boot_info boot;

	start_info = si;
	cpu_init();
	boot.first_free = first_free_pfn(si);
	xen_console_init();
	xen_map_over(&shared_info, si->shared_info);
	memset(shared_info.evtchn_mask, 0xff, sizeof(shared_info.evtchn_mask));
	shared_info.vcpu_info[0].evtchn_upcall_mask = 1;
	xen_time_init();

	boot.page_count = min_u64(max_u64(si->nr_pages, most_pages(si->nr_pages)),
				  PLATFORM_MAX_PAGES);
	boot.later = boot.page_count - min_u64(si->nr_pages, boot.page_count);
	boot.ramdisk = (const void *)si->mod_start;
	boot.ramdisk_len = si->mod_len;
	boot.cmdline = (const char *)si->cmd_line;
	boot.role = xen_is_first_domain() ? "first domain" : "guest";
	xen_extend_mapping(&boot);
	kernel_main(&boot);
}

bool platform_page_is_ram(uint64_t pfn)
{
	return pfn < start_info->nr_pages;
}

void platform_devices_init(void)
{
	xen_console_events_init();
	privcmd_init();
	hypercall_buffer_init();
	evtchn_device_init();
	gntdev_init();
	gntalloc_init();
	balloon_init(start_info->nr_pages, page_count);
	xenbus_init();
	if (xen_is_first_domain())
		xenbus_backend_init();
	wishes_init();
}

void platform_end(enum platform_end how)
{
	static const unsigned reason[] = {
		[PLATFORM_POWER_OFF] = SHUTDOWN_poweroff,
		[PLATFORM_REBOOT] = SHUTDOWN_reboot,
		[PLATFORM_CRASH] = SHUTDOWN_crash,
	};
	struct sched_shutdown arg = { .reason = reason[how] };

	for (;;)
		hv_sched_op(SCHEDOP_shutdown, &arg);
}
