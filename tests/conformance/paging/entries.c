/* SPDX-License-Identifier: MIT */
/* entries.c - what an L1 entry may say, and what becomes of it. */
#include "paging.h"

/* Writes flags into page's entry; what it reads as then, or the error. */
static long becomes(uint64_t flags)
{
	long rc = map_at(page, make(page, flags));

	return rc ? rc : (long)FLAGS_OF(l1_entry(page));
}

static void added_bits(void)
{
	rule("a present entry without U becomes a kernel entry: bit 52 and U");
	want(becomes(PTE_PRESENT), RO_KERNEL);
	want(becomes(PTE_PRESENT | PTE_WRITE), RW_KERNEL);
	want(becomes(PTE_PRESENT | PTE_GLOBAL), RO_KERNEL | PTE_GLOBAL);
	rule("a present entry with U and without bit 52 becomes global");
	want(becomes(PTE_PRESENT | PTE_USER), PTE_PRESENT | PTE_USER | PTE_GLOBAL);
	want(becomes(PTE_PRESENT | PTE_WRITE | PTE_USER),
	     PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_GLOBAL);
	rule("an entry with U and bit 52 stays as it is");
	want(becomes(RO_KERNEL), RO_KERNEL);
	want(becomes(RO_KERNEL | PTE_GLOBAL), RO_KERNEL | PTE_GLOBAL);
	rule("an entry that is not present may say anything");
	want(map_at(page, ~1ul), 0);
	want(l1_entry(page), (long)~1ul);
}

static void kept_bits(void)
{
	static const struct { const char *sentence; int first, last; } groups[] = {
		{ "accessed and dirty are kept", 5, 6 },
		{ "bits 9 to 11 are kept", 9, 11 },
		{ "bits 53 to 62 are kept", 53, 62 },
		{ "no-execute is kept", 63, 63 },
	};

	for (unsigned int g = 0; g < 4; g++) {
		rule(groups[g].sentence);
		for (int b = groups[g].first; b <= groups[g].last; b++)
			want(becomes(PTE_PRESENT | 1ul << b), (long)(RO_KERNEL | 1ul << b));
	}
}

/* Each of the seven ways not to be cached as usual. */
static void cache_bits(void)
{
	bool devices = is_first_domain();

	rule("cache bits are for domains with devices, and are kept; EINVAL for others");
	for (unsigned int i = 1; i < 8; i++) {
		uint64_t e = (i & 1 ? PTE_PWT : 0) | (i & 2 ? PTE_PCD : 0) |
			     (i & 4 ? PTE_PAT : 0);

		want(becomes(PTE_PRESENT | e), devices ? (long)(RO_KERNEL | e) : -XEN_EINVAL);
		want(becomes(PTE_PRESENT | PTE_WRITE | e),
		     devices ? (long)(RW_KERNEL | e) : -XEN_EINVAL);
	}
	rule("an entry that is not present may have cache bits all the same");
	want(map_at(page, make(page, PTE_PCD | PTE_PAT)), 0);
	want(read_write(page), 0);
}

static void accessed_and_dirty(void)
{
	const uint64_t ad = PTE_ACCESSED | PTE_DIRTY;
	uint64_t at = entry_at(page, 1);

	rule("an ordinary update forgets accessed and dirty");
	want(map_at(page, make(page, PTE_PRESENT | PTE_WRITE | ad)), 0);
	want(update(at, make(page, PTE_PRESENT | PTE_WRITE)), 0);
	want(FLAGS_OF(entry_read(at)), RW_KERNEL);
	rule("PRESERVE_AD keeps accessed and dirty");
	want(map_at(page, make(page, PTE_PRESENT | PTE_WRITE | ad)), 0);
	want(update(at | MMU_PT_UPDATE_PRESERVE_AD, make(page, PTE_PRESENT | PTE_WRITE)), 0);
	want(FLAGS_OF(entry_read(at)), RW_KERNEL | ad);
	rule("PRESERVE_AD can set accessed and dirty");
	want(map_at(page, make(page, PTE_PRESENT | PTE_WRITE)), 0);
	want(update(at | MMU_PT_UPDATE_PRESERVE_AD,
		    make(page, PTE_PRESENT | PTE_WRITE | ad)), 0);
	want(FLAGS_OF(entry_read(at)), RW_KERNEL | ad);
	rule("NO_TRANSLATE is an ordinary update");
	want(update(at | MMU_PT_UPDATE_NO_TRANSLATE, make(page, PTE_PRESENT | PTE_WRITE)), 0);
	want(FLAGS_OF(entry_read(at)), RW_KERNEL);
}

static void refused_frames(void)
{
	uint64_t own_l1 = entry_at(page, 1) & ~0xffful;
	uint64_t others = others_frame() << 12;

	rule("a page table can be mapped read-only, never writable");
	want(map_at(page, own_l1 | PTE_PRESENT), 0);
	want(map_at(page, own_l1 | PTE_PRESENT | PTE_WRITE), -XEN_EBUSY);
	want(map_at(page, virt_to_mfn((void *)start_info->pt_base) << 12 |
			  PTE_PRESENT | PTE_WRITE), -XEN_EBUSY);
	rule("write permission alone cannot be added to a page table's mapping");
	want(map_at(page, own_l1 | PTE_PRESENT), 0);
	want(map_at(page, own_l1 | RW_KERNEL), -XEN_EBUSY);
	want(update(entry_at(page, 1), own_l1 | RW_KERNEL), -XEN_EBUSY);
	rule("a frame of others cannot be mapped");
	want(map_at(page, others | PTE_PRESENT), -XEN_EBUSY);
	want(map_at(page, others | PTE_PRESENT | PTE_WRITE), -XEN_EBUSY);
	want(call(update_va_mapping_otherdomain, page, others | PTE_PRESENT, 0,
		  DOMID_IO), is_first_domain() ? -XEN_EBUSY : -XEN_EPERM);
	rule("the highest frame number there is is EINVAL");
	want(map_at(page, PTE_FRAME | PTE_PRESENT), -XEN_EINVAL);
	rule("the page shared with the hypervisor can be mapped, but not uncached");
	want(map_at(page, start_info->shared_info | PTE_PRESENT | PTE_WRITE), 0);
	want(map_at(page, start_info->shared_info | PTE_PRESENT | PTE_PCD),
	     is_first_domain() ? -XEN_EACCES : -XEN_EINVAL);
	rule("device frames are the first domain's");
	want(map_at(page, DEVICE_FRAME << 12 | PTE_PRESENT | PTE_WRITE),
	     is_first_domain() ? 0 : -XEN_EPERM);
	want(call(update_va_mapping_otherdomain, page,
		  DEVICE_FRAME << 12 | PTE_PRESENT | PTE_WRITE, 0, DOMID_IO),
	     is_first_domain() ? 0 : -XEN_EPERM);
	rule("the local interrupt controller is nobody's");
	want(map_at(page, 0xfee00000ul | PTE_PRESENT), -XEN_EPERM);
	rule("an address beyond the processor's is EPERM");
	want(map_at(page, 1ul << 48 | PTE_PRESENT), -XEN_EPERM);
	rule("a refused entry leaves the old one");
	want(read_write(page), 0);
	want(map_at(page, PTE_FRAME | PTE_PRESENT), -XEN_EINVAL);
	want(FLAGS_OF(l1_entry(page)), RW_KERNEL);
}

void entries(void)
{
	added_bits();
	kept_bits();
	cache_bits();
	accessed_and_dirty();
	refused_frames();
	want(read_write(page), 0);
}
