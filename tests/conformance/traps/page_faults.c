/* SPDX-License-Identifier: MIT */
/* page_faults.c - error code and address of each cause. */
#include "traps.h"

#define P	1
#define W	2
#define U	4
#define I	16

SNIPPET(load, "mov (%rdi), %al; ud2")
SNIPPET(load_16, "mov (%rdi), %rax; ud2")
SNIPPET(store, "mov %al, (%rdi); ud2")
SNIPPET(store_8, "mov %rax, (%rdi); ud2")
SNIPPET(add_to, "addb $1, (%rdi); ud2")
SNIPPET(jump, "jmp *%rdi")
SNIPPET(push, "mov %rdi, %rsp; push %rax; ud2")
SNIPPET(string_store, "mov $4, %ecx; rep stosb; ud2")
SNIPPET(x87_load, "fninit; flds (%rdi); ud2")
SNIPPET(prefetch, "prefetcht0 (%rdi); ud2")

static PAGE uint8_t two_pages[2][4096], read_only[4096], no_execute[4096];

static struct frame with_address(enum mode mode, const void *code, const void *address)
{
	struct frame f = state_in(mode, code);

	f.rdi = (uint64_t)address;
	return f;
}

/* What the fault is like: vector 14, this error code (U added by mode). */
static void faults(enum mode mode, const void *code, const void *address, uint64_t error)
{
	struct frame f = with_address(mode, code, address);

	run_from(&f);
	want(pushed.entry, 14);
	want(error_pushed(), true);
	want(trapped.error, (long)(error | (mode == USER ? U : 0)));
	want(trapped_cr2, (long)address);
	want_true(trapped.rflags & RFLAGS_RF);
}

static void works(enum mode mode, const void *code, const void *address)
{
	struct frame f = with_address(mode, code, address);

	run_from(&f);
	want(pushed.entry, 6);
}

struct row {
	const char *rule;
	const char *code;
	const void *address;
	uint64_t error;
};

static void each(enum mode mode)
{
	const struct row rows[] = {
		{ "a load from nowhere: error 0", load, (void *)NOWHERE, 0 },
		{ "a store to nowhere: W", store, (void *)NOWHERE, W },
		{ "REP STOSB is W", string_store, (void *)NOWHERE, W },
		{ "an x87 load is a load", x87_load, (void *)NOWHERE, 0 },
		{ "a jump to nowhere: I", jump, (void *)NOWHERE, I },
		{ "a store to a read-only page: P W", store, read_only, P | W },
		{ "an ADD to a read-only page: P W", add_to, read_only, P | W },
		{ "a jump to a page marked NX: P I", jump, no_execute, P | I },
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rule_in(mode, rows[i].rule);
		faults(mode, rows[i].code, rows[i].address, rows[i].error);
	}
	rule_in(mode, "a jump's fault has RIP where it went, a load's at the load");
	faults(mode, jump, (void *)NOWHERE, I);
	want(trapped.rip, NOWHERE);
	faults(mode, load, (void *)NOWHERE, 0);
	want(trapped.rip, (long)load);
	rule_in(mode, "loads of read-only pages work, and loads of those marked NX");
	works(mode, load, read_only);
	works(mode, load, no_execute);
}

static void across(enum mode mode)
{
	const void *last = two_pages[0] + 4092;
	struct frame f;

	rule_in(mode, "an access across two pages names the second one if that is missing");
	want(call(update_va_mapping, two_pages[1], 0, UVMF_INVLPG), 0);
	f = with_address(mode, load_16, last);
	run_from(&f);
	want(pushed.entry, 14);
	want(trapped.error, mode == USER ? U : 0);
	want(trapped_cr2, (long)two_pages[1]);
	two_pages[0][4095] = 7;
	f = with_address(mode, store_8, last);
	run_from(&f);
	want(pushed.entry, 14);
	want(trapped_cr2, (long)two_pages[1]);
	rule_in(mode, "a store over two pages, the second not there, leaves the first as it was");
	want(two_pages[0][4095], 7);
	map_frame(two_pages[1], virt_to_mfn(two_pages[1]), PTE_PRESENT | PTE_WRITE | PTE_USER);
}

static void isolation(void)
{
	rule_in(KERNEL, "the kernel reaches pages of either half");
	works(KERNEL, load, kernel_only);
	works(KERNEL, store, kernel_only);
	rule_in(USER, "a page that the user half does not map is not there: no P");
	faults(USER, load, kernel_only, 0);
	faults(USER, store, kernel_only, W);
	faults(USER, jump, kernel_only, I);
	rule_in(USER, "a push to a missing page is a store below RSP");
	{
		struct frame f = with_address(USER, push, (void *)(NOWHERE + 8));

		run_from(&f);
		want(pushed.entry, 14);
		want(trapped.error, U | W);
		want(trapped_cr2, NOWHERE);
	}
	rule_in(USER, "a prefetch never faults");
	works(USER, prefetch, (void *)NOWHERE);
	works(USER, prefetch, (void *)HYPERVISOR_VIRT_START);
}

static void hypervisor(enum mode mode)
{
	static const uint64_t addresses[] = {
		MACH2PHYS_VIRT_END, 0xffff820000000000, 0xffff828000000000,
		0xffff82d040000000, 0xffff830000000000, 0xffff87fffffff000,
	};

	rule_in(mode, "the hypervisor's addresses cannot be read, written or run");
	for (unsigned int i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		for (unsigned int way = 0; way < 3; way++) {
			static const char *const ways[] = { load, store, jump };
			static const uint64_t errors[] = { 0, W, I };
			struct frame f = with_address(mode, ways[way], (void *)addresses[i]);

			run_from(&f);
			want(pushed.entry, 14);
			want(trapped_cr2, (long)addresses[i]);
			want(trapped.error & ~(uint64_t)P,
			     errors[way] | (mode == USER ? U : 0));
		}
}

static void cr2(void)
{
	uint64_t v;

	rule("CR2 in vcpu_info and MOV from CR2 are the same");
	faults(USER, load, (void *)NOWHERE, 0);
	asm volatile("mov %%cr2, %0" : "=r"(v));
	want(v, NOWHERE);
	rule("other traps leave CR2 alone");
	enter(USER, "\x0f\x0b");
	want(shared->vcpu_info[0].arch.cr2, NOWHERE);
}

void page_faults(void)
{
	map_frame(read_only, virt_to_mfn(read_only), PTE_PRESENT | PTE_USER);
	map_frame(no_execute, virt_to_mfn(no_execute), 1ul << 63 | PTE_PRESENT | PTE_USER);
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		each(mode);
		across(mode);
		hypervisor(mode);
	}
	isolation();
	cr2();
}
