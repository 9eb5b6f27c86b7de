/* SPDX-License-Identifier: MIT */
/* fill.c - the start-of-day contents of a new domain's frames.
 *
 * Pure: it writes only where fill_frame points, and fill_frame points only
 * into the mapped runs. Nothing an earlier owner left in a frame survives.
 * Not here: page tables (page_tables.c), the ramdisk's bytes (input.c),
 * getting the frames (domain.c).
 */
#include <assert.h>
#include <string.h>

#include "build/fill.h"

#define PAGE 4096ULL

void *fill_frame(const struct layout *l, const struct guest_memory *m,
		 uint64_t pfn)
{
	for (int i = 0; i < 2; i++) {
		const struct span *run = &l->written[i];

		if (pfn >= run->first && pfn < run->first + run->count)
			return m->mapped[i] + (pfn - run->first) * PAGE;
	}
	assert(!"frame outside the mapped runs");
	return NULL;
}

void fill_kernel(const struct layout *l, struct guest_memory *m,
		 const struct kernel *k, const struct image *file)
{
	uint8_t *base = fill_frame(l, m, l->kernel.first);

	for (int i = 0; i < 2; i++)
		if (l->written[i].count)
			memset(m->mapped[i], 0, l->written[i].count * PAGE);
	for (unsigned int i = 0; i < k->segment_count; i++) {
		const struct kernel_segment *s = &k->segments[i];

		memcpy(base + (s->start - l->kernel.first * PAGE),
		       file->bytes + s->offset, s->file_bytes);
	}
}

void fill_p2m(const struct layout *l, struct guest_memory *m)
{
	memcpy(fill_frame(l, m, l->p2m.first), m->mfns,
	       l->pages * sizeof(m->mfns[0]));
}

static void describe_p2m(struct start_info *si, const struct layout *l)
{
	if (!l->p2m_range.pages) {
		si->mfn_list = layout_virt(l, l->p2m.first);
		return;
	}
	si->mfn_list = l->p2m_range.virt;
	si->first_p2m_pfn = l->p2m.first;
	si->nr_p2m_frames = l->p2m.count;
	for (int level = 1; level <= 3; level++)
		si->nr_p2m_frames += l->p2m_range.tables[level].count;
}

void fill_start_info(const struct layout *l, struct guest_memory *m,
		     const struct boot_facts *facts)
{
	struct start_info *si = fill_frame(l, m, l->start_info);

	strcpy(si->magic, "xen-3.0-x86_64");
	si->nr_pages = l->pages;
	si->shared_info = facts->shared_info_mfn * PAGE;
	si->store_mfn = m->mfns[l->store];
	si->store_evtchn = facts->store_port;
	si->console.domU.mfn = m->mfns[l->console];
	si->console.domU.evtchn = facts->console_port;
	si->pt_base = layout_virt(l, l->root);
	si->nr_pt_frames = l->page_tables.count;
	describe_p2m(si, l);
	if (facts->ramdisk_bytes) {
		si->mod_len = facts->ramdisk_bytes;
		si->mod_start = layout_virt(l, l->ramdisk.first);
		if (l->ramdisk.first >= l->region.pages) {
			si->mod_start = l->ramdisk.first;
			si->flags |= SIF_MOD_START_PFN;
		}
	}
	/* the caller checked the length; the frame is zeroed */
	memcpy(si->cmd_line, facts->cmdline, strlen(facts->cmdline));
}

void fill_context(struct vcpu_guest_context *c, const struct layout *l,
		  const struct kernel *k, const struct guest_memory *m)
{
	enum { EFLAGS_IF = 1 << 9 };

	memset(c, 0, sizeof(*c));
	/* without I387_VALID the vCPU's FPU starts as after reset */
	c->flags = VGCF_IN_KERNEL | VGCF_online;
	c->user_regs.cs = FLAT_KERNEL_CS;
	c->user_regs.ds = FLAT_KERNEL_DS;
	c->user_regs.es = FLAT_KERNEL_DS;
	c->user_regs.fs = FLAT_KERNEL_DS;
	c->user_regs.gs = FLAT_KERNEL_DS;
	c->user_regs.ss = FLAT_KERNEL_SS;
	c->user_regs.rip = k->entry;
	c->user_regs.rsp = layout_virt(l, l->stack) + PAGE;
	c->user_regs.rsi = layout_virt(l, l->start_info);
	c->user_regs.rflags = EFLAGS_IF;
	c->kernel_ss = c->user_regs.ss;
	c->kernel_sp = c->user_regs.rsp;
	c->ctrlreg[3] = xen_pfn_to_cr3(m->mfns[l->root]);
	/* the values debug registers 6 and 7 have after reset */
	c->debugreg[6] = 0xffff0ff0;
	c->debugreg[7] = 0x400;
}
