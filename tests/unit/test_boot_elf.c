/* SPDX-License-Identifier: MIT */
/* test_boot_elf.c - kernels that lie about themselves are refused by name.
 */
/* link: hypervisor/base/string.c */
#include "boot/boot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define BASE	0xffffffff80000000UL

/* An ELF64 image: header, two segments, a note segment, and its bytes. */
static struct {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	struct {
		uint32_t type, flags;
		uint64_t offset, vaddr, paddr, filesz, memsz, align;
	} segment[3];
	struct {
		uint32_t namesz, descsz, type;
		char name[4];
		uint64_t value;
	} PACKED note[3];
	char text[16];
} image;

static char memory[4 * PAGE_SIZE];
static unsigned pages_asked;

enum { TEXT, BSS, NOTES };

static int setup(void **state)
{
	memset(&image, 0, sizeof(image));
	memcpy(image.ident, "\177ELF\2", 5);
	image.machine = 62;
	image.entry = BASE + PAGE_SIZE;
	image.phoff = offsetof(__typeof__(image), segment);
	image.phentsize = sizeof(image.segment[0]);
	image.phnum = 3;
	for (unsigned i = 0; i < 2; i++)
		image.segment[i].type = 1;
	image.segment[TEXT].paddr = PAGE_SIZE;
	image.segment[TEXT].offset = offsetof(__typeof__(image), text);
	image.segment[TEXT].filesz = image.segment[TEXT].memsz = sizeof(image.text);
	image.segment[BSS].paddr = 2 * PAGE_SIZE;
	image.segment[BSS].memsz = 100;
	image.segment[NOTES].type = 4;
	image.segment[NOTES].offset = offsetof(__typeof__(image), note);
	image.segment[NOTES].filesz = sizeof(image.note);
	for (unsigned i = 0; i < 3; i++) {
		image.note[i].namesz = 4;
		image.note[i].descsz = 8;
		memcpy(image.note[i].name, "Xen", 4);
	}
	image.note[0].type = XEN_ELFNOTE_VIRT_BASE;
	image.note[0].value = BASE;
	image.note[1].type = XEN_ELFNOTE_HYPERCALL_PAGE;
	image.note[1].value = BASE + PAGE_SIZE;
	image.note[2].type = XEN_ELFNOTE_PADDR_OFFSET;
	strcpy(image.text, "kernel text");
	memset(memory, 0xaa, sizeof(memory));
	pages_asked = 0;
	return 0;
}

static struct kernel_image parsed(void)
{
	struct kernel_image k;

	elf_parse(&k, &image, sizeof(image));
	return k;
}

static void *at(uint64_t va)
{
	assert_in_range(va, BASE, BASE + sizeof(memory) - PAGE_SIZE);
	pages_asked++;
	return memory + (va - BASE);
}

static void a_good_image_is_loaded(void **state)
{
	struct kernel_image k = parsed();

	assert_null(k.error);
	assert_int_equal(k.kstart, BASE + PAGE_SIZE);
	assert_int_equal(k.kend, BASE + 3 * PAGE_SIZE);
	assert_int_equal(k.entry, BASE + PAGE_SIZE);
	elf_load(&k, at);
	assert_string_equal(memory + PAGE_SIZE, "kernel text");
	assert_int_equal(memory[2 * PAGE_SIZE + 99], 0);
	assert_int_equal((uint8_t)memory[2 * PAGE_SIZE + 100], 0xaa);
}

/* Rule: addresses below the base would be loaded in front of the domain. */
static void nothing_lies_below_the_base(void **state)
{
	image.note[0].value = BASE;
	image.note[2].value = 2 * PAGE_SIZE;
	assert_string_equal(parsed().error, "a segment lies below VIRT_BASE");
}

/* Rule: the page is filled by its address: it must be the kernel's. */
static void the_hypercall_page_is_in_a_segment(void **state)
{
	static const uint64_t bad[] = {
		0, BASE, BASE + 3 * PAGE_SIZE, ~0UL, BASE - PAGE_SIZE,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		image.note[1].value = bad[i];
		assert_string_equal(parsed().error, "its hypercall page is in no segment");
	}
}

/* Rule: a segment of no bytes is no segment, whatever else it says. */
static void an_empty_segment_is_not_loaded(void **state)
{
	struct kernel_image k;

	image.segment[BSS].memsz = 0;
	image.segment[BSS].filesz = 1UL << 40;
	image.segment[BSS].paddr = ~0UL << 30;
	k = parsed();
	assert_null(k.error);
	elf_load(&k, at);
	assert_int_equal(pages_asked, 1);
}

static void segments_lie_in_the_file(void **state)
{
	image.segment[TEXT].filesz = image.segment[TEXT].memsz = sizeof(image);
	assert_string_equal(parsed().error, "a segment lies outside the file");
	setup(NULL);
	image.segment[TEXT].filesz = image.segment[TEXT].memsz + 1;
	assert_string_equal(parsed().error, "a segment lies outside the file");
	setup(NULL);
	image.segment[BSS].memsz = ~0UL - PAGE_SIZE;
	assert_string_equal(parsed().error, "a segment lies outside the file");
	setup(NULL);
	image.phnum = 60000;
	assert_string_equal(parsed().error, "its program headers lie outside the file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_good_image_is_loaded, setup),
		cmocka_unit_test_setup(nothing_lies_below_the_base, setup),
		cmocka_unit_test_setup(the_hypercall_page_is_in_a_segment, setup),
		cmocka_unit_test_setup(an_empty_segment_is_not_loaded, setup),
		cmocka_unit_test_setup(segments_lie_in_the_file, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
