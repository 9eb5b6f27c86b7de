/* SPDX-License-Identifier: MIT */
/* test_debug.c - names from a kernel's file, and walks of a guest's page tables:
 * both are a guest's to write.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "debug/debug.h"
#include "debug/symbols.h"
#include "debug/view.h"
#include "fake_elf.h"

#define CODE 0xffffffff80100000ULL

/* --- symbols ------------------------------------------------------------------- */

static struct made file;
static Elf64_Shdr *sections;
static Elf64_Sym *table;
static char *names;

static void *append(size_t size)
{
	void *at = file.bytes + file.size;

	file.size += size;
	assert_true(file.size <= MADE_BYTES);
	return at;
}

/* One executable page, three symbols, and their sections. */
static void make_file(void)
{
	static const char words[] = "\0label\0function\0late";
	Elf64_Phdr *code;

	made_begin(&file);
	code = made_segment(&file, CODE, 4096, 4096, 0x90);
	code->p_vaddr = CODE;
	code->p_flags = PF_R | PF_X;
	file.size = (file.size + 15) & ~15UL;
	table = append(3 * sizeof(*table));
	names = append(sizeof(words));
	memcpy(names, words, sizeof(words));
	table[0] = (Elf64_Sym){ 7, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1,
				CODE, 0 };
	table[1] = (Elf64_Sym){ 1, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, 1,
				CODE, 0 };
	table[2] = (Elf64_Sym){ 16, ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 0, 1,
				CODE + 0x800, 0 };
	file.size = (file.size + 15) & ~15UL;
	sections = append(3 * sizeof(*sections));
	memset(sections, 0, 3 * sizeof(*sections));
	sections[1].sh_type = SHT_SYMTAB;
	sections[1].sh_link = 2;
	sections[1].sh_offset = (uint64_t)((uint8_t *)table - file.bytes);
	sections[1].sh_size = 3 * sizeof(*table);
	sections[2].sh_type = SHT_STRTAB;
	sections[2].sh_offset = (uint64_t)((uint8_t *)names - file.bytes);
	sections[2].sh_size = sizeof(words);
	file.header->e_shoff = (uint64_t)((uint8_t *)sections - file.bytes);
	file.header->e_shentsize = sizeof(*sections);
	file.header->e_shnum = 3;
}

static int load(struct symbols *s)
{
	char path[] = "/tmp/test_debug.XXXXXX";
	struct reason why = { 0 };
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, file.bytes, file.size), file.size);
	close(fd);
	rc = symbols_load(s, path, &why);
	unlink(path);
	return rc;
}

static void test_the_function_that_holds_an_address(void **state)
{
	struct symbols s;

	(void)state;
	make_file();
	assert_int_equal(load(&s), 0);
	assert_int_equal(s.count, 3);
	assert_string_equal(symbols_find(&s, CODE)->name, "function");
	assert_string_equal(symbols_find(&s, CODE + 0x7ff)->name, "function");
	assert_string_equal(symbols_find(&s, CODE + 0x800)->name, "late");
	assert_null(symbols_find(&s, CODE - 1));
	assert_null(symbols_find(&s, CODE + 4096));
	symbols_free(&s);
}

/* It would be shown on a terminal. */
static void test_a_name_that_is_no_text_is_left_out(void **state)
{
	struct symbols s;

	(void)state;
	make_file();
	names[16] = '\033';
	assert_int_equal(load(&s), 0);
	assert_int_equal(s.count, 2);
	assert_string_equal(symbols_find(&s, CODE + 0x800)->name, "function");
	symbols_free(&s);
}

/* Each is read as far as it makes sense: names are a help, no more. */
static void test_tables_that_lie_are_left_out(void **state)
{
	struct symbols s;

	(void)state;
	for (int lie = 0; lie < 6; lie++) {
		make_file();
		switch (lie) {
		case 0:
			table[2].st_name = 0x7fffffff;
			break;
		case 1:
			sections[1].sh_link = 77;
			break;
		case 2:
			sections[2].sh_size--;
			break;
		case 3:
			sections[1].sh_offset = ~0ULL - 8;
			break;
		case 4:
			sections[1].sh_size = ~0ULL;
			break;
		case 5:
			table[2].st_value = ~0ULL;
			break;
		}
		assert_int_equal(load(&s), 0);
		assert_int_equal(s.count, lie == 0 || lie == 5 ? 2 : 0);
		symbols_free(&s);
	}
}

static void test_a_file_that_is_no_kernel(void **state)
{
	struct symbols s;

	(void)state;
	make_file();
	file.bytes[0] = 'x';
	assert_int_equal(load(&s), -ENOEXEC);
	assert_null(symbols_find(&s, CODE));
}

/* --- view ---------------------------------------------------------------------- */

#define FRAMES 80
#define PRESENT 1ULL

static uint64_t memory[FRAMES][512] __attribute__((aligned(4096)));
static int mapped;
static unsigned int times_mapped;

void *ctl_foreign_map_read_only(struct ctl *c, domid_t id, const uint64_t *mfns,
				size_t count, int *errors)
{
	(void)c;
	(void)errors;
	assert_int_equal(id, 5);
	/* several at once cannot be shown next to each other here */
	if (count != 1 || mfns[0] >= FRAMES)
		return NULL;
	mapped++;
	times_mapped++;
	return memory[mfns[0]];
}

void ctl_foreign_unmap(struct ctl *c, void *address, size_t count)
{
	(void)c;
	(void)count;
	mapped -= address != NULL;
}

int ctl_physinfo(struct ctl *c, struct xen_sysctl_physinfo *info)
{
	(void)c;
	*info = (struct xen_sysctl_physinfo){ .max_mfn = FRAMES - 1 };
	return 0;
}

static uint64_t entry(uint64_t frame)
{
	return frame << 12 | PRESENT;
}

/* 1 -> 2 -> 3 -> 4 -> frames 5 and 6 at 0xffffffff80000000. */
static struct view make_view(void)
{
	struct view v;

	memset(memory, 0, sizeof(memory));
	memory[1][511] = entry(2);
	memory[2][510] = entry(3);
	memory[3][0] = entry(4);
	memory[4][0] = entry(5);
	memory[4][1] = entry(6);
	memory[5][511] = 0x1122334455667788;
	memory[6][0] = 0x99;
	view_open(&v, NULL, 5, 1 << 12);
	return v;
}

static void test_reading_across_pages_and_off_the_end(void **state)
{
	struct view v = make_view();
	uint64_t words[3];
	uint8_t bytes[8192];

	(void)state;
	assert_int_equal(view_read(&v, 0xffffffff80000ff8, words, 16), 16);
	assert_int_equal(words[0], 0x1122334455667788);
	assert_int_equal(words[1], 0x99);
	assert_int_equal(view_read(&v, 0xffffffff80001ff8, words, 24), 8);
	assert_int_equal(view_read(&v, 0xffffffff80000000, bytes, 8192), 8192);
	assert_int_equal(view_read(&v, 0x1000, words, 8), 0);
	view_close(&v);
	assert_int_equal(mapped, 0);
}

/* Loops, frames that are not the guest's, large pages, slots that are ours. */
static void test_tables_a_hostile_guest_may_have(void **state)
{
	struct view v = make_view();
	struct view_page *pages;
	uint64_t word;
	size_t count;

	(void)state;
	memory[1][256] = entry(2);
	memory[1][300] = entry(1000);
	memory[2][0] = entry(3) | 0x80;
	assert_int_equal(view_pages(&v, 1 << 20, &pages, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(pages[1].virt, 0xffffffff80001000);
	assert_int_equal(pages[1].mfn, 6);
	free(pages);
	memory[1][1] = entry(1);
	assert_int_equal(view_pages(&v, 1 << 20, &pages, &count), 0);
	assert_true(count > 2);
	for (size_t i = 0; i < count; i++)
		assert_false(pages[i].virt >> 47 == 0x1ff00);
	free(pages);
	assert_int_equal(view_pages(&v, count - 1, &pages, &count), -E2BIG);
	assert_int_equal(view_read(&v, 300ULL << 39 | 0xffffULL << 48, &word, 8), 0);
	view_close(&v);
	view_open(&v, NULL, 5, 1000 << 12);
	assert_int_equal(view_pages(&v, 9, &pages, &count), -EIO);
	view_close(&v);
	assert_int_equal(mapped, 0);
}

/* Three tables show themselves to be 262,144: that has an end, and what they
 * hold is there, though not in every place. */
static void test_tables_in_many_places_are_walked_in_some(void **state)
{
	struct view v = make_view();
	struct view_page *pages;
	size_t count;

	(void)state;
	for (int i = 0; i < 512; i++) {
		memory[2][i] = entry(3);
		memory[3][i] = entry(4);
	}
	assert_int_equal(view_pages(&v, 16, &pages, &count), 0);
	assert_int_equal(count, 4 * 2);
	assert_int_equal(pages[0].virt, 511ULL << 39 | 0xffffULL << 48);
	assert_int_equal(pages[7].mfn, 6);
	free(pages);
	assert_int_equal(view_pages(&v, 7, &pages, &count), -E2BIG);
	view_close(&v);
	assert_int_equal(mapped, 0);
}

/* Two tables that the cache cannot hold at once take turns in all entries. */
static void test_a_table_is_not_mapped_to_see_that_it_was_walked(void **state)
{
	struct view v = make_view();
	struct view_page *pages;
	size_t count;

	(void)state;
	memory[4 + VIEW_CACHE][0] = entry(5);
	for (int i = 0; i < 512; i++)
		memory[3][i] = entry(i % 2 ? 4 : 4 + VIEW_CACHE);
	times_mapped = 0;
	assert_int_equal(view_pages(&v, 16, &pages, &count), 0);
	assert_int_equal(count, 4 * 3);
	assert_int_equal(times_mapped, 3 + 4 * 2);
	free(pages);
	view_close(&v);
	assert_int_equal(mapped, 0);
}

/* --- core ---------------------------------------------------------------------- */

static uint64_t pages_owned = FRAMES;

int ctl_domain_info(struct ctl *c, domid_t id,
		    struct xen_domctl_getdomaininfo *info)
{
	(void)c;
	memset(info, 0, sizeof(*info));
	info->domain = id;
	info->tot_pages = pages_owned;
	return 0;
}

int ctl_domain_context(struct ctl *c, domid_t id, uint32_t vcpu,
		       struct vcpu_guest_context *context)
{
	(void)c;
	(void)id;
	(void)vcpu;
	memset(context, 0, sizeof(*context));
	context->ctrlreg[3] = 1 << 12;
	return 0;
}

/* Every second page of 128 MiB, by 64 tables in four places each. */
static void test_more_pieces_than_a_core_can_list(void **state)
{
	struct view v = make_view();
	struct reason why = { 0 };

	(void)state;
	view_close(&v);
	for (int i = 0; i < 256; i++)
		memory[3][i] = entry(8 + i / 4);
	for (int i = 8; i < 8 + 64; i++)
		for (int page = 0; page < 512; page += 2)
			memory[i][page] = entry(5);
	pages_owned = 65536;
	assert_int_equal(debug_dump_core(NULL, 5, "g", NULL, &why), -E2BIG);
	assert_non_null(strstr(why.text, "more pieces than the 65533"));
	pages_owned = FRAMES;
	assert_int_equal(mapped, 0);
}

static void test_a_core_that_is_stopped(void **state)
{
	struct view v = make_view();
	struct reason why = { 0 };
	FILE *out = tmpfile();
	long whole;

	(void)state;
	view_close(&v);
	assert_int_equal(debug_dump_core(NULL, 5, "g", out, &why), 0);
	whole = ftell(out);
	assert_true(whole > 2 * 4096);
	debug_stop();
	rewind(out);
	assert_int_equal(debug_dump_core(NULL, 5, "g", out, &why), -EINTR);
	assert_int_equal(ftell(out), 0);
	assert_int_equal(mapped, 0);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_function_that_holds_an_address),
		cmocka_unit_test(test_a_name_that_is_no_text_is_left_out),
		cmocka_unit_test(test_tables_that_lie_are_left_out),
		cmocka_unit_test(test_a_file_that_is_no_kernel),
		cmocka_unit_test(test_reading_across_pages_and_off_the_end),
		cmocka_unit_test(test_tables_a_hostile_guest_may_have),
		cmocka_unit_test(test_tables_in_many_places_are_walked_in_some),
		cmocka_unit_test(test_a_table_is_not_mapped_to_see_that_it_was_walked),
		cmocka_unit_test(test_more_pieces_than_a_core_can_list),
		cmocka_unit_test(test_a_core_that_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
