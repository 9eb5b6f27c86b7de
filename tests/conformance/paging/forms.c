/* SPDX-License-Identifier: MIT */
/* forms.c - every form of instruction that stores to a page table for us,
 * one rule each, and forms whose fault is ours.
 *
 * A form is a function of the entry's address (rdi) and a value (rsi, and its
 * parts). Not here: what it stores being refused (stores.c).
 */
#include "paging.h"

#define AVAIL	(1ul << 9)
#define X	RW_KERNEL

/* name, instruction, flags before, the value, flags after. A value with
 * WHOLE is an entry with the page's frame. */
#define WHOLE	(1ul << 51)
#define FORMS(form) \
	form(mov_8, "mov %rsi, (%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(mov_4, "mov %esi, (%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(mov_2, "mov %si, (%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(mov_1, "mov %sil, (%rdi)", X, 0x65, RO_KERNEL | 0x60) \
	form(mov_1_high, "mov %si, %ax; mov %ah, (%rdi)", X, 0x6500, RO_KERNEL | 0x60) \
	form(mov_1_second, "shr $8, %rsi; mov %sil, 1(%rdi)", X, WHOLE | X | AVAIL, X | AVAIL) \
	form(mov_2_last, "shr $48, %rsi; mov %si, 6(%rdi)", X, WHOLE | X | 1ul << 60, X | 1ul << 60) \
	form(mov_4_last, "shr $32, %rsi; mov %esi, 4(%rdi)", X, WHOLE | X | 1ul << 58, X | 1ul << 58) \
	form(mov_i8, "movq $0, (%rdi)", 0x700, 0, 0) \
	form(mov_i8_sign, "movq $-2, (%rdi)", 0, 0, ~1ul & ~PTE_FRAME) \
	form(mov_i4, "movl $0x60, 4(%rdi)", 0, 0, 0) \
	form(mov_i2, "movw $0x700, (%rdi)", 0, 0, 0x700) \
	form(mov_i1, "movb $0x65, (%rdi)", X, 0, RO_KERNEL | 0x60) \
	form(xchg_8, "xchg %rsi, (%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(xchg_8_back, "xchg %rsi, (%rdi); xchg %rsi, (%rdi)", X, WHOLE | RO_KERNEL, X) \
	form(xchg_8_r9_r10, "mov %rsi, %r9; mov %rdi, %r10; xchg %r9, (%r10)", \
	     X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(xchg_8_r12, "xchg %rdi, %r12; xchg %rsi, (%r12); mov %rdi, %r12", \
	     X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(xchg_8_r13, "xchg %rdi, %r13; xchg %rsi, (%r13); mov %rdi, %r13", \
	     X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(xchg_4, "xchg %esi, (%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(xchg_1, "xchg %sil, (%rdi)", X, 0x65, RO_KERNEL | 0x60) \
	form(xadd_8, "xadd %rsi, (%rdi)", X, AVAIL, X | AVAIL) \
	form(xadd_4, "lock xadd %esi, (%rdi)", X, AVAIL, X | AVAIL) \
	form(xadd_1, "xadd %sil, (%rdi)", X, 0x60, X | 0x60) \
	form(cmpxchg_8, "mov (%rdi), %rax; lock cmpxchg %rsi, (%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(cmpxchg_4, "mov (%rdi), %eax; cmpxchg %esi, (%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(cmpxchg_2, "mov (%rdi), %ax; lock cmpxchg %si, (%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(cmpxchg_1, "mov (%rdi), %al; lock cmpxchg %sil, (%rdi)", X, 0x65, RO_KERNEL | 0x60) \
	form(add_8, "add %rsi, (%rdi)", X, AVAIL, X | AVAIL) \
	form(add_1, "lock add %sil, (%rdi)", X, 0x60, X | 0x60) \
	form(add_i8, "addq $0x200, (%rdi)", X, 0, X | AVAIL) \
	form(add_i1, "addb $0x60, (%rdi)", X, 0, X | 0x60) \
	form(or_8, "or %rsi, (%rdi)", RO_KERNEL, 2, X) \
	form(or_4, "lock or %esi, (%rdi)", RO_KERNEL, 2, X) \
	form(or_i8, "orq $2, (%rdi)", RO_KERNEL, 0, X) \
	form(or_i2, "orw $0x200, (%rdi)", X, 0, X | AVAIL) \
	form(and_8, "and %rsi, (%rdi)", X, ~2ul, RO_KERNEL) \
	form(and_2, "and %si, (%rdi)", X, ~2ul, RO_KERNEL) \
	form(and_i8, "lock andq $-3, (%rdi)", X, 0, RO_KERNEL) \
	form(and_i4, "andl $-3, (%rdi)", X, 0, RO_KERNEL) \
	form(xor_8, "xor %rsi, (%rdi)", X, 2, RO_KERNEL) \
	form(xor_i1, "lock xorb $2, (%rdi)", X, 0, RO_KERNEL) \
	form(bts_8, "mov $9, %eax; bts %rax, (%rdi)", X, 0, X | AVAIL) \
	form(bts_beyond, "mov $-55, %rax; lock bts %rax, 8(%rdi)", X, 0, X | AVAIL) \
	form(bts_i8, "lock btsq $62, (%rdi)", X, 0, X | 1ul << 62) \
	form(bts_i4, "btsl $9, (%rdi)", X, 0, X | AVAIL) \
	form(btr_8, "mov $1, %eax; lock btr %rax, (%rdi)", X, 0, RO_KERNEL) \
	form(btr_i8, "btrq $1, (%rdi)", X, 0, RO_KERNEL) \
	form(btr_i2, "lock btrw $1, (%rdi)", X, 0, RO_KERNEL) \
	form(btc_8, "mov $1, %eax; btc %rax, (%rdi)", X, 0, RO_KERNEL) \
	form(btc_i8, "lock btcq $1, (%rdi)", X, 0, RO_KERNEL) \
	form(index, "lea -800(%rdi), %rcx; mov $100, %eax; mov %rsi, (%rcx,%rax,8)", \
	     X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(extended, "mov %rdi, %r8; mov %rsi, %r9; mov %r9, 0x40(%r8,%r11)", \
	     X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(displaced, "sub $0x1000, %rdi; mov %rsi, 0x1000(%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL) \
	form(segment, "mov %rsi, %ds:(%rdi)", X, WHOLE | RO_KERNEL, RO_KERNEL)

#define CODE(name, insn, ...) \
	asm(".text\nform_" #name ": mov $-0x40, %r11\n" insn "\nret\n"); \
	void form_##name(uint64_t *entry, uint64_t value);
FORMS(CODE)

/* Forms for which upstream has its whole emulator. */
#define RARE(form) \
	form(sub, "sub %rsi, (%rdi)", X | AVAIL, AVAIL, X) \
	form(inc, "incb 1(%rdi)", X, 0, X | PTE_GLOBAL) \
	form(dec, "lock decb 1(%rdi)", X | AVAIL, 0, X | PTE_GLOBAL) \
	form(not, "notb 7(%rdi)", X, 0, X | 0xfful << 56) \
	form(neg, "negq (%rdi)", 0, 0, 0) \
	form(adc, "clc; adc %rsi, (%rdi)", X, AVAIL, X | AVAIL) \
	form(shl, "shlq $1, (%rdi)", 0x200, 0, 0x400) \
	form(stos, "mov %rsi, %rax; stosq", X, WHOLE | RO_KERNEL, RO_KERNEL)
RARE(CODE)

struct form {
	const char *sentence;
	void (*run)(uint64_t *entry, uint64_t value);
	uint64_t before, value, after;
};
#define ROW(name, insn, before, value, after) \
	{ "a store is done for us: " insn, form_##name, before, value, after },
static const struct form forms_done[] = { FORMS(ROW) }, rare[] = { RARE(ROW) };
#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

/* Stores that are not one aligned piece of one entry. */
#define FAULTS(form) \
	form(odd_8, "mov %rsi, 4(%rdi)") \
	form(odd_4, "mov %esi, 2(%rdi)") \
	form(odd_2, "mov %si, 1(%rdi)") \
	form(odd_xchg, "xchg %rsi, 1(%rdi)") \
	form(odd_add, "add %esi, 3(%rdi)") \
	form(beyond, "mov %rsi, 0xffc(%rdi)") \
	form(wide, "movups %xmm0, (%rdi)")

#define CODE_FAULT(name, insn) \
	asm(".text\nfault_" #name ": and $-16, %rdi\n" insn "\nret\n"); \
	void fault_##name(void *entry);
FAULTS(CODE_FAULT)

static const struct {
	const char *sentence;
	void (*run)(void *entry);
} forms_refused[] = {
#define ROW_FAULT(name, insn) { "a store is a fault of ours: " insn, fault_##name },
	FAULTS(ROW_FAULT)
};

/* Of the entry that maps page, as this domain sees it. */
static uint64_t *own_view(const volatile void *va)
{
	uint64_t machine = entry_at(va, 1);
	unsigned long *m2p = (unsigned long *)MACH2PHYS_VIRT_START;

	return (uint64_t *)(VIRT_BASE + (m2p[machine >> 12] << 12) + (machine & 4095));
}

static void perform(const struct form *f)
{
	uint64_t *entry = own_view(page), value = f->value;

	want(update(entry_at(page, 1), f->before & PTE_PRESENT ? make(page, f->before) : f->before),
	     0);
	if (value & WHOLE)
		value = make(page, value & ~WHOLE);
	f->run(entry, value);
	want(FLAGS_OF(*(volatile uint64_t *)entry), (long)f->after);
}

static void perform_this(void *f)
{
	perform(f);
}

static void refused(void)
{
	uint64_t *entry = (uint64_t *)((uint64_t)own_view(page) & ~15ul), before[4];

	for (unsigned int i = 0; i < COUNT(forms_refused); i++) {
		memcpy(before, entry, sizeof(before));
		rule(forms_refused[i].sentence);
		want(traps(forms_refused[i].run, entry), 1);
		want(trapped.vector, 14);
		want_true(!memcmp(before, entry, sizeof(before)));
	}
}

void forms(void)
{
	for (unsigned int i = 0; i < COUNT(forms_done); i++) {
		rule(forms_done[i].sentence);
		perform(&forms_done[i]);
	}
	rule("stores of rarer instructions are done as well: sub to stos");
	for (unsigned int i = 0; i < COUNT(rare); i++)
		want_true(!traps(perform_this, (void *)&rare[i]));
	want(read_write(page), 0);
	refused();
}
