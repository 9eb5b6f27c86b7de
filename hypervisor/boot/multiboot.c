/* SPDX-License-Identifier: MIT */
/* multiboot.c - reading what the loader left, both versions.
 *
 * Guards: everything needed later is copied out, because the loader's
 * structures lie in memory that will be reused. The loader is trusted, but
 * tags are still walked within their stated size.
 */
#include "base/log.h"
#include "base/string.h"
#include "boot/boot.h"

#define MB1_BOOT_MAGIC	0x2badb002
#define MB2_BOOT_MAGIC	0x36d76289

struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
	uint32_t mods_count, mods_addr, syms[4], mmap_length, mmap_addr;
	uint32_t drives_length, drives_addr, config_table, loader_name;
};
struct mb1_module { uint32_t start, end, string, reserved; };
struct mb1_mmap { uint32_t size; uint64_t base, length; uint32_t type; } PACKED;
#define MB1_HAS_CMDLINE	(1u << 2)
#define MB1_HAS_MODS	(1u << 3)
#define MB1_HAS_MMAP	(1u << 6)
#define MB1_HAS_LOADER	(1u << 9)

struct mb2_tag { uint32_t type, size; };
struct mb2_module { struct mb2_tag tag; uint32_t start, end; char string[]; };
struct mb2_mmap { struct mb2_tag tag; uint32_t entry_size, version; uint8_t entries[]; };
struct mb2_mmap_entry { uint64_t base, length; uint32_t type, reserved; };
enum { MB2_END, MB2_CMDLINE, MB2_LOADER, MB2_MODULE, MB2_MMAP = 6 };

INIT_DATA struct boot_params boot_params;

static void *at(uint64_t phys)
{
	return (void *)phys;		/* the identity map of boot */
}

INIT static void add_region(uint64_t base, uint64_t length, uint32_t type)
{
	struct boot_params *p = &boot_params;
	unsigned i = p->regions;

	if (!length || i == BOOT_MAX_REGIONS)
		return;
	/* insertion sort: firmware maps need not be in order */
	for (; i > 0 && p->region[i - 1].start > base; i--)
		p->region[i] = p->region[i - 1];
	p->region[i] = (struct boot_region){ base, base + length, type };
	p->regions++;
}

/* Version 1 puts the file's name before the arguments. */
INIT static const char *after_name(const char *cmdline)
{
	while (*cmdline && *cmdline != ' ')
		cmdline++;
	while (*cmdline == ' ')
		cmdline++;
	return cmdline;
}

INIT static void add_module(uint64_t start, uint64_t end, const char *cmdline, bool skip_name)
{
	struct boot_params *p = &boot_params;
	struct boot_module *m;

	if (p->modules == ARRAY_SIZE(p->module))
		return;
	m = &p->module[p->modules++];
	m->start = start;
	m->end = end;
	strlcpy(m->cmdline, skip_name ? after_name(cmdline) : cmdline, sizeof(m->cmdline));
}

INIT static void read_v1(const struct mb1_info *info)
{
	const struct mb1_module *mod = at(info->mods_addr);
	uint32_t done = 0;

	if (info->flags & MB1_HAS_CMDLINE)
		strlcpy(boot_params.cmdline, after_name(at(info->cmdline)), BOOT_CMDLINE);
	if (info->flags & MB1_HAS_LOADER)
		strlcpy(boot_params.loader, at(info->loader_name), sizeof(boot_params.loader));
	for (uint32_t i = 0; (info->flags & MB1_HAS_MODS) && i < info->mods_count; i++)
		add_module(mod[i].start, mod[i].end,
			   mod[i].string ? at(mod[i].string) : "", true);
	if (!(info->flags & MB1_HAS_MMAP))
		panic("the loader gave no memory map");
	while (done < info->mmap_length) {
		const struct mb1_mmap *e = at(info->mmap_addr + done);

		add_region(e->base, e->length, e->type);
		done += e->size + sizeof(e->size);
	}
}

INIT static void read_mmap_v2(const struct mb2_mmap *map)
{
	for (uint32_t off = sizeof(*map); off + map->entry_size <= map->tag.size;
	     off += map->entry_size) {
		const struct mb2_mmap_entry *e = (const void *)((const char *)map + off);

		add_region(e->base, e->length, e->type);
	}
}

INIT static void read_v2(const uint8_t *info)
{
	uint32_t total = *(const uint32_t *)info, off = 8;

	while (off + sizeof(struct mb2_tag) <= total) {
		const struct mb2_tag *t = (const void *)(info + off);
		const struct mb2_module *m = (const void *)t;

		switch (t->type) {
		case MB2_END:
			return;
		case MB2_CMDLINE:
			strlcpy(boot_params.cmdline, (const char *)(t + 1), BOOT_CMDLINE);
			break;
		case MB2_LOADER:
			strlcpy(boot_params.loader, (const char *)(t + 1),
				sizeof(boot_params.loader));
			break;
		case MB2_MODULE:
			add_module(m->start, m->end, m->string, false);
			break;
		case MB2_MMAP:
			read_mmap_v2((const void *)t);
			break;
		}
		off += ROUND_UP(t->size, 8);
	}
}

INIT void multiboot_read(uint32_t magic, uint32_t info)
{
	if (magic == MB1_BOOT_MAGIC)
		read_v1(at(info));
	else if (magic == MB2_BOOT_MAGIC)
		read_v2(at(info));
	else
		panic("loaded by neither Multiboot 1 nor 2 (magic %#x)", magic);
}
