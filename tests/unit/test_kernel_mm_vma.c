/* SPDX-License-Identifier: MIT */
/* test_kernel_mm_vma.c - the ranges of an address space.
 *
 * Rule: ranges are ordered, do not overlap, and say exactly which pages exist.
 */
#include "fake-core/kernel_test.h"

#include "core/errno.h"
#include "fs/file.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"

void *malloc(size_t n);
void free(void *p);

#define BASE 0x100000ul
#define SLOTS 64

static bool no_memory;
static unsigned objects;
static struct file the_file;

void *kmalloc(size_t size)
{
	if (no_memory)
		return NULL;
	objects++;
	return malloc(size);
}

void kfree(void *p)
{
	objects -= p != NULL;
	free(p);
}

struct file *file_get(struct file *f)
{
	f->refs++;
	return f;
}

void file_put(struct file *f)
{
	f->refs--;
}

static struct mm mm;

static int fresh(void **state)
{
	mm = (struct mm){ .mmap_top = 0x7f0000000000ul };
	list_init(&mm.vmas);
	no_memory = false;
	the_file.refs = 1;
	return 0;
}

static int empty(void **state)
{
	struct vma *v, *tmp;

	list_for_each_safe(v, tmp, &mm.vmas, node)
		vma_destroy(&mm, v);
	assert_int_equal(objects, 0);
	assert_int_equal(mm.total, 0);
	assert_int_equal(the_file.refs, 1);
	return 0;
}

static uint64_t at(unsigned slot)
{
	return BASE + slot * PAGE_SIZE;
}

static void order_holds(void)
{
	uint64_t end = 0, pages = 0;
	struct vma *v;

	list_for_each(v, &mm.vmas, node) {
		assert_true(v->start >= end && v->end > v->start);
		end = v->end;
		pages += (v->end - v->start) / PAGE_SIZE;
	}
	assert_int_equal(pages, mm.total);
}

/* Against an array of flags: create, split and destroy at random. */
static void like_an_array(void **state)
{
	unsigned model[SLOTS] = { 0 };
	struct vma *v, *tmp;

	for (int round = 0; round < 20000; round++) {
		unsigned a = test_random() % SLOTS, b = a + 1 + test_random() % (SLOTS - a);
		unsigned flags = VMA_READ | (test_random() % 2 ? VMA_WRITE : 0);
		bool is_free = true;

		for (unsigned i = a; i < b; i++)
			is_free &= !model[i];
		assert_int_equal(vma_range_is_free(&mm, at(a), at(b)), is_free);
		if (test_random() % 2) {
			int rc = vma_create(&mm, at(a), at(b), flags,
					    test_random() % 2 ? &the_file : NULL, a, NULL);

			assert_int_equal(rc, is_free ? 0 : -ENOMEM);
			for (unsigned i = a; is_free && i < b; i++)
				model[i] = flags;
		} else {
			assert_int_equal(vma_split_at(&mm, at(a), at(b)), 0);
			list_for_each_safe(v, tmp, &mm.vmas, node)
				if (v->start >= at(a) && v->end <= at(b))
					vma_destroy(&mm, v);
			for (unsigned i = a; i < b; i++)
				model[i] = 0;
		}
		order_holds();
		for (unsigned i = 0; i < SLOTS; i++) {
			v = vma_find(&mm, at(i) + 7);
			assert_int_equal(v ? v->flags : 0, model[i]);
			if (v && v->file)
				assert_int_equal(v->pgoff + (at(i) - v->start) / PAGE_SIZE, i);
		}
	}
}

static void neighbours_join_only_if_alike(void **state)
{
	struct vma *a, *b;

	assert_int_equal(vma_create(&mm, at(0), at(1), VMA_READ, NULL, 0, &a), 0);
	assert_int_equal(vma_create(&mm, at(1), at(2), VMA_READ, NULL, 0, &b), 0);
	assert_ptr_equal(a, b);
	assert_int_equal(vma_create(&mm, at(2), at(3), VMA_READ | VMA_WRITE, NULL, 0, &b), 0);
	assert_ptr_not_equal(a, b);
	assert_int_equal(vma_create(&mm, at(3), at(4), VMA_READ | VMA_SHARED, NULL, 0, &a), 0);
	assert_int_equal(vma_create(&mm, at(4), at(5), VMA_READ | VMA_SHARED, NULL, 0, &b), 0);
	assert_ptr_not_equal(a, b);
}

static void limits(void **state)
{
	assert_int_equal(vma_create(&mm, 0, PAGE_SIZE, VMA_READ, NULL, 0, NULL), -ENOMEM);
	assert_int_equal(vma_create(&mm, USER_TOP - PAGE_SIZE, USER_TOP + PAGE_SIZE, VMA_READ,
				    NULL, 0, NULL), -ENOMEM);
	assert_int_equal(vma_create(&mm, at(1), at(0), VMA_READ, NULL, 0, NULL), -ENOMEM);
	no_memory = true;
	assert_int_equal(vma_create(&mm, at(0), at(1), VMA_READ, NULL, 0, NULL), -ENOMEM);
	assert_int_equal(mm.total, 0);
}

static void room_is_found_downwards(void **state)
{
	uint64_t a = vma_find_room(&mm, 0, 4 * PAGE_SIZE), b;

	assert_int_equal(a, mm.mmap_top - 4 * PAGE_SIZE);
	assert_int_equal(vma_create(&mm, a, a + 4 * PAGE_SIZE, VMA_READ, NULL, 0, NULL), 0);
	b = vma_find_room(&mm, 0, PAGE_SIZE);
	assert_int_equal(b, a - PAGE_SIZE);
	assert_int_equal(vma_find_room(&mm, at(3) + 5, PAGE_SIZE), at(3));
	assert_int_equal(vma_find_room(&mm, a, PAGE_SIZE), b);
	assert_int_equal(vma_split_at(&mm, a + PAGE_SIZE, a + 2 * PAGE_SIZE), 0);
	vma_destroy(&mm, vma_find(&mm, a + PAGE_SIZE));
	assert_int_equal(vma_find_room(&mm, 0, PAGE_SIZE), a + PAGE_SIZE);
	assert_int_equal(vma_find_room(&mm, 0, 2 * PAGE_SIZE), a - 2 * PAGE_SIZE);
	assert_int_equal(vma_find_room(&mm, 0, USER_TOP), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(like_an_array, fresh, empty),
		cmocka_unit_test_setup_teardown(neighbours_join_only_if_alike, fresh, empty),
		cmocka_unit_test_setup_teardown(limits, fresh, empty),
		cmocka_unit_test_setup_teardown(room_is_found_downwards, fresh, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
