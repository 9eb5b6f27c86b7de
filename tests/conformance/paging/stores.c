/* SPDX-License-Identifier: MIT */
/* stores.c - instructions that write to a page table that is mapped
 * read-only: performed, or the fault is ours.
 */
#include "paging.h"

static volatile uint64_t *entry;	/* page's own, read-only to us */
static uint64_t flags_after;

#define FLAG_BITS	0x8d5ul

#define store(insn, ...) \
	asm volatile(insn "; pushf; pop %1" : "+m"(*entry), "=r"(flags_after) \
		     : __VA_ARGS__ : "memory", "cc")

static void write_value(void *value)
{
	*entry = *(uint64_t *)value;
}

/* Does storing this value fault? */
static bool faults(uint64_t value)
{
	return traps(write_value, &value);
}

static void set(uint64_t flags)
{
	want(map_at(page, make(page, flags)), 0);
}

#define is(flags)	want(FLAGS_OF(*entry), (long)(flags))

static void movs(void)
{
	uint64_t rw = make(page, RW_KERNEL);

	rule("mov of 8 bytes is an update of the entry");
	want(faults(make(page, PTE_PRESENT)), 0);
	is(RO_KERNEL);
	want(faults(make(page, PTE_PRESENT | PTE_WRITE)), 0);
	is(RW_KERNEL);
	rule("mov of 0 takes the mapping away");
	want(faults(0), 0);
	want(*entry, 0);
	want(faults(rw), 0);
	rule("mov of 1, 2 and 4 bytes changes a part of the entry");
	set(RW_KERNEL);
	store("movb $0x65, %0", "i"(0));
	is(RO_KERNEL | PTE_ACCESSED | PTE_DIRTY);
	store("movw %w2, %0", "r"(rw));
	is(RW_KERNEL);
	store("movl %k2, %0", "r"(rw & ~PTE_WRITE));
	is(RO_KERNEL);
	rule("a store of an entry that is refused is a fault of ours");
	want(faults(PTE_FRAME | PTE_PRESENT), 1);
	want(trapped.vector, 14);
	want(trapped.error & 3, 3);
	want(trapped_cr2, (long)entry);
	want(faults((entry_at(page, 1) & ~0xffful) | PTE_PRESENT | PTE_WRITE), 1);
	is(RO_KERNEL);
}

static void exchanges(void)
{
	uint64_t value = make(page, RW_KERNEL), old = make(page, RO_KERNEL), rax;

	rule("xchg stores and gives the old entry");
	set(RO_KERNEL);
	rax = value;
	asm volatile("xchg %1, %0" : "+m"(*entry), "+r"(rax));
	is(RW_KERNEL);
	want(rax, (long)old);
	rax = 1ul << 9;
	asm volatile("xchg %0, (%1)" : "+r"(rax) : "r"(entry) : "memory");
	want(*entry, 1ul << 9);
	want(rax, (long)value);
	rule("cmpxchg stores if the entry is as expected");
	set(RO_KERNEL);
	rax = old;
	asm volatile("lock cmpxchg %3, %0; pushf; pop %2"
		     : "+m"(*entry), "+a"(rax), "=r"(flags_after) : "r"(value) : "cc");
	is(RW_KERNEL);
	want(flags_after & FLAG_BITS, 0x44);
	rule("cmpxchg gives the entry if it is not as expected");
	rax = 5;
	asm volatile("lock cmpxchg %3, %0; pushf; pop %2"
		     : "+m"(*entry), "+a"(rax), "=r"(flags_after) : "r"(old) : "cc");
	want(rax, (long)value);
	want(flags_after & 0x40, 0);
	is(RW_KERNEL);
	rule("xadd and add add");
	rax = 0x200;
	asm volatile("lock xadd %1, %0" : "+m"(*entry), "+r"(rax) : : "cc");
	want(rax, (long)value);
	is(RW_KERNEL | 0x200);
	store("addq $0x200, %0", "i"(0));
	is(RW_KERNEL | 0x400);
}

static void bits(void)
{
	rule("and, or and xor change bits, with and without lock");
	set(RW_KERNEL);
	store("lock andb $0xfd, %0", "i"(0));
	is(RO_KERNEL);
	want(flags_after & 0xc5, 0x4);
	store("lock orb $2, %0", "i"(0));
	is(RW_KERNEL);
	store("xorl $0x400, %0", "i"(0));
	is(RW_KERNEL | 0x400);
	store("andq %2, %0", "r"(~0x400ul));
	is(RW_KERNEL);
	rule("bts, btr and btc change a bit and tell the old one");
	store("lock btsq $6, %0", "i"(0));
	is(RW_KERNEL | PTE_DIRTY);
	want(flags_after & 1, 0);
	store("lock btrq $6, %0", "i"(0));
	is(RW_KERNEL);
	want(flags_after & 1, 1);
	store("btcq $5, %0", "i"(0));
	is(RW_KERNEL | PTE_ACCESSED);
	want(flags_after & 1, 0);
}

static void write_at(void *where)
{
	*(volatile uint64_t *)where = *(volatile uint64_t *)where;
}

static void *address_of(uint64_t machine)
{
	unsigned long *m2p = (unsigned long *)MACH2PHYS_VIRT_START;

	return (void *)(VIRT_BASE + (m2p[machine >> 12] << 12) + (machine & 4095));
}

static void other_levels(void)
{
	rule("stores to tables above L1 are faults of ours");
	for (int level = 2; level <= 4; level++) {
		void *at = address_of(entry_at(page, level));

		want(traps(write_at, at), 1);
		want(trapped.vector, 14);
		want(trapped_cr2, (long)at);
	}
	rule("stores to the machine-to-physical table are faults of ours");
	want(traps(write_at, (void *)MACH2PHYS_VIRT_START), 1);
	want(trapped_cr2, (long)MACH2PHYS_VIRT_START);
	rule("stores to a read-only page that is no table are faults of ours");
	read_only(spare);
	want(traps(write_at, spare), 1);
	want(trapped.error & 7, 3);
	read_write(spare);
}

void stores(void)
{
	if (!is_first_domain())
		want(call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
	entry = address_of(entry_at(page, 1));
	movs();
	exchanges();
	bits();
	other_levels();
	forms();
	read_write(page);
	if (is_first_domain())
		return;
	rule("without the assist a plain domain's store is a fault of ours");
	want(call(vm_assist, VMASST_CMD_disable, VMASST_TYPE_writable_pagetables), 0);
	want(faults(make(page, RO_KERNEL)), 1);
}
