/* SPDX-License-Identifier: MIT */
/* link: pvguest-kernel/mm/kmalloc.c */
/* test_kernel_mm_page.c - pages and small objects: never one to two owners.
 *
 * Rule: blocks do not overlap, are aligned to their size, and everything that
 * was given back can be had again as one piece.
 */
#include "fake-core/kernel_test.h"

#include "core/printk.h"
#include "mm/kmalloc.h"
#include "mm/page.h"

void *mmap(void *addr, size_t len, int prot, int flags, int fd, long offset);
void *calloc(size_t n, size_t size);
void abort(void) NORETURN;

#define PAGES 4096ul
#define FIRST 16ul
#define HELD 300

static uint8_t owner[PAGES];

void panic(const char *fmt, ...)
{
	abort();
}

/* PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE */
static int arena(void **state)
{
	void *at = mmap((void *)KERNEL_BASE, PAGES * PAGE_SIZE, 3, 0x100022, -1, 0);

	if (at != (void *)KERNEL_BASE)
		return -1;
	page_array = calloc(PAGES, sizeof(struct page));
	page_count = PAGES;
	page_free_range(FIRST, PAGES);
	return 0;
}

static void mark(const struct page *p, unsigned order, uint8_t from, uint8_t to)
{
	for (uint64_t pfn = page_pfn(p); pfn < page_pfn(p) + (1ul << order); pfn++) {
		assert_int_equal(owner[pfn], from);
		owner[pfn] = to;
	}
}

static void blocks_never_overlap(void **state)
{
	struct { struct page *page; unsigned order; } held[HELD] = { { NULL, 0 } };

	assert_int_equal(page_free_count, PAGES - FIRST);
	for (int i = 0; i < 200000; i++) {
		unsigned n = test_random() % HELD, order = test_random() % 6;

		if (held[n].page) {
			mark(held[n].page, held[n].order, 1, 0);
			page_put(held[n].page);
			held[n].page = NULL;
			continue;
		}
		held[n].page = page_alloc(order);
		held[n].order = order;
		if (!held[n].page)
			continue;
		assert_int_equal(page_pfn(held[n].page) % (1ul << order), 0);
		assert_true(page_pfn(held[n].page) >= FIRST);
		mark(held[n].page, order, 0, 1);
	}
	for (int n = 0; n < HELD; n++)
		if (held[n].page) {
			mark(held[n].page, held[n].order, 1, 0);
			page_put(held[n].page);
		}
	assert_int_equal(page_free_count, PAGES - FIRST);
}

static void all_of_it_joins_again(void **state)
{
	struct page *p[PAGES], *large;
	unsigned n = 0;

	while ((p[n] = page_alloc(0)))
		n++;
	assert_int_equal(n, PAGES - FIRST);
	assert_int_equal(page_free_count, 0);
	assert_null(page_alloc_zero());
	for (unsigned i = 0; i < n; i += 2)
		page_put(p[i]);
	assert_null(page_alloc(1));
	for (unsigned i = 1; i < n; i += 2)
		page_put(p[i]);
	large = page_alloc(PAGE_MAX_ORDER);
	assert_non_null(large);
	page_put(large);
	assert_null(page_alloc(PAGE_MAX_ORDER + 1));
}

static void references_count(void **state)
{
	struct page *p = page_alloc_zero();
	uint64_t before = page_free_count;

	for (unsigned i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(((char *)page_virt(p))[i], 0);
	page_get(p);
	page_put(p);
	assert_int_equal(page_free_count, before);
	page_put(p);
	assert_int_equal(page_free_count, before + 1);
	assert_ptr_equal(virt_page((char *)page_virt(p) + 5), p);
}

static void objects_keep_their_bytes(void **state)
{
	static const size_t sizes[] = { 1, 32, 33, 64, 100, 256, 512, 1000, 1024, 1025, 5000 };
	struct { uint8_t *at; size_t size; uint8_t mark; } held[HELD] = { { NULL, 0, 0 } };
	uint64_t before = page_free_count;

	for (int i = 0; i < 100000; i++) {
		unsigned n = test_random() % HELD;

		if (held[n].at) {
			for (size_t k = 0; k < held[n].size; k++)
				assert_int_equal(held[n].at[k], held[n].mark);
			kfree(held[n].at);
			held[n].at = NULL;
			continue;
		}
		held[n].size = sizes[test_random() % ARRAY_SIZE(sizes)];
		held[n].mark = (uint8_t)i;
		held[n].at = kmalloc(held[n].size);
		for (size_t k = 0; held[n].at && k < held[n].size; k++)
			held[n].at[k] = held[n].mark;
	}
	for (int n = 0; n < HELD; n++)
		kfree(held[n].at);
	assert_int_equal(page_free_count, before);
}

static void too_much_is_refused(void **state)
{
	assert_null(kmalloc((PAGE_SIZE << PAGE_MAX_ORDER) + 1));
	assert_null(kmalloc(SIZE_MAX));
	kfree(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_never_overlap),
		cmocka_unit_test(all_of_it_joins_again),
		cmocka_unit_test(references_count),
		cmocka_unit_test(objects_keep_their_bytes),
		cmocka_unit_test(too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, arena, NULL);
}
