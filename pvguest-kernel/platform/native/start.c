/* SPDX-License-Identifier: MIT */
/* start.c - from the multiboot loader's information to kernel_main; the end.
 *
 * Guards: only RAM above the image, the ramdisk and the first MiB is given to
 * the page allocator, and only what the first tables map.
 */
#include "core/printk.h"
#include "lib/string.h"
#include "mm/page.h"
#include "platform/cpu.h"
#include "platform/native/native.h"
#include "platform/platform.h"

#define MAX_PAGES ((0x80000000ul - 0x1000000ul) >> PAGE_SHIFT)
#define LOW_MEMORY_PAGES 256		/* firmware's and screen's */
#define RAM_RANGES 16
#define TYPE_RAM 1
#define QEMU_PM_PORT 0x604
#define QEMU_PM_OFF 0x2000
#define KEYBOARD_PORT 0x64
#define KEYBOARD_RESET 0xfe

struct multiboot_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr;
	uint32_t syms[4], mmap_length, mmap_addr;
};

struct multiboot_module {
	uint32_t start, end, string, reserved;
};

struct multiboot_range {
	uint32_t size;
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

void native_start(uint64_t info);

static struct {
	uint64_t first, last;		/* pages */
} ram[RAM_RANGES];
static unsigned ram_count;

bool platform_page_is_ram(uint64_t pfn)
{
	for (unsigned i = 0; i < ram_count; i++)
		if (pfn >= ram[i].first && pfn < ram[i].last)
			return true;
	return false;
}

static void read_memory_map(const struct multiboot_info *info, struct boot_info *boot)
{
	const char *at = phys_to_virt(info->mmap_addr), *end = at + info->mmap_length;

	while (at < end && ram_count < RAM_RANGES) {
		const struct multiboot_range *r = (const void *)at;
		uint64_t first = max_u64(ALIGN_UP(r->base, PAGE_SIZE) / PAGE_SIZE,
					 LOW_MEMORY_PAGES);
		uint64_t last = min_u64((r->base + r->length) / PAGE_SIZE, MAX_PAGES);

		at += r->size + sizeof(r->size);
		if (r->type != TYPE_RAM || first >= last)
			continue;
		ram[ram_count].first = first;
		ram[ram_count++].last = last;
		boot->page_count = max_u64(boot->page_count, last);
	}
}

void native_start(uint64_t info_address)
{
	extern char image_end[];
	const struct multiboot_info *info = phys_to_virt(info_address);
	static struct boot_info boot = { .role = "bare machine" };
	static char cmdline[1024];
	uint64_t end = virt_to_phys(image_end);

	boot_l4[0] = 0;
	cpu_init();
	native_console_init();
	read_memory_map(info, &boot);
	strlcpy(cmdline, phys_to_virt(info->cmdline), sizeof(cmdline));
	/* The loader puts the kernel's own name in front. */
	boot.cmdline = strchr(cmdline, ' ') ? strchr(cmdline, ' ') + 1 : "";
	if (info->mods_count) {
		const struct multiboot_module *mod = phys_to_virt(info->mods_addr);

		boot.ramdisk = phys_to_virt(mod->start);
		boot.ramdisk_len = mod->end - mod->start;
		end = max_u64(end, mod->end);
	}
	boot.first_free = ALIGN_UP(end, PAGE_SIZE) / PAGE_SIZE;
	native_time_init();
	kernel_main(&boot);
}

void platform_devices_init(void)
{
}

void platform_end(enum platform_end how)
{
	if (how == PLATFORM_REBOOT)
		outb(KEYBOARD_PORT, KEYBOARD_RESET);
	outw(QEMU_PM_PORT, QEMU_PM_OFF);
	for (;;)
		asm volatile("hlt");
}
