/* SPDX-License-Identifier: MIT */
/* first_domain.c - the domain that boot itself builds.
 *
 * Guards: the first domain starts exactly in the start-of-day state that
 * the ABI promises: image, ramdisk, machine list, start_info, page tables
 * (mapped read-only), boot stack, all within 4 MiB-aligned bounds with at
 * least 512 KiB of room. The ramdisk's frames are handed over, not copied.
 * Its page tables are validated like any guest's.
 */
#include <public/xen.h>

#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "boot/boot.h"
#include "control/context.h"
#include "control/hypercall_page.h"
#include "control/lifecycle.h"
#include "cpu/cpus.h"
#include "mm/mm.h"
#include "mm/pt_validate.h"
#include "sched/sched.h"
#include "time/time.h"

#define PTE_GUEST	(PTE_P | PTE_RW | PTE_U | PTE_A | PTE_D)
#define CHUNK_ORDER	10
#define CHUNK_FRAMES	(1UL << CHUNK_ORDER)
#define MAX_CHUNKS	64

/* Where everything goes: guest-virtual addresses, and their first pfn. */
struct plan {
	struct kernel_image image;
	struct domain *d;
	uint64_t nr_pages;
	uint64_t v_start, v_end;
	uint64_t ramdisk_pfn, ramdisk_pages, ramdisk_va;	/* va 0: not mapped */
	uint64_t p2m_pfn, p2m_pages, p2m_va;
	uint64_t start_info_va, tables_va, tables, stack_va;
	uint64_t tables_used;
	uint64_t filled_to;		/* behind the last pfn of the p2m's chunks */
	uint64_t *chunk[MAX_CHUNKS];	/* the machine list, 4 MiB a piece */
	uint64_t l4;			/* machine address */
};

static INIT_DATA struct plan plan;

static uint64_t *p2m(uint64_t pfn)
{
	return &plan.chunk[pfn >> (CHUNK_ORDER + 9)][pfn & ((CHUNK_FRAMES << 9) - 1)];
}

static void *pfn_to_virt(uint64_t pfn)
{
	return mfn_to_virt(mfn_make(*p2m(pfn)));
}

static uint64_t va_to_pfn(uint64_t va)
{
	return (va - plan.v_start) >> PAGE_SHIFT;
}

static void *at_va(uint64_t va)
{
	return pfn_to_virt(va_to_pfn(va));
}

/* Tables of one level needed for [a, b) and [c, d), shared ones once. */
INIT static uint64_t count_tables(unsigned shift, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t first = (a >> shift), last = (b - 1) >> shift, n = last - first + 1;

	if (c == d)
		return n;
	for (uint64_t i = c >> shift; i <= (d - 1) >> shift; i++)
		if (i < first || i > last)
			n++;
	return n;
}

/* Space grows with the tables that map it: find the fixed point. */
INIT static void plan_tables(struct plan *p)
{
	uint64_t p2m_end = elf_noted(&p->image, XEN_ELFNOTE_INIT_P2M) ?
		p->p2m_va + (p->p2m_pages << PAGE_SHIFT) : p->p2m_va;
	uint64_t p2m_start = p->p2m_va;

	for (p->tables = 4;; p->tables++) {
		uint64_t need;

		p->stack_va = p->tables_va + (p->tables << PAGE_SHIFT);
		p->v_end = ROUND_UP(p->stack_va + PAGE_SIZE + 0x80000, 0x400000UL);
		need = 1 + count_tables(39, p->v_start, p->v_end, p2m_start, p2m_end) +
			count_tables(30, p->v_start, p->v_end, p2m_start, p2m_end) +
			count_tables(21, p->v_start, p->v_end, p2m_start, p2m_end);
		if (need <= p->tables)
			return;
	}
}

INIT static void plan_layout(struct plan *p)
{
	const struct boot_module *rd = boot_params.modules > 1 ? &boot_params.module[1] : NULL;
	uint64_t at;

	p->v_start = p->image.virt_base;
	at = p->image.kend;
	p->p2m_pages = ROUND_UP(p->nr_pages * 8, PAGE_SIZE) >> PAGE_SHIFT;
	if (rd) {
		p->ramdisk_pages = ROUND_UP(rd->end - rd->start, PAGE_SIZE) >> PAGE_SHIFT;
		if (!p->image.note[XEN_ELFNOTE_MOD_START_PFN]) {
			p->ramdisk_va = at;
			p->ramdisk_pfn = va_to_pfn(at);
			at += p->ramdisk_pages << PAGE_SHIFT;
		}
	}
	if (elf_noted(&p->image, XEN_ELFNOTE_INIT_P2M)) {
		p->p2m_va = p->image.note[XEN_ELFNOTE_INIT_P2M];
	} else {
		p->p2m_va = at;
		p->p2m_pfn = va_to_pfn(at);
		at += p->p2m_pages << PAGE_SHIFT;
	}
	p->start_info_va = at;
	p->tables_va = at + PAGE_SIZE;
	plan_tables(p);
	/* What is not mapped with the kernel lies behind it. */
	at = va_to_pfn(p->v_end);
	if (elf_noted(&p->image, XEN_ELFNOTE_INIT_P2M)) {
		p->p2m_pfn = at;
		at += ROUND_UP(p->p2m_pages, CHUNK_FRAMES);
	}
	if (p->ramdisk_pages && !p->ramdisk_va) {
		p->ramdisk_pfn = at;
		at += p->ramdisk_pages;
	}
	if (at > p->nr_pages)
		panic("dom0_mem: %lu KiB are too little, this kernel and ramdisk need %lu KiB",
		      p->nr_pages << 2, at << 2);
}

INIT static void assign(uint64_t pfn, mfn_t m)
{
	*p2m(pfn) = m.n;
	m2p_write[m.n] = pfn;
}

/* Frames for pfns [from, to), in pieces as large as the heap gives. */
INIT static void fill(uint64_t from, uint64_t to)
{
	unsigned order = 9;

	while (from < to) {
		struct frame *f;

		while ((1UL << order) > to - from)
			order--;
		f = domain_frame_alloc(plan.d, order);
		if (!f) {
			if (!order--)
				panic("dom0_mem: %lu KiB missing", (to - from) << 2);
			continue;
		}
		for (uint64_t i = 0; i < 1UL << order; i++, from++)
			assign(from, mfn_add(mfn_of(f), i));
	}
}

/* The machine list's own frames first: it describes all others. */
INIT static void fill_p2m(struct plan *p)
{
	uint64_t pfn = p->p2m_pfn, end = pfn + p->p2m_pages;
	unsigned n = 0;

	for (; pfn < end; n++) {
		uint64_t want = MIN(end - pfn, CHUNK_FRAMES);
		unsigned order = 0;
		struct frame *f;

		while ((1UL << order) < want)
			order++;
		f = n < MAX_CHUNKS ? domain_frame_alloc(p->d, order) : NULL;
		if (!f)
			panic("dom0_mem: no contiguous memory for the machine list");
		p->chunk[n] = mfn_to_virt(mfn_of(f));
		pfn += 1UL << order;
	}
	p->filled_to = pfn;
	pfn = p->p2m_pfn;
	for (unsigned i = 0; i < n; i++) {
		mfn_t m = virt_to_mfn(p->chunk[i]);
		uint64_t stop = i + 1 < n ? pfn + CHUNK_FRAMES : p->filled_to;

		for (; pfn < stop; pfn++, m = mfn_add(m, 1))
			assign(pfn, m);
	}
}

/* pfns [from, to) but for those of the p2m and the ramdisk, which have theirs. */
INIT static void fill_around(struct plan *p, uint64_t from, uint64_t to)
{
	uint64_t hole[2][2] = {
		{ p->p2m_pfn, p->filled_to },
		{ p->ramdisk_pfn, p->ramdisk_pfn + p->ramdisk_pages },
	};

	while (from < to) {
		uint64_t stop = to;
		bool inside = false;

		for (unsigned i = 0; i < 2; i++) {
			if (hole[i][0] == hole[i][1])
				continue;
			if (from >= hole[i][0] && from < hole[i][1]) {
				from = hole[i][1];
				inside = true;
			} else if (hole[i][0] > from) {
				stop = MIN(stop, hole[i][0]);
			}
		}
		if (inside)
			continue;
		fill(from, stop);
		from = stop;
	}
}

INIT static void fill_memory(struct plan *p)
{
	const struct boot_module *rd = &boot_params.module[1];

	fill_p2m(p);
	for (uint64_t i = 0; i < p->ramdisk_pages; i++) {
		mfn_t m = mfn_make((rd->start >> PAGE_SHIFT) + i);

		frame_adopt(m, p->d);
		assign(p->ramdisk_pfn + i, m);
	}
	fill_around(p, 0, p->nr_pages);
}

INIT static uint64_t new_table(struct plan *p)
{
	uint64_t pfn = va_to_pfn(p->tables_va) + p->tables_used++;

	BUG_ON(p->tables_used > p->tables);
	memset(pfn_to_virt(pfn), 0, PAGE_SIZE);
	return *p2m(pfn) << PAGE_SHIFT;
}

INIT static void map_page(struct plan *p, uint64_t va, uint64_t pfn)
{
	uint64_t first = va_to_pfn(p->tables_va), flags = PTE_GUEST;
	uint64_t *table = maddr_to_virt(p->l4);

	for (unsigned shift = 39; shift > 12; shift -= 9) {
		uint64_t *e = &table[(va >> shift) & 511];

		if (!*e)
			*e = new_table(p) | PTE_GUEST;
		table = maddr_to_virt(*e & PTE_MFN);
	}
	if (pfn >= first && pfn < first + p->tables)
		flags &= ~PTE_RW;	/* no guest writes a page table */
	table[(va >> 12) & 511] = *p2m(pfn) << PAGE_SHIFT | flags;
}

INIT static void map_memory(struct plan *p)
{
	p->l4 = new_table(p);
	for (uint64_t va = p->v_start; va < p->v_end; va += PAGE_SIZE)
		map_page(p, va, va_to_pfn(va));
	if (elf_noted(&p->image, XEN_ELFNOTE_INIT_P2M))
		for (uint64_t i = 0; i < p->p2m_pages; i++)
			map_page(p, p->p2m_va + (i << PAGE_SHIFT), p->p2m_pfn + i);
}

INIT static void write_start_info(struct plan *p)
{
	struct start_info *si = at_va(p->start_info_va);
	const struct boot_module *rd = &boot_params.module[1];

	memset(si, 0, PAGE_SIZE);
	strlcpy(si->magic, "xen-3.0-x86_64", sizeof(si->magic));
	si->nr_pages = p->nr_pages;
	si->shared_info = p->d->shared_mfn.n << PAGE_SHIFT;
	si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
	si->pt_base = p->tables_va;
	si->nr_pt_frames = p->tables;
	si->mfn_list = p->p2m_va;
	if (elf_noted(&p->image, XEN_ELFNOTE_INIT_P2M)) {
		si->first_p2m_pfn = p->p2m_pfn;
		si->nr_p2m_frames = p->p2m_pages;
	}
	if (p->ramdisk_pages) {
		si->mod_start = p->ramdisk_va;
		si->mod_len = rd->end - rd->start;
		if (!p->ramdisk_va) {
			si->mod_start = p->ramdisk_pfn;
			si->flags |= SIF_MOD_START_PFN;
		}
	}
	strlcpy((char *)si->cmd_line, boot_params.module[0].cmdline, MAX_GUEST_CMDLINE);
}

INIT static void start_vcpu(struct plan *p)
{
	struct vcpu *v = p->d->vcpu[0];
	struct vcpu_guest_context *c = context_buffer_begin();
	int rc;

	memset(c, 0, sizeof(*c));
	c->flags = VGCF_in_kernel | VGCF_online;
	c->user_regs.rip = p->image.entry;
	c->user_regs.rsp = p->stack_va + PAGE_SIZE;
	c->user_regs.rsi = p->start_info_va;
	c->user_regs.rflags = 0x202;
	c->user_regs.cs = FLAT_KERNEL_CS;
	c->user_regs.ss = FLAT_KERNEL_SS;
	c->kernel_ss = FLAT_KERNEL_SS;
	c->kernel_sp = p->stack_va + PAGE_SIZE;
	c->ctrlreg[3] = p->l4;
	do {		/* pinned, as guests that unpin it expect */
		this_cpu()->budget = INT32_MAX;
		rc = mm_pin(p->d, mfn_make(p->l4 >> PAGE_SHIFT), 4);
	} while (rc == -ERESTART);
	while (!rc && (rc = vcpu_set_context(v, c)) == -ERESTART)
		rc = 0;
	context_buffer_end();
	if (rc)
		panic("the first domain's page tables were refused (%d)", rc);
}

/* One for each CPU that runs, unless told otherwise. */
INIT static uint32_t first_domain_vcpus(void)
{
	uint32_t n = (uint32_t)__builtin_popcountl(cpus_online);

	if (boot_options.dom0_vcpus)
		n = boot_options.dom0_vcpus;
	return MIN(n, (uint32_t)MAX_VCPUS);
}

INIT struct domain *first_domain_build(void)
{
	struct domain_plan dp = {
		.id = 0,
		.max_vcpus = first_domain_vcpus(),
		.max_evtchn_port = boot_options.dom0_event_channels ?
			boot_options.dom0_event_channels : EVTCHN_NR_PORTS - 1,
		.max_grant_frames = DEFAULT_GRANT_FRAMES,
		.max_maptrack_frames = DEFAULT_MAPTRACK_FRAMES,
		.control = true,
	};
	struct plan *p = &plan;
	const struct boot_module *kernel = &boot_params.module[0];
	int rc;

	if (!boot_params.modules)
		panic("no kernel: give one as the first module (module2 KERNEL)");
	elf_parse(&p->image, maddr_to_virt(kernel->start), kernel->end - kernel->start);
	if (p->image.error)
		panic("the first module is no kernel for us: %s", p->image.error);

	this_cpu()->budget = INT32_MAX;
	rc = lifecycle_create(&dp, &p->d);
	if (!rc)
		rc = lifecycle_make_vcpus(p->d);
	if (rc)
		panic("creating the first domain: error %d", rc);
	control_domain = p->d;
	p->nr_pages = (boot_options.dom0_mem ? boot_options.dom0_mem >> PAGE_SHIFT :
		       heap_free_frames() / 2);
	p->d->mm.max_frames = ~0u;

	plan_layout(p);
	fill_memory(p);
	elf_load(&p->image, at_va);
	if (elf_noted(&p->image, XEN_ELFNOTE_HYPERCALL_PAGE))
		hypercall_page_fill(at_va(p->image.note[XEN_ELFNOTE_HYPERCALL_PAGE]));
	map_memory(p);
	write_start_info(p);
	wallclock_publish(p->d);
	start_vcpu(p);
	BUG_ON(sched_domain_unpause(p->d));
	memory_free_range(ROUND_DOWN(kernel->start, PAGE_SIZE), ROUND_UP(kernel->end, PAGE_SIZE));
	log("first domain: %lu MiB, entry %#lx, %lu KiB of ramdisk",
	    p->nr_pages >> 8, p->image.entry, p->ramdisk_pages << 2);
	return p->d;
}
