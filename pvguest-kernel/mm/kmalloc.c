/* SPDX-License-Identifier: MIT */
/* kmalloc.c - objects smaller than a page, by powers of two.
 *
 * A page serves one size; its first bytes say which, and how many of its
 * objects are in use, so that an empty page goes back to the page allocator.
 * Larger requests are whole pages: those are aligned to a page, small objects
 * never are.
 */
#include "mm/kmalloc.h"

#include "core/printk.h"
#include "lib/list.h"
#include "lib/string.h"
#include "mm/page.h"

#define MIN_SHIFT 5
#define CLASS_COUNT 6		/* 32 .. 1024 bytes */

struct slab {
	struct list node;	/* of its class, while it has a free object */
	void *free;		/* chain through the objects' first words */
	uint16_t used;
	uint16_t class;
};

static struct list classes[CLASS_COUNT];

static size_t class_size(unsigned class)
{
	return (size_t)1 << (MIN_SHIFT + class);
}

static struct slab *slab_create(unsigned class)
{
	struct page *p = page_alloc(0);
	struct slab *s;
	char *base;

	if (!p)
		return NULL;
	base = page_virt(p);
	s = (struct slab *)base;
	*s = (struct slab){ .class = (uint16_t)class };
	for (size_t at = max_u64(class_size(class), ALIGN_UP(sizeof(*s), 32));
	     at + class_size(class) <= PAGE_SIZE; at += class_size(class)) {
		*(void **)(base + at) = s->free;
		s->free = base + at;
	}
	list_push_front(&classes[class], &s->node);
	return s;
}

static void *large_alloc(size_t size)
{
	unsigned order = 0;
	struct page *p;

	while (order <= PAGE_MAX_ORDER && (PAGE_SIZE << order) < size)
		order++;
	p = order <= PAGE_MAX_ORDER ? page_alloc(order) : NULL;
	return p ? page_virt(p) : NULL;
}

void *kmalloc(size_t size)
{
	unsigned class = 0;
	struct slab *s;
	void *object;

	while (class < CLASS_COUNT && class_size(class) < size)
		class++;
	if (class == CLASS_COUNT)
		return large_alloc(size);
	if (!classes[class].next)
		list_init(&classes[class]);
	s = list_first(&classes[class], struct slab, node);
	if (!s)
		s = slab_create(class);
	if (!s)
		return NULL;
	object = s->free;
	s->free = *(void **)object;
	s->used++;
	if (!s->free)
		list_remove(&s->node);
	return object;
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

void kfree(void *p)
{
	struct slab *s = (struct slab *)((uint64_t)p & PAGE_MASK);

	if (!p)
		return;
	if (p == s) {
		page_put(virt_page(p));
		return;
	}
	BUG_ON(s->class >= CLASS_COUNT || !s->used);
	if (!s->free)
		list_push_front(&classes[s->class], &s->node);
	*(void **)p = s->free;
	s->free = p;
	if (--s->used == 0) {
		list_remove(&s->node);
		page_put(virt_page(s));
	}
}
