/* SPDX-License-Identifier: MIT */
/* exceptions.c - which instruction raises what, where RIP is, and which push
 * an error code.
 */
#include "traps.h"

SNIPPET(divide, "xor %ecx, %ecx; div %ecx")
SNIPPET(divide_overflow, "mov $1, %edx; mov $1, %ecx; div %ecx")
SNIPPET(divide_negative, "mov $1, %rax; ror $1, %rax; cqo; mov $-1, %rcx; idiv %rcx")
SNIPPET(icebp, ".byte 0xf1; ud2")
SNIPPET(int3, "int3; ud2")
SNIPPET(int_3, ".byte 0xcd, 3; ud2")
SNIPPET(int_4, "int $4; ud2")
SNIPPET(undefined, "ud2")
SNIPPET(undefined_1, ".byte 0x0f, 0xb9, 0xc0")
SNIPPET(push_es, ".byte 0x06")
SNIPPET(bound, ".byte 0x62, 0x01")
SNIPPET(lock_nop, ".byte 0xf0, 0x90")
SNIPPET(lock_register, ".byte 0xf0, 0x01, 0xc0")
SNIPPET(far_call, ".byte 0x9a, 0, 0, 0, 0, 0, 0")
SNIPPET(x87, "fninit; ud2")
SNIPPET(sse, "pxor %xmm0, %xmm0; ud2")
SNIPPET(halt, "hlt")
SNIPPET(clear_if, "cli")
SNIPPET(read_cr0, "mov %cr0, %rax; ud2")
SNIPPET(read_msr, "mov $0xc0000080, %ecx; rdmsr; ud2")
SNIPPET(read_dr7, "mov %db7, %rax; ud2")
SNIPPET(in_byte, "mov $0x80, %dx; in %dx, %al; ud2")
SNIPPET(iret_now, "iretq")
SNIPPET(load_ds, "mov $0x1008, %ax; mov %ax, %ds; ud2")
SNIPPET(load_ldt_segment, "mov $0x0f, %ax; mov %ax, %es; ud2")
SNIPPET(load_null_ss, "xor %eax, %eax; mov %ax, %ss; ud2")
SNIPPET(load_wild, "mov $1, %rax; ror $2, %rax; mov (%rax), %eax; ud2")
SNIPPET(store_wild, "mov $1, %rax; ror $2, %rax; mov %eax, (%rax); ud2")
SNIPPET(jump_wild, "mov $1, %rax; ror $2, %rax; jmp *%rax")
SNIPPET(far_jump, "pushq $0x1008; pushq $0; lretq")
SNIPPET(non_canonical_stack, "mov $1, %rsp; ror $2, %rsp; pop %rax; ud2")

struct row {
	const char *rule;
	const char *code;
	uint8_t at;			/* RIP, after the start of the code */
	uint8_t vector, user_vector;	/* in kernel mode, in user mode */
	long error;
};

#define SAME(v)	v, v
#define EMULATED(v)	6, v		/* done for the kernel, then UD2 */

static const struct row rows[] = {
	{ "division by zero is #DE at the division", divide, 2, SAME(0), NO_ERROR },
	{ "a quotient too large is #DE", divide_overflow, 10, SAME(0), NO_ERROR },
	{ "the lowest number by -1 is #DE", divide_negative, 19, SAME(0), NO_ERROR },
	{ "INT1 is #DB after it", icebp, 1, SAME(1), NO_ERROR },
	{ "INT3 is #BP after it", int3, 1, SAME(3), NO_ERROR },
	{ "INT 3 in two bytes is #BP after it", int_3, 2, SAME(3), NO_ERROR },
	{ "INT 4 is #OF after it", int_4, 2, SAME(4), NO_ERROR },
	{ "UD2 is #UD at it", undefined, 0, SAME(6), NO_ERROR },
	{ "UD1 is #UD", undefined_1, 0, SAME(6), NO_ERROR },
	{ "PUSH ES is #UD", push_es, 0, SAME(6), NO_ERROR },
	{ "BOUND is #UD", bound, 0, SAME(6), NO_ERROR },
	{ "LOCK NOP is #UD", lock_nop, 0, SAME(6), NO_ERROR },
	{ "LOCK with a register is #UD", lock_register, 0, SAME(6), NO_ERROR },
	{ "a far call of 32-bit form is #UD", far_call, 0, SAME(6), NO_ERROR },
	{ "HLT is #GP(0) at it", halt, 0, SAME(13), 0 },
	{ "CLI without IOPL is #GP(0)", clear_if, 0, SAME(13), 0 },
	{ "a port without IOPL is #GP(0)", in_byte, 4, SAME(13), 0 },
	{ "a selector beyond the GDT is #GP with it", load_ds, 4, SAME(13), 0x1008 },
	{ "a selector of no LDT is #GP with it", load_ldt_segment, 4, SAME(13), 0xc },
	{ "a null stack segment is #GP(0)", load_null_ss, 2, SAME(13), 0 },
	{ "a far return to a selector beyond the GDT is #GP with it", far_jump, 7, SAME(13), 0x1008 },
	{ "a load from a non-canonical address is #GP(0)", load_wild, 11, SAME(13), 0 },
	{ "a store to a non-canonical address is #GP(0)", store_wild, 11, SAME(13), 0 },
	{ "MOV from CR0 is the kernel's: #GP(0) for a user", read_cr0, 0, EMULATED(13), 0 },
	{ "RDMSR is the kernel's: #GP(0) for a user", read_msr, 5, EMULATED(13), 0 },
	{ "MOV from DR7 is the kernel's: #GP(0) for a user", read_dr7, 0, EMULATED(13), 0 },
};

static void check(const struct row *row, enum mode mode)
{
	int vector = mode == USER ? row->user_vector : row->vector;

	rule_in(mode, row->rule);
	want(enter(mode, row->code), vector);
	if (vector != row->user_vector)
		return;			/* not refused in this mode */
	want(error_pushed(), row->error != NO_ERROR);
	if (row->error != NO_ERROR)
		want(trapped.error, row->error);
	want(trapped.rip - (uint64_t)row->code, row->at);
	/* A fault has RIP at the instruction, and is to go on without #DB there. */
	if (vector != 1 && vector != 3 && vector != 4)
		want_true(trapped.rflags & RFLAGS_RF);
}

static void task_switched(enum mode mode)
{
	rule_in(mode, "x87 and SSE after fpu_taskswitch(1) are #NM at them, once");
	call(fpu_taskswitch, 1);
	want(enter(mode, x87), 7);
	want(trapped.rip, (long)x87);
	want(error_pushed(), false);
	want(enter(mode, x87), 6);
	call(fpu_taskswitch, 1);
	want(enter(mode, sse), 7);
	want(trapped.rip, (long)sse);
	want(enter(mode, sse), 6);
}

static void far_away(enum mode mode)
{
	rule_in(mode, "a jump to a non-canonical address is #GP(0), a pop from one too or #SS(0)");
	want(enter(mode, jump_wild), 13);
	want(trapped.error, 0);
	if (mode == USER) {
		want_true(enter(mode, non_canonical_stack) == 13 || pushed.entry == 12);
		want(error_pushed(), true);
		want(trapped.error, 0);
	}
}

SNIPPET(x87_error, "fninit; pushq $0x37b; fldcw (%rsp); fld1; fldz; fdivrp; nop; fwait; ud2")
SNIPPET(sse_error, "pushq $0x1d80; ldmxcsr (%rsp); mov $1, %eax; cvtsi2ss %eax, %xmm0;"
	"pxor %xmm1, %xmm1; divss %xmm1, %xmm0; ud2")
SNIPPET(misaligned, "mov 1(%rsp), %eax; ud2")
SNIPPET(movaps, "movaps 8(%rsp), %xmm0; ud2")
SNIPPET(clean, "fnclex; pushq $0x1f80; ldmxcsr (%rsp); ud2")

static void rarer(enum mode mode)
{
	struct frame f;

	rule_in(mode, "an x87 error that is not masked is #MF at the next x87 instruction");
	want(enter(mode, x87_error), 16);
	want(error_pushed(), false);
	want(*(uint8_t *)trapped.rip, 0x9b);
	enter(mode, clean);
	rule_in(mode, "an SSE error that is not masked is #XM at it");
	if (enter(mode, sse_error) == 6) {
		skip("this processor does not raise it");
	} else {
		want(pushed.entry, 19);
		want(error_pushed(), false);
	}
	enter(mode, clean);
	rule_in(mode, "with AC set an unaligned access is #AC(0)");
	f = state_in(mode, misaligned);
	f.rsp -= 64;
	f.rflags |= RFLAGS_AC;
	run_from(&f);
	if (pushed.entry == 6) {
		skip("this processor does not check alignment");
	} else {
		want(pushed.entry, 17);
		want(error_pushed(), true);
		want(trapped.error, 0);
	}
	rule_in(mode, "an unaligned MOVAPS is #GP(0)");
	f = state_in(mode, movaps);
	f.rsp -= 64;
	run_from(&f);
	if (pushed.entry == 6) {
		skip("this processor does not check alignment");
	} else {
		want(pushed.entry, 13);
		want(trapped.error, 0);
	}
}

void exceptions(void)
{
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(&rows[i], KERNEL);
		check(&rows[i], USER);
	}
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		task_switched(mode);
		far_away(mode);
		rarer(mode);
	}
}
