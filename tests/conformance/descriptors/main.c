/* SPDX-License-Identifier: MIT */
/* descriptors - update_descriptor, set_gdt and the LDT: which descriptors a
 * guest may have, and when the processor sees them.
 */
#include "lib.h"

const char suite_name[] = "descriptors";

#define GDT_ENTRIES	512
#define CODE64		0x00af9a000000fffful	/* ring 0: will be raised */
#define CODE64_R3	0x00affa000000fffful
#define DATA		0x00cf92000000fffful
#define DATA_R3		0x00cff2000000fffful
#define DATA_R3_USED	0x00cff3000000fffful	/* accessed */

static uint64_t gdt[GDT_ENTRIES] PAGE, ldt[2][GDT_ENTRIES] PAGE, plain[GDT_ENTRIES] PAGE;

static long map_as(const void *va, unsigned long flags)
{
	return call(update_va_mapping, va, virt_to_mfn(va) << 12 | flags, UVMF_INVLPG);
}

#define read_only(va)	map_as(va, PTE_PRESENT)
#define read_write(va)	map_as(va, PTE_PRESENT | PTE_WRITE)

static uint64_t machine(const volatile void *p)
{
	return virt_to_mfn(p) << 12 | ((uint64_t)p & 4095);
}

/* Writes one into a plain page: what it became, or the error. */
static long becomes(uint64_t desc)
{
	long rc;

	plain[1] = 0xdead;
	rc = call(update_descriptor, machine(&plain[1]), desc);
	if (rc)
		want(*(volatile uint64_t *)&plain[1], 0xdead);
	return rc ? rc : (long)*(volatile uint64_t *)&plain[1];
}

static void segments(void)
{
	rule("a segment gets privilege 3, whatever it said");
	want(becomes(CODE64), CODE64_R3);
	want(becomes(CODE64_R3), CODE64_R3);
	want(becomes(DATA), DATA_R3);
	want(becomes(DATA_R3), DATA_R3);
	want(becomes(0x00af98000000ffff), 0x00aff8000000ffff);
	want(becomes(0x00af9e000000ffff), 0x00affe000000ffff);
	want(becomes(0x00409a000000ffff), 0x0040fa000000ffff);
	want(becomes(0x00ef9a000000ffff), 0x00effa000000ffff);
	rule("what is not present may say anything");
	want(becomes(0), 0);
	want(becomes(0x00000e0000000000), 0x00000e0000000000);
	want(becomes(0x00cf12000000ffff), 0x00cf12000000ffff);
	rule("type 0 is harmless");
	want(becomes(0x0000800000000000), 0x0000800000000000);
	want(becomes(0x0000e00000000000), 0x0000e00000000000);
	rule("task segments are refused");
	want(becomes(0x0000890000000067), -XEN_EINVAL);
	want(becomes(0x00008b0000000067), -XEN_EINVAL);
	want(becomes(0x0000810000000067), -XEN_EINVAL);
	rule("LDT descriptors are refused");
	want(becomes(0x0000820000000000), -XEN_EINVAL);
	rule("interrupt, trap and task gates are refused");
	want(becomes(0x00008e0000000000), -XEN_EINVAL);
	want(becomes(0x00008f0000000000), -XEN_EINVAL);
	want(becomes(0x0000850000000000), -XEN_EINVAL);
	want(becomes(0x0000840000000000), -XEN_EINVAL);
}

static void gates(void)
{
	rule("a call gate loses its privilege, and its target gets 3");
	want(becomes(0x0000ec0000080000), 0x00008c00000b0000);
	want(becomes(0x00008c0000080000), 0x00008c00000b0000);
	want(becomes(0x0000cc0000090000), 0x00008c00000b0000);
	rule("a call gate may lead to no segment, to the LDT, to the flat code");
	want(becomes(0x0000ec0000000000), 0x00008c0000030000);
	want(becomes(0x0000ec00000f0000), 0x00008c00000f0000);
	want(becomes(0x0000ec00ffff0000), 0x00008c00ffff0000);
	want(becomes(0x0000ec00e0330000), 0x00008c00e0330000);
	rule("a call gate leads to no other segment of the hypervisor's");
	want(becomes(0x0000ec00e0080000), -XEN_EINVAL);
	want(becomes(0x0000ec00e0230000), -XEN_EINVAL);
	want(becomes(0x0000ec00e02b0000), -XEN_EINVAL);
	want(becomes(0x0000ec00e0300000), -XEN_EINVAL);
	want(becomes(0x0000ec00f0030000), -XEN_EINVAL);
	rule("a call gate copies no parameters");
	want(becomes(0x0000ec01e0330000), -XEN_EINVAL);
	want(becomes(0x0000ec20e0330000), -XEN_EINVAL);
}

static void places(void)
{
	rule("update_descriptor is aligned, in a frame of one's own");
	want(call(update_descriptor, machine(plain) + 4, 0), -XEN_EINVAL);
	want(call(update_descriptor, 1ul << 50, 0), -XEN_EINVAL);
	rule("update_descriptor does not write to page tables");
	want(call(update_descriptor, machine((void *)start_info->pt_base), 0), -XEN_EINVAL);
}

static void load_ds(void *selector)
{
	asm volatile("mov %w0, %%ds" : : "r"(selector));
}

/* Can this selector be loaded? */
static bool loads(unsigned long selector)
{
	bool ok = !traps(load_ds, (void *)selector);

	asm volatile("mov %w0, %%ds" : : "r"(0));
	return ok;
}

static unsigned int access_rights(unsigned int selector)
{
	unsigned int rights = 0;

	asm("lar %1, %0" : "+r"(rights) : "r"(selector) : "cc");
	return rights;
}

static void gdt_arguments(void)
{
	uint64_t frames[16];

	for (unsigned int i = 0; i < 16; i++)
		frames[i] = virt_to_mfn(gdt);
	rule("set_gdt takes at most 7168 entries");
	want(call(set_gdt, frames, 7169), -XEN_EINVAL);
	want(call(set_gdt, 0x1000, 7169), -XEN_EINVAL);
	rule("a list that cannot be read is EFAULT, unless it is empty");
	want(call(set_gdt, 0x1000, 512), -XEN_EFAULT);
	want(call(set_gdt, 0x1000, 0), 0);
	rule("a page that is mapped writable is no GDT");
	want(call(set_gdt, frames, 512), -XEN_EINVAL);
	rule("a page with a descriptor that is refused is no GDT, wherever that is");
	gdt[9] = 0x00008e0000000000;
	read_only(gdt);
	want(call(set_gdt, frames, 512), -XEN_EINVAL);
	want(call(set_gdt, frames, 5), -XEN_EINVAL);
	read_write(gdt);
	gdt[9] = 0;
	rule("frames of none, and page tables, are no GDT");
	frames[0] = 1ul << 40;
	want(call(set_gdt, frames, 1), -XEN_EINVAL);
	frames[0] = virt_to_mfn((void *)start_info->pt_base);
	want(call(set_gdt, frames, 1), -XEN_EINVAL);
}

static void gdt_in_use(void)
{
	uint64_t frames[14];

	for (unsigned int i = 0; i < 14; i++)
		frames[i] = virt_to_mfn(gdt);
	gdt[1] = DATA_R3_USED;
	gdt[3] = DATA;
	read_only(gdt);
	rule("set_gdt raises privilege in place");
	want(call(set_gdt, frames, 512), 0);
	want(*(volatile uint64_t *)&gdt[3], DATA_R3);
	rule("segments of the GDT can be loaded");
	want_true(loads(1 << 3 | 3));
	want_true(loads(3 << 3 | 3));
	rule("the processor marks a segment as used");
	want(*(volatile uint64_t *)&gdt[3], DATA_R3_USED);
	rule("an empty entry is #GP with its selector");
	want_true(!loads(4 << 3 | 3));
	want(trapped.vector, 13);
	want(trapped.error, 4 << 3);
	rule("entries beyond the pages given are empty");
	want(call(set_gdt, frames, 5), 0);
	want_true(!loads(0x1000 | 1 << 3 | 3));
	want(trapped.vector, 13);
	want(trapped.error, 0x1008);
	rule("all fourteen pages are there when they were given");
	want(call(set_gdt, frames, 7168), 0);
	want_true(loads(0xd000 | 1 << 3 | 3));
	rule("the flat segments are always there");
	want_true(loads(FLAT_RING3_DS32));
	want(access_rights(FLAT_RING3_CS64), 0xa0fb00);
	want(access_rights(FLAT_RING3_DS32), 0xc0f300);
	want(access_rights(FLAT_RING3_CS32), 0xc0fb00);
	rule("the hypervisor's own segments cannot be loaded");
	for (unsigned long s = 0xe003; s < 0xf000; s += 8)
		if (s != FLAT_RING3_CS32 && s != FLAT_RING3_DS32 && s != FLAT_RING3_CS64)
			want_true(!loads(s));
	want_true(!loads(0xf003));
	rule("a GDT cannot be mapped writable, nor written as memory");
	want(read_write(gdt), -XEN_EBUSY);
	{
		struct mmu_update u = { machine(&gdt[1]), 0 };

		want(call(mmu_update, &u, 1, 0, DOMID_SELF), -XEN_EINVAL);
	}
	rule("update_descriptor changes a GDT in use");
	want(call(update_descriptor, machine(&gdt[1]), 0), 0);
	want_true(!loads(1 << 3 | 3));
	want(call(update_descriptor, machine(&gdt[1]), DATA), 0);
	want_true(loads(1 << 3 | 3));
	rule("a GDT given up can be written again");
	want(call(set_gdt, 0, 0), 0);
	want(read_write(gdt), 0);
	want_true(!loads(1 << 3 | 3));
}

static long set_ldt(const void *base, unsigned int entries)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT };

	op.arg1.linear_addr = (unsigned long)base;
	op.arg2.nr_ents = entries;
	return call(mmuext_op, &op, 1, 0, DOMID_SELF);
}

static void ldt_in_use(void)
{
	ldt[0][1] = ldt[1][1] = DATA_R3_USED;
	read_only(ldt[0]);
	read_only(ldt[1]);
	rule("segments of both pages of an LDT can be loaded");
	want(set_ldt(ldt, 1024), 0);
	want_true(loads(1 << 3 | 7));
	want_true(loads(0x1000 | 1 << 3 | 7));
	rule("an empty entry of the LDT is #GP with its selector");
	want_true(!loads(2 << 3 | 7));
	want(trapped.vector, 13);
	want(trapped.error, 2 << 3 | 4);
	rule("an entry beyond the LDT's end is #GP");
	want_true(!loads(0x2000 | 1 << 3 | 7));
	want(trapped.vector, 13);
	rule("an LDT page in use cannot be mapped writable");
	want(read_write(ldt[0]), -XEN_EBUSY);
	rule("update_descriptor changes an LDT in use");
	want(call(update_descriptor, machine(&ldt[1][1]), 0), 0);
	want_true(!loads(0x1000 | 1 << 3 | 7));
	rule("without an LDT its selectors are #GP");
	want(set_ldt(0, 0), 0);
	want_true(!loads(1 << 3 | 7));
	want(trapped.vector, 13);
	rule("an LDT given up can be written again");
	want(read_write(ldt[0]), 0);
	want(read_write(ldt[1]), 0);
	rule("a page of the LDT that is not mapped is a page fault at its address");
	want(set_ldt((void *)0x5000, 512), 0);
	want_true(!loads(1 << 3 | 7));
	want(trapped.vector, 14);
	want(trapped_cr2, 0x5008);
	rule("a page of the LDT with a refused descriptor is a page fault too");
	ldt[1][9] = 0x00008e0000000000;
	read_only(ldt[1]);
	want(set_ldt(ldt[1], 512), 0);
	want_true(!loads(1 << 3 | 7));
	want(trapped.vector, 14);
	want(trapped_cr2, (long)&ldt[1][1]);
	rule("a page of the LDT that is mapped writable is a page fault too");
	want(set_ldt(ldt[0], 512), 0);
	want_true(!loads(1 << 3 | 7));
	want(trapped.vector, 14);
	want(set_ldt(0, 0), 0);
	read_write(ldt[1]);
}

void suite_main(void)
{
	segments();
	gates();
	places();
	gdt_arguments();
	gdt_in_use();
	ldt_in_use();
}
