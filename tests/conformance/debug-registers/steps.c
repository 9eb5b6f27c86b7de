/* SPDX-License-Identifier: MIT */
/* steps.c - TF: one #DB an instruction, whoever does it. */
#include "debug.h"

SNIPPET(three, "nop; nop; nop; ud2")
SNIPPET(by_popf, "pushfq; orq $0x100, (%rsp); popfq; nop; nop; ud2")
SNIPPET(off_by_popf, "pushfq; andq $~0x100, (%rsp); popfq; nop; ud2")
SNIPPET(string, "mov $3, %ecx; mov %rsp, %rdi; sub $64, %rdi; rep stosb; ud2")
SNIPPET(breakpoint, "int3; ud2")
SNIPPET(undefined, "ud2")
SNIPPET(read_cr0, "mov %cr0, %rax; nop; ud2")
SNIPPET(write_cr2, "mov %rax, %cr2; nop; ud2")
SNIPPET(forced_cpuid, ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2; nop; ud2")
SNIPPET(hypercall, "syscall; nop; ud2")
SNIPPET(entry_mov, "mov %rax, (%rdi); nop; ud2")
SNIPPET(entry_xchg, "xchg %rax, (%rdi); nop; ud2")
SNIPPET(entry_or, "lock orq $64, (%rdi); nop; ud2")
SNIPPET(entry_cmpxchg, "lock cmpxchg %rcx, (%rdi); nop; ud2")
SNIPPET(read_ss, "mov %ss, %eax; mov %eax, %ss; nop; nop; ud2")

#define MOST	32
static unsigned int count;
static uint64_t at[MOST], dr6_at[MOST];

static bool note(struct frame *f)
{
	if (f->vector != TRAP_DB || count == MOST)
		return false;
	dr6_at[count] = (uint64_t)get_debugreg(6) & 0x400f;
	at[count++] = f->rip;
	return true;
}

/* The number of steps until the code ends, by another vector. */
static unsigned int steps_from(struct frame *f)
{
	count = 0;
	set_debugreg(6, 0);
	trap_hook = note;
	run_from(f);
	trap_hook = NULL;
	return count;
}

static unsigned int steps_of(enum mode mode, const char *code, uint64_t flags)
{
	struct frame f = state_in(mode, code);

	f.rflags |= flags;
	f.rax = 17;				/* xen_version */
	f.rdi = 0;
	return steps_from(&f);
}

static void plain(enum mode mode)
{
	rule_in(mode, "with TF set every instruction is #DB after it");
	want(steps_of(mode, three, RFLAGS_TF), 3);
	for (unsigned int i = 0; i < 3; i++)
		want(at[i], (long)three + 1 + i);
	want(pushed.entry, 6);
	rule_in(mode, "DR6 says that it was a step");
	want(get_debugreg(6) & 0x400f, DR6_STEP);
	rule_in(mode, "without TF there is none");
	want(steps_of(mode, three, 0), 0);
	rule_in(mode, "TF set by POPF is for the instruction after it");
	want(steps_of(mode, by_popf, 0), 2);
	want(at[0], (long)by_popf + 11);
	rule_in(mode, "TF cleared by POPF is #DB after the POPF, the last");
	want(steps_of(mode, off_by_popf, RFLAGS_TF), 3);
	want(pushed.entry, 6);
	want(trapped.rflags & RFLAGS_TF, 0);
	rule_in(mode, "REP is a step for each turn");
	steps_of(mode, string, RFLAGS_TF);
	want_true(count == 6 || count == 7);	/* some stop at its end once more */
	rule_in(mode, "INT3 and faults are themselves, TF stays in their frames");
	want(steps_of(mode, breakpoint, RFLAGS_TF), 0);
	want(pushed.entry, 3);
	want(trapped.rflags & RFLAGS_TF, RFLAGS_TF);
	want(steps_of(mode, undefined, RFLAGS_TF), 0);
	want(pushed.entry, 6);
	want(trapped.rflags & RFLAGS_TF, RFLAGS_TF);
}

static void done_by_others(void)
{
	rule("a step over a hypercall is #DB after it");
	want(steps_of(KERNEL, hypercall, RFLAGS_TF), 2);
	want(at[0], (long)hypercall + 2);
	want(trapped.rax, 4 << 16 | 17);
	rule("a step over an instruction that is done for the kernel is #DB after it");
	want(steps_of(KERNEL, read_cr0, RFLAGS_TF), 2);
	want(at[0], (long)read_cr0 + 3);
	want(get_debugreg(6) & 0x400f, DR6_STEP);
	want(steps_of(KERNEL, write_cr2, RFLAGS_TF), 2);
	want(at[0], (long)write_cr2 + 3);
	rule("a step over CPUID with the prefix is #DB after it");
	want(steps_of(KERNEL, forced_cpuid, RFLAGS_TF), 2);
	want(at[0], (long)forced_cpuid + 7);
	want(steps_of(USER, forced_cpuid, RFLAGS_TF), 2);
	want(at[0], (long)forced_cpuid + 7);
	rule("a step over MOV to SS ends after the next instruction, or not");
	steps_of(KERNEL, read_ss, RFLAGS_TF);
	want(pushed.entry, 6);
	want_true(count == 3 || count == 4);
	disarm();
}

static PAGE uint64_t table[512];		/* an L1, which we map read-only */
static PAGE char page[4096];

/* To store `value` in the table by one of the four. */
static struct frame to_table(const char *code, uint64_t value)
{
	struct frame f = state_in(KERNEL, code);

	f.rdi = (uint64_t)&table[7];
	f.rax = code == entry_cmpxchg ? table[7] : value;
	f.rcx = value;
	return f;
}

/* Where the steps of a store that ends at `end` are. DR6 says no more than that it
 * was one; on Xen not even that, unlike after other instructions that it does. */
static void step_over(const char *code, const char *end, uint64_t value)
{
	struct frame f = to_table(code, value);

	f.rflags |= RFLAGS_TF;
	want(steps_from(&f), 2);
	want(at[0], (long)end);
	want_true(dr6_at[0] == DR6_STEP || !dr6_at[0]);
	want(at[1], (long)end + 1);
	want(dr6_at[1], DR6_STEP);
	want(pushed.entry, 6);
}

static void into_table(void)
{
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE };
	uint64_t entry = virt_to_mfn(page) << 12 | PTE_PRESENT | PTE_USER;
	struct frame f;

	rule("a step over a store to a page table is #DB after it, once");
	want(call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
	want(map_frame(table, virt_to_mfn(table), PTE_PRESENT), 0);
	pin.arg1.mfn = virt_to_mfn(table);
	want(call(mmuext_op, &pin, 1, 0, DOMID_SELF), 0);
	step_over(entry_mov, entry_mov + 3, entry);
	step_over(entry_or, entry_or + 5, 0);
	want(table[7] & 0x65, 0x45);
	step_over(entry_mov, entry_mov + 3, 0);
	want(table[7], 0);
	step_over(entry_xchg, entry_xchg + 3, entry);
	want(trapped.rax, 0);
	step_over(entry_xchg, entry_xchg + 3, 0);
	step_over(entry_cmpxchg, entry_cmpxchg + 5, entry);
	step_over(entry_cmpxchg, entry_cmpxchg + 5, 0);
	want(table[7], 0);
	rule("a store to a page table that is refused is no step");
	f = to_table(entry_mov, PTE_PRESENT | 0xffffffffff000);
	f.rflags |= RFLAGS_TF;
	want(steps_from(&f), 0);
	want(pushed.entry, 14);
	want(trapped.rip, (long)entry_mov);
	want(trapped.rflags & RFLAGS_TF, RFLAGS_TF);
	rule("a store to a page table does not hit a watch of the entry");
	set_debugreg(0, (long)&table[7]);
	want(set_debugreg(7, ARM(0, WRITE, EIGHT)), 0);
	f = to_table(entry_mov, entry);
	want(steps_from(&f), 0);
	want(pushed.entry, 6);
	want(table[7] >> 12, virt_to_mfn(page));
	want(get_debugreg(6), DR6_CLEAR);
	disarm();
	rule("a breakpoint on the instruction after a store to a page table is heeded");
	set_debugreg(7, ARM(0, EXECUTE, ONE));
	set_debugreg(0, (long)entry_mov + 3);
	f = to_table(entry_mov, 0);
	run_to_breakpoint(&f);
	want(pushed.entry, TRAP_DB);
	want(trapped.rip, (long)entry_mov + 3);
	set_debugreg(0, (long)entry_or + 5);
	f = to_table(entry_or, 0);
	run_to_breakpoint(&f);
	want(pushed.entry, TRAP_DB);
	want(trapped.rip, (long)entry_or + 5);
	disarm();
}

void steps(void)
{
	plain(KERNEL);
	plain(USER);
	done_by_others();
	into_table();
}
