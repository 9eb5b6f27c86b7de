/* SPDX-License-Identifier: MIT */
/* fuzz_kernel_file.c - the domain builder's reader of kernels.
 *
 * What kernel.h promises of an accepted kernel is checked field by field:
 * layout.c and fill.c rely on it. The layout for it in a small domain must
 * put everything into the domain's memory, apart, and every mapped page must
 * have its tables among the page tables.
 */
/* link: tools/libs/build/kernel.c tools/libs/build/elf_file.c tools/libs/build/notes.c */
/* link: tools/libs/build/notes_legacy.c tools/libs/build/features.c tools/libs/base/reason.c */
/* link: tools/libs/build/layout.c */
#include <string.h>

#include "build/kernel.h"
#include "build/layout.h"
#include "check.h"

#define PAGES	4096u		/* the domain's memory */

static void check_kernel(const struct kernel *k, size_t size)
{
	uint64_t end = 0;

	CHECK(k->segment_count && k->segment_count <= KERNEL_SEGMENTS_MAX);
	for (unsigned int i = 0; i < k->segment_count; i++) {
		const struct kernel_segment *s = &k->segments[i];

		CHECK(s->start >= end);
		CHECK(s->memory_bytes && s->start + s->memory_bytes > s->start);
		CHECK(s->file_bytes <= s->memory_bytes);
		CHECK(s->offset <= size && s->file_bytes <= size - s->offset);
		end = s->start + s->memory_bytes;
	}
	CHECK(k->start == k->segments[0].start && k->end == end);
	CHECK(!(k->virt_base & 0xfff));
	CHECK(k->entry - k->virt_base >= k->start &&
	      k->entry - k->virt_base < k->end);
	if (k->hypercall_page != KERNEL_UNSET) {
		CHECK(!(k->hypercall_page & 0xfff));
		CHECK(k->hypercall_page - k->virt_base >= k->start &&
		      k->hypercall_page - k->virt_base < k->end);
	}
	CHECK(k->p2m_base == KERNEL_UNSET || !(k->p2m_base & 0xfff));
	CHECK(memchr(k->guest_os, 0, sizeof(k->guest_os)));
}

static void check_apart(const struct span *s, unsigned int n, uint64_t pages)
{
	for (unsigned int i = 0; i < n; i++) {
		CHECK(s[i].first <= pages && s[i].count <= pages - s[i].first);
		for (unsigned int j = 0; j < i; j++)
			CHECK(!s[i].count || !s[j].count ||
			      s[i].first + s[i].count <= s[j].first ||
			      s[j].first + s[j].count <= s[i].first);
	}
}

static void check_mapped(const struct layout *l, const struct mapped_range *r)
{
	for (uint64_t i = 0; i < r->pages; i++) {
		CHECK(r->pfn + i < l->pages);
		for (int level = 4; level >= 1; level--)
			CHECK(layout_is_table(l, layout_table(l, level,
							      r->virt + i * 4096)));
	}
}

static void check_layout(const struct kernel *k, uint64_t ramdisk_bytes)
{
	struct reason why;
	struct layout l;

	reason_clear(&why);
	if (layout_compute(&l, k, PAGES, ramdisk_bytes, "kernel", &why)) {
		CHECK(why.text[0]);
		return;
	}
	check_apart((struct span[]){
		l.kernel, l.ramdisk, l.p2m, { l.start_info, 1 }, { l.store, 1 },
		{ l.console, 1 }, l.page_tables, { l.stack, 1 },
		l.p2m_range.tables[1], l.p2m_range.tables[2], l.p2m_range.tables[3],
	}, 11, PAGES);
	check_mapped(&l, &l.region);
	check_mapped(&l, &l.p2m_range);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);	/* its end is watched */
	struct reason why;
	struct kernel k;
	int rc;

	memcpy(copy, data, size);
	reason_clear(&why);
	rc = kernel_parse(&k, copy, size, "kernel", &why);
	CHECK(rc <= 0);
	CHECK(!rc == !why.text[0]);
	if (!rc) {
		check_kernel(&k, size);
		check_layout(&k, size ? data[size - 1] << 12 : 0);
	}
	free(copy);
	return 0;
}
