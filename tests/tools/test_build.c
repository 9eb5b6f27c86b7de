/* SPDX-License-Identifier: MIT */
/* test_build.c - the domain builder on a machine of paper (fake_ctl.c).
 *
 * Rules: the guest finds what the ABI's start-of-day picture promises when it
 * walks its own page tables; nothing an earlier owner left is in its region;
 * whatever call fails, nothing is left of the domain.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "build/build.h"
#include "cmocka_all.h"
#include "fake_ctl.h"
#include "fake_elf.h"

#include <xen/elfnote.h>
#include <xen/features.h>

#define BASE  0xffffffff80000000ULL
#define P2M   0x8000000000ULL
#define PAGES 1024U	/* 4 MiB */

static struct made made;
static struct reason why;
static struct built_domain built;
static char kernel_path[64], ramdisk_path[64];

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

static int fresh(void **state)
{
	uint8_t ramdisk[5000];

	snprintf(kernel_path, sizeof(kernel_path), "/tmp/test_build.%d.k",
		 getpid());
	snprintf(ramdisk_path, sizeof(ramdisk_path), "/tmp/test_build.%d.r",
		 getpid());
	memset(ramdisk, 0x5a, sizeof(ramdisk));
	write_file(ramdisk_path, ramdisk, sizeof(ramdisk));
	made_simple(&made, BASE);
	fake_reset(4096);
	reason_clear(&why);
	return 0;
}

static int done(void **state)
{
	unlink(kernel_path);
	unlink(ramdisk_path);
	return 0;
}

static int build(uint64_t pages, const char *ramdisk, const char *cmdline)
{
	struct build_request request = {
		.name = "guest",
		.kernel = kernel_path,
		.ramdisk = ramdisk,
		.cmdline = cmdline,
		.memory_kib = pages * 4,
		.max_kib = pages * 4,
		.vcpus = 2,
		.event_channels = 5000,
	};

	return build_domain(NULL, &request, &built, &why);
}

static int build_made(uint64_t pages, const char *ramdisk)
{
	write_file(kernel_path, made.bytes, made.size);
	return build(pages, ramdisk, "hello world");
}

/* What the guest sees at a virtual address; NULL where nothing is mapped.
 * *flags gets the last entry's low bits. */
static uint8_t *look(uint64_t virt, uint64_t *flags)
{
	uint64_t mfn = fake.context.ctrlreg[3] >> 12;

	for (int level = 4; level >= 1; level--) {
		uint64_t entry;
		unsigned int index = (virt >> (12 + 9 * (level - 1))) & 511;

		memcpy(&entry, fake_frame(mfn) + index * 8, 8);
		if (!(entry & 1))
			return NULL;
		mfn = (entry & 0xffffffffff000) >> 12;
		*flags = entry & 0xfff;
	}
	return fake_frame(mfn) + (virt & 0xfff);
}

static struct start_info *start_info(void)
{
	uint64_t flags;

	return (struct start_info *)look(fake.context.user_regs.rsi, &flags);
}

static void the_guest_finds_its_picture(void **state)
{
	struct start_info *si;
	uint64_t flags, *list;

	assert_int_equal(build_made(PAGES, NULL), 0);
	assert_int_equal(built.id, FAKE_DOMID);
	si = start_info();
	assert_non_null(si);
	assert_string_equal(si->magic, "xen-3.0-x86_64");
	assert_int_equal(si->nr_pages, PAGES);
	assert_int_equal(si->shared_info, FAKE_SHARED_INFO * FRAME_SIZE);
	assert_int_equal(si->flags, 0);
	assert_string_equal((char *)si->cmd_line, "hello world");
	assert_int_equal(si->store_evtchn, 1);
	assert_int_equal(si->console.domU.evtchn, 2);
	assert_int_equal(built.console_port, 2);
	assert_int_equal(built.console_mfn, si->console.domU.mfn);
	assert_int_equal(built.store_mfn, si->store_mfn);
	assert_int_equal(si->mod_len, 0);
	assert_int_equal(si->first_p2m_pfn, 0);

	/* kernel, and zeroes after its file's bytes */
	assert_int_equal(*look(BASE, &flags), 0xab);
	assert_int_equal(*look(BASE + 4095, &flags), 0xab);
	assert_int_equal(*look(BASE + 4096, &flags), 0);
	assert_int_equal(*look(BASE + 8191, &flags), 0);

	list = (uint64_t *)look(si->mfn_list, &flags);
	for (unsigned int i = 0; i < PAGES; i++) {
		list = (uint64_t *)look(si->mfn_list + i * 8ULL, &flags);
		assert_int_equal(*list, fake_mfn(i));
	}
	/* order of the elements */
	assert_true(si->mfn_list < fake.context.user_regs.rsi);
	assert_true(fake.context.user_regs.rsi < si->pt_base);
	assert_int_equal(fake.context.user_regs.rsp,
			 si->pt_base + (si->nr_pt_frames + 1) * FRAME_SIZE);
	assert_int_equal(fake.context.user_regs.rip, BASE);
	assert_int_equal(fake.map_bytes, PAGES * FRAME_SIZE);
	assert_int_equal(fake.vcpus, 2);
	assert_int_equal(fake.event_channels, 5000);
	assert_int_equal(fake.mappings, 0);
}

static void page_tables_are_right(void **state)
{
	struct start_info *si;
	uint64_t flags, tables = 0, pages = 0;

	assert_int_equal(build_made(PAGES, NULL), 0);
	si = start_info();
	assert_int_equal(fake.pinned_mfn, fake.context.ctrlreg[3] >> 12);
	assert_ptr_equal(look(si->pt_base, &flags),
			 fake_frame(fake.pinned_mfn));
	for (uint64_t i = 0; i < PAGES; i++) {
		uint64_t virt = BASE + i * FRAME_SIZE;
		bool table = virt >= si->pt_base &&
			     virt < si->pt_base + si->nr_pt_frames * FRAME_SIZE;

		assert_ptr_equal(look(virt, &flags), fake_frame(fake_mfn(i)));
		/* present, not user; writable unless a page table */
		assert_int_equal(flags & 7, table ? 1 : 3);
		tables += table;
		pages++;
	}
	assert_null(look(BASE + pages * FRAME_SIZE, &flags));
	/* an L4, an L3, an L2 and two L1s map 4 MiB */
	assert_int_equal(tables, 5);
	/* the region reaches the next multiple of 4 MiB */
	assert_int_equal(pages * FRAME_SIZE, 4 << 20);
}

/* The frames that the builder promises to write hold nothing foreign. */
static void nothing_old_is_left(void **state)
{
	uint64_t flags, end;

	assert_int_equal(build_made(PAGES, NULL), 0);
	end = fake.context.user_regs.rsp;
	for (uint64_t virt = BASE; virt < end; virt += 8)
		assert_int_not_equal(*(uint64_t *)look(virt, &flags),
				     0xeeeeeeeeeeeeeeee);
}

static void a_mapped_ramdisk_follows_the_kernel(void **state)
{
	struct start_info *si;
	uint64_t flags;

	assert_int_equal(build_made(PAGES, ramdisk_path), 0);
	si = start_info();
	assert_int_equal(si->mod_start, BASE + 8192);
	assert_int_equal(si->mod_len, 5000);
	assert_int_equal(si->flags & SIF_MOD_START_PFN, 0);
	assert_int_equal(*look(si->mod_start + 4999, &flags), 0x5a);
	assert_int_equal(*look(si->mod_start + 5000, &flags), 0);
}

/* As Linux wants it: ramdisk by frame number, list at an address of its own. */
static void linux_gets_what_it_wants(void **state)
{
	struct start_info *si;
	uint64_t flags;

	made_note_number(&made, XEN_ELFNOTE_INIT_P2M, P2M);
	made_note(&made, XEN_ELFNOTE_MOD_START_PFN, &(uint32_t){ 1 }, 4);
	made_note_string(&made, XEN_ELFNOTE_FEATURES, "!writable_page_tables");
	assert_int_equal(build_made(2 * PAGES, ramdisk_path), 0);
	si = start_info();
	assert_int_equal(si->flags, SIF_MOD_START_PFN);
	assert_int_equal(si->mod_start, 1024);	/* behind 4 MiB */
	assert_int_equal(*fake_frame(fake_mfn(1024)), 0x5a);
	assert_int_equal(fake_frame(fake_mfn(1025))[5000 - 4096 - 1], 0x5a);
	assert_int_equal(si->mfn_list, P2M);
	assert_int_equal(si->first_p2m_pfn, 1026);
	/* 4 frames of list, and an L3, an L2 and an L1 */
	assert_int_equal(si->nr_p2m_frames, 4 + 3);
	for (unsigned int i = 0; i < 2 * PAGES; i++)
		assert_int_equal(*(uint64_t *)look(P2M + i * 8ULL, &flags),
				 fake_mfn(i));
	assert_null(look(P2M + 4 * FRAME_SIZE, &flags));
	assert_null(look(BASE + (4 << 20), &flags));
}

/* A list in the same gigabyte as the kernel shares its upper tables. */
static void a_near_list_shares_tables(void **state)
{
	struct start_info *si;
	uint64_t flags;

	made_simple(&made, 0x40000000 + (16 << 20));
	made_note_number(&made, XEN_ELFNOTE_INIT_P2M, 0x40000000);
	assert_int_equal(build_made(2 * PAGES, NULL), 0);
	si = start_info();
	assert_int_equal(si->mfn_list, 0x40000000);
	assert_int_equal(si->nr_p2m_frames, 4 + 1);
	for (unsigned int i = 0; i < 2 * PAGES; i += 100)
		assert_int_equal(*(uint64_t *)look(0x40000000 + i * 8ULL,
						   &flags), fake_mfn(i));
}

static void the_hypercall_page_is_filled(void **state)
{
	assert_int_equal(build_made(PAGES, NULL), 0);
	assert_int_equal(fake.hypercall_mfn, 0);
	done(NULL);
	fresh(NULL);
	made_note_number(&made, XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 4096);
	assert_int_equal(build_made(PAGES, NULL), 0);
	assert_int_equal(fake.hypercall_mfn, fake_mfn(1));
}

static void events_start_masked(void **state)
{
	struct shared_info *shared;

	assert_int_equal(build_made(PAGES, NULL), 0);
	shared = (struct shared_info *)fake_frame(FAKE_SHARED_INFO);
	assert_int_equal(shared->vcpu_info[0].evtchn_upcall_mask, 1);
	assert_int_equal(shared->vcpu_info[31].evtchn_upcall_mask, 1);
	assert_int_equal(shared->arch.max_pfn, PAGES);
}

static void console_and_store_are_granted(void **state)
{
	struct grant_entry_v1 *table =
		(struct grant_entry_v1 *)fake_frame(FAKE_GRANTS);

	assert_int_equal(build_made(PAGES, NULL), 0);
	assert_int_equal(table[GNTTAB_RESERVED_CONSOLE].flags,
			 GTF_permit_access);
	assert_int_equal(table[GNTTAB_RESERVED_CONSOLE].domid, 0);
	assert_int_equal(table[GNTTAB_RESERVED_CONSOLE].frame,
			 built.console_mfn);
	assert_int_equal(table[GNTTAB_RESERVED_XENSTORE].flags,
			 GTF_permit_access);
	assert_int_equal(table[GNTTAB_RESERVED_XENSTORE].frame,
			 built.store_mfn);
	assert_int_equal(table[2].flags, 0);

	/* a kernel without the ioctl does not stand in the way */
	fake_reset(4096);
	fake.no_grants = true;
	assert_int_equal(build_made(PAGES, NULL), 0);
	assert_int_equal(table[GNTTAB_RESERVED_CONSOLE].flags, 0);
}

static void gzip_is_unpacked(void **state)
{
	gzFile f = gzopen(kernel_path, "w");

	assert_int_equal(gzwrite(f, made.bytes, (unsigned int)made.size),
			 made.size);
	gzclose(f);
	assert_int_equal(build(PAGES, NULL, NULL), 0);
	assert_string_equal((char *)start_info()->cmd_line, "");
}

static void damaged_gzip_is_refused(void **state)
{
	uint8_t packed[8192];
	gzFile f = gzopen(kernel_path, "w");
	FILE *file;
	size_t size;

	gzwrite(f, made.bytes, (unsigned int)made.size);
	gzclose(f);
	file = fopen(kernel_path, "r");
	size = fread(packed, 1, sizeof(packed), file);
	fclose(file);
	write_file(kernel_path, packed, size / 2);
	assert_int_equal(build(PAGES, NULL, NULL), -EBADMSG);
	assert_says(why, "is damaged (gzip): it ends too early");
	reason_clear(&why);
	packed[size / 2] ^= 0x40;
	packed[12] ^= 0xff;
	write_file(kernel_path, packed, size);
	assert_int_equal(build(PAGES, NULL, NULL), -EBADMSG);
	assert_says(why, "is damaged (gzip): ");
	assert_false(fake.exists);
}

static void missing_memory_is_named(void **state)
{
	/* too small for its own kernel: 8 KiB of it, and the rest */
	assert_int_equal(build_made(1, NULL), -ENOMEM);
	assert_says(why, "does not fit its memory");
	reason_clear(&why);
	assert_int_equal(build_made(100, NULL), -ENOMEM);
	assert_says(why, "KiB are missing; raise memory=");
	reason_clear(&why);

	/* more than the machine has */
	fake_reset(1000);
	assert_int_equal(build_made(PAGES, NULL), -ENOMEM);
	assert_says(why, "guest needs 4096 KiB and 4000 KiB are free, so 96 KiB are missing");
	assert_false(fake.exists);
	reason_clear(&why);

	/* more than it turns out to have */
	fake_reset(1000);
	fake.claimed_free = 2000;
	assert_int_equal(build_made(PAGES, NULL), -ENOMEM);
	assert_says(why, "96 KiB are missing");
	assert_false(fake.exists);
	assert_int_equal(fake.free_frames, 1000);
}

/* The smallest memory that is accepted works; one page less is refused. */
static void the_named_amount_is_enough(void **state)
{
	unsigned int pages = 1;

	while (build_made(pages, NULL)) {
		reason_clear(&why);
		pages++;
		assert_true(pages < PAGES);
	}
	assert_int_equal(start_info()->nr_pages, pages);
	assert_true(pages > 128);	/* 512 KiB of padding */
}

static void lacking_features_are_refused(void **state)
{
	made_note_string(&made, XEN_ELFNOTE_FEATURES,
			 "!auto_translated_physmap");
	assert_int_equal(build_made(PAGES, NULL), -EOPNOTSUPP);
	assert_says(why, "requires the feature auto_translated_physmap");
	reason_clear(&why);
	made_simple(&made, BASE);
	made_note_string(&made, XEN_ELFNOTE_FEATURES, "!highmem_assist");
	assert_int_equal(build_made(PAGES, NULL), -EOPNOTSUPP);
	reason_clear(&why);
	fake.features = 1 << XENFEAT_highmem_assist;
	assert_int_equal(build_made(PAGES, NULL), 0);
}

static void addresses_of_the_hypervisor_are_refused(void **state)
{
	made_simple(&made, 0xffff800000000000);
	assert_int_equal(build_made(PAGES, NULL), -EINVAL);
	assert_says(why, "not a guest's to use");
	reason_clear(&why);
	made_simple(&made, 0x7fffffffe000);
	assert_int_equal(build_made(PAGES, NULL), -EINVAL);
	reason_clear(&why);
	/* a region that would wrap around the end of the address space */
	made_simple(&made, 0xffffffffffffe000);
	assert_int_equal(build_made(PAGES, NULL), -EINVAL);
	assert_says(why, "lower memory=");
	assert_false(fake.exists);
}

static void a_long_command_line_is_refused(void **state)
{
	char line[MAX_GUEST_CMDLINE + 1];

	write_file(kernel_path, made.bytes, made.size);
	memset(line, 'x', sizeof(line));
	line[MAX_GUEST_CMDLINE] = '\0';
	assert_int_equal(build(PAGES, NULL, line), -E2BIG);
	assert_says(why, "has 1024 characters; at most 1023 fit");
	line[MAX_GUEST_CMDLINE - 1] = '\0';
	reason_clear(&why);
	assert_int_equal(build(PAGES, NULL, line), 0);
	assert_int_equal(strlen((char *)start_info()->cmd_line), 1023);
}

static void missing_files_are_named(void **state)
{
	write_file(kernel_path, made.bytes, made.size);
	assert_int_equal(build(PAGES, "/nonexistent/ramdisk", NULL), -ENOENT);
	assert_says(why, "/nonexistent/ramdisk: No such file");
	reason_clear(&why);
	unlink(kernel_path);
	assert_int_equal(build(PAGES, NULL, NULL), -ENOENT);
	assert_says(why, kernel_path);
}

/* Whatever call fails: a reason, no domain, no mapping, no memory lost. */
static void every_failure_is_undone(void **state)
{
	int calls;

	made_note_number(&made, XEN_ELFNOTE_HYPERCALL_PAGE, BASE);
	assert_int_equal(build_made(PAGES, ramdisk_path), 0);
	calls = fake.calls;
	assert_true(calls >= 13);
	for (int i = 0; i < calls; i++) {
		fake_reset(4096);
		fake.fail = i;
		fake.error = -EPERM;
		reason_clear(&why);
		assert_int_equal(build_made(PAGES, ramdisk_path), -EPERM);
		assert_true(strlen(why.text) > 20);
		assert_false(fake.exists);
		assert_int_equal(fake.mappings, 0);
		assert_int_equal(fake.free_frames, 4096);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_guest_finds_its_picture),
		T(page_tables_are_right),
		T(nothing_old_is_left),
		T(a_mapped_ramdisk_follows_the_kernel),
		T(linux_gets_what_it_wants),
		T(a_near_list_shares_tables),
		T(the_hypercall_page_is_filled),
		T(events_start_masked),
		T(console_and_store_are_granted),
		T(gzip_is_unpacked),
		T(damaged_gzip_is_refused),
		T(missing_memory_is_named),
		T(the_named_amount_is_enough),
		T(lacking_features_are_refused),
		T(addresses_of_the_hypervisor_are_refused),
		T(a_long_command_line_is_refused),
		T(missing_files_are_named),
		T(every_failure_is_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
