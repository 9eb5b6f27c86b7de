/* SPDX-License-Identifier: MIT */
/* levels.c - what holds at every level: no table is writable through any
 * entry, none maps itself, and no frame number is too large to be refused.
 */
#include "paging.h"

static table *const tables_of_tree[] = { &l1, &l2, &l3, &l4 };
#define TREE(level)	(*tables_of_tree[(level) - 1])

#define EACH_LEVEL(before, after) { \
	before "L1" after, before "L2" after, before "L3" after, before "L4" after }

static long pin(int level, const table *t)
{
	return ext(MMUEXT_PIN_L1_TABLE + (unsigned int)level - 1, virt_to_mfn(t), 0);
}

static long unpin(const table *t)
{
	return ext(MMUEXT_UNPIN_TABLE, virt_to_mfn(t), 0);
}

/* A pinned table of each level in turn, with nothing in it. */
static void empty_tables(void)
{
	static const char *const mapped[] = EACH_LEVEL("a pinned ", " is mapped read-only only");
	static const char *const changed[] = EACH_LEVEL("an entry of a pinned ",
							" may say anything while not present");
	static const char *const others[] = EACH_LEVEL("a pinned ", " has no frames of others");
	uint64_t at = (virt_to_mfn(spare) << 12) + 8;

	for (int level = 1; level <= 4; level++) {
		bool leaf = level == 1;

		tree_clear();
		read_only(spare);
		rule(mapped[level - 1]);
		want(pin(level, &spare), 0);
		want(map_at(page, make(spare, PTE_PRESENT)), 0);
		want(map_at(page, make(spare, PTE_PRESENT | PTE_WRITE)), -XEN_EBUSY);
		want(update(entry_at(page, 1), make(spare, RW_KERNEL)), -XEN_EBUSY);
		want(update(entry_at(spare, 1), make(spare, RW_KERNEL)), -XEN_EBUSY);
		want(update(entry_at(spare, 1) | MMU_PT_UPDATE_PRESERVE_AD,
			    make(spare, RW_KERNEL)), -XEN_EBUSY);
		rule(changed[level - 1]);
		want(update(at, ~1ul), 0);
		want(entry_read(at), (long)~1ul);
		want(update(at | MMU_PT_UPDATE_PRESERVE_AD, PTE_FRAME), 0);
		want(update(at, 0), 0);
		rule(others[level - 1]);
		want(update(at, others_frame() << 12 | PTE_PRESENT), leaf ? -XEN_EBUSY : -XEN_EINVAL);
		want(update(at, PTE_FRAME | PTE_PRESENT), -XEN_EINVAL);
		want(update(at, 1ul << 46 | PTE_PRESENT), leaf ? -XEN_EPERM : -XEN_EINVAL);
		want(entry_read(at), 0);
		want(unpin(&spare), 0);
	}
	tree_clear();
}

static void own_level(void)
{
	uint64_t at = (virt_to_mfn(spare) << 12) + 8;

	rule("an L1 maps itself to read, never to write");
	read_only(spare);
	want(pin(1, &spare), 0);
	want(update(at, make(spare, PTE_PRESENT | PTE_WRITE)), -XEN_EBUSY);
	want(update(at, make(spare, PTE_PRESENT)), 0);
	want(update(at, make(spare, PTE_PRESENT | PTE_WRITE)), -XEN_EBUSY);
	want(unpin(&spare), 0);
	rule("a table above L1 may be linked into one of its own level");
	for (int level = 2; level <= 4; level++) {
		tree_clear();
		read_only(spare);
		read_only(l1);
		want(pin(level, &spare), 0);
		want(pin(level, &l1), 0);
		want(update(at, make(spare, PTE_PRESENT)), 0);
		want(update(at, make(l1, PTE_PRESENT)), 0);
		want(update(at, make(spare, PTE_PRESENT | PTE_WRITE)), -XEN_EINVAL);
		want(update(at, 0), 0);
		want(unpin(&l1), 0);
		want(unpin(&spare), 0);
	}
	tree_clear();
}

/* A tree in which the link to each level is flipped to writable, and the
 * table below it is mapped writable by another way. */
static void write_bits(void)
{
	static const char *const links[] = {
		"write permission of an L2's link changes nothing for the L1 below",
		"write permission of an L3's link changes nothing for the L2 below",
		"write permission of an L4's link changes nothing for the L3 below",
	};

	tree_make(make(page, PTE_PRESENT));
	want(pin(4, &l4), 0);
	for (int level = 2; level <= 4; level++) {
		uint64_t at = (virt_to_mfn(TREE(level)) << 12) +
			      (level == 4 ? 0 : level == 3 ? 8 : 16);
		uint64_t link = make(TREE(level - 1), PTE_PRESENT | PTE_USER);

		rule(links[level - 2]);
		want(update(at, link), 0);
		want(update(at, link | PTE_WRITE), 0);
		want(read_write(TREE(level - 1)), -XEN_EBUSY);
		want(update(at, link | PTE_LARGE), -XEN_EINVAL);
		want(update(at, link | PTE_LARGE | PTE_WRITE), -XEN_EINVAL);
		want(entry_read(at) & (PTE_LARGE | PTE_WRITE), PTE_WRITE);
	}
	rule("a page that is mapped read-only becomes writable by its entry, and back");
	want(update((virt_to_mfn(l1) << 12) + 24, make(page, PTE_PRESENT | PTE_WRITE)), 0);
	want(FLAGS_OF(l1[3]), RW_KERNEL);
	want(update((virt_to_mfn(l1) << 12) + 24, make(page, PTE_PRESENT)), 0);
	want(FLAGS_OF(l1[3]), RO_KERNEL);
	rule("a tree that maps its own tables read-only stays so");
	for (int level = 1; level <= 4; level++) {
		uint64_t at = (virt_to_mfn(l1) << 12) + 8 * (uint64_t)level;

		want(update(at, make(TREE(level), PTE_PRESENT)), 0);
		want(update(at, make(TREE(level), PTE_PRESENT | PTE_WRITE)), -XEN_EBUSY);
		want(FLAGS_OF(l1[level]), RO_KERNEL);
	}
	rule("a tree is unpinned with all that it maps");
	want(unpin(&l4), 0);
	for (int level = 1; level <= 4; level++)
		want(read_write(TREE(level)), 0);
	tree_clear();
}

/* Children of the wrong level, and roots linked below. */
static void wrong_levels(void)
{
	static const char *const sentences[] = EACH_LEVEL("a pinned ",
							  " is a child of its own parent only");

	for (int child = 1; child <= 4; child++) {
		tree_clear();
		read_only(l1);
		read_only(l2);
		rule(sentences[child - 1]);
		want(pin(child, &l1), 0);
		for (int parent = 2; parent <= 4; parent++) {
			uint64_t at = (virt_to_mfn(l2) << 12) + 8;
			bool right = parent == child + 1;

			if (parent == child)
				continue;	/* own_level() */
			want(pin(parent, &l2), 0);
			want(update(at, make(l1, PTE_PRESENT)), right ? 0 : -XEN_EINVAL);
			want(update(at, 0), 0);
			want(unpin(&l2), 0);
		}
		for (int again = 1; again <= 4; again++)
			want(pin(again, &l1), -XEN_EINVAL);
		want(unpin(&l1), 0);
	}
	tree_clear();
}

/* Frame numbers beyond all memory, wherever one is asked for. */
static void frame_numbers(void)
{
	static const uint64_t bad[] = {
		1ul << 36, 1ul << 40, (1ul << 40) - 1, (1ul << 52) - 1, 1ul << 52,
		1ul << 63, ~0ul, ~0ul >> 12,
	};
	static const unsigned int commands[] = {
		MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE,
		MMUEXT_PIN_L4_TABLE, MMUEXT_UNPIN_TABLE, MMUEXT_NEW_BASEPTR,
		MMUEXT_NEW_USER_BASEPTR, MMUEXT_CLEAR_PAGE, MMUEXT_COPY_PAGE,
	};
	const unsigned int n = sizeof(bad) / sizeof(bad[0]);

	rule("no operation takes a frame number beyond memory");
	for (unsigned int c = 0; c < sizeof(commands) / sizeof(commands[0]); c++)
		for (unsigned int i = 0; i < n; i++)
			want(ext(commands[c], bad[i], virt_to_mfn(page)), -XEN_EINVAL);
	rule("no frame is copied from beyond memory");
	for (unsigned int i = 0; i < n; i++)
		want(ext(MMUEXT_COPY_PAGE, virt_to_mfn(page), bad[i]), -XEN_EINVAL);
	rule("no machine address beyond memory is updated, nor its pfn");
	for (unsigned int i = 0; i < n; i++) {
		want(update(bad[i] << 12, 0), -XEN_EINVAL);
		want(update(bad[i] << 12 | MMU_MACHPHYS_UPDATE, 0), -XEN_EINVAL);
	}
}

void levels(void)
{
	empty_tables();
	own_level();
	write_bits();
	wrong_levels();
	frame_numbers();
}
