/* SPDX-License-Identifier: MIT */
/* test_kernel.c - reading kernels: what they say of themselves, and every way
 * to be wrong. Rule: no byte outside the buffer is read (the address
 * sanitizer watches a copy that ends where the file does).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "build/features.h"
#include "build/kernel.h"
#include "cmocka_all.h"
#include "fake_elf.h"

#include <xen/xen.h>
#include <xen/elfnote.h>
#include <xen/features.h>

#define BASE 0xffffffff80000000ULL

static struct made made;
static struct kernel kernel;
static struct reason why;

static int parse_bytes(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	int rc;

	memcpy(copy, bytes, size);
	reason_clear(&why);
	rc = kernel_parse(&kernel, copy, size, "k", &why);
	free(copy);
	return rc;
}

static int parse(void)
{
	return parse_bytes(made.bytes, made.size);
}

static void a_simple_kernel_is_read(void **state)
{
	made_simple(&made, BASE);
	assert_int_equal(parse(), 0);
	assert_int_equal(kernel.segment_count, 1);
	assert_int_equal(kernel.start, 0);
	assert_int_equal(kernel.end, 8192);
	assert_int_equal(kernel.virt_base, BASE);
	assert_int_equal(kernel.entry, BASE);
	assert_int_equal(kernel.hypercall_page, KERNEL_UNSET);
	assert_int_equal(kernel.p2m_base, KERNEL_UNSET);
	assert_false(kernel.ramdisk_by_pfn);
	assert_string_equal(kernel.guest_os, "test");
}

static void linux_notes_are_understood(void **state)
{
	made_begin(&made);
	made_segment(&made, 0x1000000, 4096, 4096, 1);
	made_segment(&made, 0x1001000, 4096, 16384, 2);
	made_note_number(&made, XEN_ELFNOTE_VIRT_BASE, BASE);
	made_note_number(&made, XEN_ELFNOTE_PADDR_OFFSET, 0);
	made_note_number(&made, XEN_ELFNOTE_ENTRY, BASE + 0x1000100);
	made_note_number(&made, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
	made_note_number(&made, XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 0x1001000);
	made_note_string(&made, XEN_ELFNOTE_FEATURES,
			 "!writable_page_tables|pae_pgdir_above_4gb");
	made_note_string(&made, XEN_ELFNOTE_LOADER, "generic");
	made_note_string(&made, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	made_note_string(&made, XEN_ELFNOTE_PAE_MODE, "yes");
	made_note(&made, XEN_ELFNOTE_MOD_START_PFN, &(uint32_t){ 1 }, 4);
	assert_int_equal(parse(), 0);
	assert_int_equal(kernel.start, 0x1000000);
	assert_int_equal(kernel.end, 0x1005000);
	assert_int_equal(kernel.entry, BASE + 0x1000100);
	assert_int_equal(kernel.hypercall_page, BASE + 0x1001000);
	assert_int_equal(kernel.p2m_base, 0x8000000000);
	assert_int_equal(kernel.features_required,
			 1 << XENFEAT_writable_page_tables);
	assert_true(kernel.ramdisk_by_pfn);
}

/* Without VIRT_BASE a kernel sits at virtual 0; its e_entry counts. */
static void a_kernel_without_virt_base_is_at_zero(void **state)
{
	made_begin(&made);
	made_segment(&made, 0x100000, 4096, 4096, 1);
	made.header->e_entry = 0x100010;
	made_note_string(&made, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	assert_int_equal(parse(), 0);
	assert_int_equal(kernel.virt_base, 0);
	assert_int_equal(kernel.start, 0x100000);
	assert_int_equal(kernel.entry, 0x100010);
}

static void paddr_offset_is_taken_off(void **state)
{
	made_begin(&made);
	made_segment(&made, BASE + 0x2000, 4096, 4096, 1);
	made_note_number(&made, XEN_ELFNOTE_VIRT_BASE, BASE);
	made_note_number(&made, XEN_ELFNOTE_PADDR_OFFSET, BASE);
	made_note_number(&made, XEN_ELFNOTE_ENTRY, BASE + 0x2000);
	assert_int_equal(parse(), 0);
	assert_int_equal(kernel.start, 0x2000);
}

static void the_legacy_string_is_understood(void **state)
{
	made_begin(&made);
	made_segment(&made, 0x0, 4096, 0x4000, 1);
	made_legacy(&made, "GUEST_OS=Mini-OS,XEN_VER=xen-3.0,VIRT_BASE=0x0,"
			   "ELF_PADDR_OFFSET=0x0,HYPERCALL_PAGE=0x2,"
			   "LOADER=generic,UNKNOWN=x,NOVALUE,");
	assert_int_equal(parse(), 0);
	assert_string_equal(kernel.guest_os, "Mini-OS");
	assert_int_equal(kernel.hypercall_page, 0x2000);

	/* its kernels put virtual addresses into the physical field */
	made_begin(&made);
	made_segment(&made, 0x400000, 4096, 4096, 1);
	made.header->e_entry = 0x400000;
	made_legacy(&made, "VIRT_BASE=0x400000");
	assert_int_equal(parse(), 0);
	assert_int_equal(kernel.start, 0);
	assert_int_equal(kernel.virt_base, 0x400000);
}

static void notes_in_sections_count_too(void **state)
{
	static Elf64_Shdr section;

	made_simple(&made, BASE);
	section.sh_type = SHT_NOTE;
	section.sh_offset = made.segments[0].p_offset;
	section.sh_size = made.segments[0].p_filesz;
	made.segments[0].p_type = PT_NULL;
	made.header->e_shoff = made.size;
	made.header->e_shnum = 1;
	memcpy(made.bytes + made.size, &section, sizeof(section));
	made.size += sizeof(section);
	assert_int_equal(parse(), 0);
	assert_int_equal(kernel.virt_base, BASE);
}

static void what_is_no_kernel_is_named(void **state)
{
	static const uint8_t text[] = "#!/bin/sh\n";

	assert_int_equal(parse_bytes(text, sizeof(text)), -ENOEXEC);
	assert_says(why, "is not a kernel");
	assert_int_equal(parse_bytes(text, 0), -ENOEXEC);

	made_begin(&made);
	made_segment(&made, 0, 4096, 4096, 1);
	assert_int_equal(parse(), -ENOEXEC);
	assert_says(why, "is not made for Xen");

	made_begin(&made);
	made_segment(&made, 0, 4096, 4096, 1);
	made_note(&made, XEN_ELFNOTE_PHYS32_ENTRY, &(uint32_t){ 0 }, 4);
	assert_int_equal(parse(), -EOPNOTSUPP);
	assert_says(why, "PVH only");

	made_simple(&made, BASE);
	made.header->e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(parse(), -EOPNOTSUPP);
	assert_says(why, "32-bit PV guests are not supported");
}

static void a_kernel_that_wants_too_much_is_refused(void **state)
{
	made_simple(&made, BASE);
	made_note_string(&made, XEN_ELFNOTE_FEATURES, "a|!time_travel");
	assert_int_equal(parse(), -EOPNOTSUPP);
	assert_says(why, "requires the feature \"time_travel\"");

	made_simple(&made, BASE);
	made_note_string(&made, XEN_ELFNOTE_LOADER, "special");
	assert_int_equal(parse(), -EOPNOTSUPP);
	assert_says(why, "wants the loader \"special\"");

	made_simple(&made, BASE);
	made_note_string(&made, XEN_ELFNOTE_LOADER, "\033[2Jclear\n \302\2332J \303\251");
	assert_int_equal(parse(), -EOPNOTSUPP);
	assert_says(why, "wants the loader \"?[2Jclear? ??2J \303\251\"");

	made_simple(&made, BASE);
	made_note_string(&made, XEN_ELFNOTE_XEN_VERSION, "xen-2.0");
	assert_int_equal(parse(), -EOPNOTSUPP);
	assert_says(why, "\"xen-2.0\"");
}

/* One wrong thing after another in an otherwise right kernel. */
static void broken_files_are_refused(void **state)
{
	Elf64_Phdr *p;

	made_simple(&made, BASE);
	assert_true(parse_bytes(made.bytes, 20) == -ENOEXEC);
	assert_says(why, "truncated in its ELF header");
	assert_true(parse_bytes(made.bytes, 80) == -ENOEXEC);
	assert_says(why, "program headers lie beyond its end");
	assert_true(parse_bytes(made.bytes, made.size - 1) == -ENOEXEC);
	assert_says(why, "a segment of 0x1000 bytes");

	made_simple(&made, BASE);
	made.header->e_phoff = UINT64_MAX - 8;
	assert_true(parse() == -ENOEXEC);
	made_simple(&made, BASE);
	made.header->e_phentsize = 32;
	assert_true(parse() == -ENOEXEC);
	made_simple(&made, BASE);
	made.segments[0].p_filesz = UINT64_MAX;
	assert_true(parse() == -ENOEXEC);
	assert_says(why, "its notes lie beyond its end");

	made_simple(&made, BASE);
	made_segment(&made, 0x1000, 4096, 4096, 1);
	assert_true(parse() == -EINVAL);
	assert_says(why, "two segments that overlap at 0x1000");

	made_simple(&made, BASE);
	made.segments[1].p_filesz = 8193;
	assert_true(parse() < 0);

	made_simple(&made, BASE);
	p = made_segment(&made, UINT64_MAX - 4095, 16, 4096, 1);
	assert_true(parse() == -EINVAL);
	assert_says(why, "which no memory has");
	p->p_paddr = 0x10000;
	p->p_memsz = UINT64_MAX - 0x100;
	assert_true(parse() == -EINVAL);

	made_begin(&made);
	made_note_string(&made, XEN_ELFNOTE_GUEST_OS, "x");
	assert_true(parse() == -ENOEXEC);
	assert_says(why, "has nothing to load");

	made_simple(&made, BASE);
	for (int i = 0; i < 16; i++)
		made_segment(&made, 0x10000 + (uint64_t)i * 4096, 1, 1, 1);
	assert_true(parse() == -EINVAL);
	assert_says(why, "more than 16 loadable segments");
}

static void addresses_outside_the_kernel_are_refused(void **state)
{
	made_simple(&made, BASE);
	made_note_number(&made, XEN_ELFNOTE_ENTRY, BASE + 8192);
	assert_true(parse() == -EINVAL);
	assert_says(why, "entry point");
	made_simple(&made, BASE);
	made_note_number(&made, XEN_ELFNOTE_ENTRY, BASE - 1);
	assert_true(parse() == -EINVAL);
	made_simple(&made, BASE);
	made_note_number(&made, XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 0x10);
	assert_true(parse() == -EINVAL);
	assert_says(why, "HYPERCALL_PAGE");
	made_simple(&made, BASE);
	made_note_number(&made, XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 0x2000);
	assert_true(parse() == -EINVAL);
	made_simple(&made, BASE + 1);
	assert_true(parse() == -EINVAL);
	assert_says(why, "not page-aligned");

	made_begin(&made);
	made_segment(&made, 0, 4096, 4096, 1);
	made_note_number(&made, XEN_ELFNOTE_PADDR_OFFSET, 0);
	assert_true(parse() == -EINVAL);
	assert_says(why, "PADDR_OFFSET note without VIRT_BASE");
}

/* Every byte of headers and notes takes strange values in turn. */
static void no_mutation_reads_outside(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	size_t end;

	made_simple(&made, BASE);
	made_note_string(&made, XEN_ELFNOTE_FEATURES, "!writable_page_tables");
	made_legacy(&made, "VIRT_BASE=0");
	end = (size_t)(made.notes - made.bytes) + 256;
	for (size_t i = 0; i < made.size; i++) {
		uint8_t before = made.bytes[i];

		if (i > end && i < made.size - 512)
			continue;
		for (size_t v = 0; v < sizeof(values); v++) {
			made.bytes[i] = values[v];
			parse();
		}
		made.bytes[i] = before;
	}
	for (size_t size = 0; size < made.size; size += 7)
		parse_bytes(made.bytes, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_simple_kernel_is_read),
		cmocka_unit_test(linux_notes_are_understood),
		cmocka_unit_test(a_kernel_without_virt_base_is_at_zero),
		cmocka_unit_test(paddr_offset_is_taken_off),
		cmocka_unit_test(the_legacy_string_is_understood),
		cmocka_unit_test(notes_in_sections_count_too),
		cmocka_unit_test(what_is_no_kernel_is_named),
		cmocka_unit_test(a_kernel_that_wants_too_much_is_refused),
		cmocka_unit_test(broken_files_are_refused),
		cmocka_unit_test(addresses_outside_the_kernel_are_refused),
		cmocka_unit_test(no_mutation_reads_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
