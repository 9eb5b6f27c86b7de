/* SPDX-License-Identifier: MIT */
/* debug.c - debug and alignment exceptions at every way into the hypervisor:
 * held back by MOV SS, by single steps, by a stack they cannot be pushed on.
 */
#include "attack.h"

static uint16_t stack_selector;

SNIPPET(ss_int3, "mov (%rdi), %ss; int3; ud2");
SNIPPET(ss_int80, "mov (%rdi), %ss; int $0x80; ud2");
SNIPPET(ss_syscall, "mov (%rdi), %ss; syscall; ud2");
SNIPPET(ss_ud2, "mov (%rdi), %ss; ud2");
SNIPPET(ss_icebp, "mov (%rdi), %ss; .byte 0xf1; ud2");
SNIPPET(ss_int4, "mov (%rdi), %ss; int $4; ud2");
SNIPPET(ss_cpuid, "mov (%rdi), %ss; cpuid; ud2");
SNIPPET(plain_syscall, "syscall; nop; ud2");
SNIPPET(plain_int80, "int $0x80; nop; ud2");
SNIPPET(set_trap_flag, "pushf; orl $0x100, (%rsp); popf; syscall; nop; ud2");
SNIPPET(misaligned, "mov 1(%rsp), %rbx; ud2");
SNIPPET(int2, "int $2; ud2");
SNIPPET(int8, "int $8; ud2");
SNIPPET(int18, "int $18; ud2");

static const char *const held_back[] = {
	ss_int3, ss_int80, ss_syscall, ss_ud2, ss_icebp, ss_int4, ss_cpuid,
};

static void after_mov_ss(void)
{
	rule("a breakpoint that MOV SS holds back meets the hypervisor without harm");
	asm volatile("mov %%ss, %0" : "=m"(stack_selector));
	want(call(set_debugreg, 0, &stack_selector), 0);
	/* reads and writes of two bytes, for this task and for all */
	want(call(set_debugreg, 7, 0x703ul | 7ul << 16), 0);
	for (unsigned int round = 0; round < 50; round++)
		for (unsigned int mode = KERNEL; mode <= USER; mode++)
			for (unsigned int i = 0; i < COUNT(held_back); i++) {
				struct frame f = state_in(mode, held_back[i]);

				f.rax = 63;
				f.rdi = (uint64_t)&stack_selector;
				if (round & 1)
					f.rflags |= RFLAGS_TF;
				run_from(&f);
			}
	want(call(set_debugreg, 7, 0), 0);
	want(call(set_debugreg, 0, 0), 0);
}

static void single_steps(void)
{
	static const char *const codes[] = { plain_syscall, plain_int80, set_trap_flag, ss_syscall };

	rule("single steps go into no entry of the hypervisor");
	for (unsigned int mode = KERNEL; mode <= USER; mode++)
		for (unsigned int i = 0; i < COUNT(codes); i++) {
			struct frame f = state_in(mode, codes[i]);

			f.rax = 63;
			f.rdi = (uint64_t)&stack_selector;
			f.rflags |= RFLAGS_TF;
			run_from(&f);
			want_true(trapped.rip < HYPERVISOR_VIRT_START ||
				  trapped.rip >= HYPERVISOR_VIRT_END);
		}
	rule("no bit set in the debug status beforehand matters to the hypervisor");
	for (unsigned int bit = 0; bit < 32; bit++) {
		struct frame f = kernel_state(plain_syscall);

		call(set_debugreg, 6, 1ul << bit);
		f.rax = 63;
		f.rflags |= RFLAGS_TF;
		run_from(&f);
	}
	want(call(set_debugreg, 6, 0), 0);
}

static void alignment(void)
{
	rule("an alignment check does not enter the hypervisor, wherever the stack is");
	for (unsigned int mode = KERNEL; mode <= USER; mode++)
		for (unsigned int offset = 0; offset < 16; offset++) {
			struct frame f = state_in(mode, misaligned);

			f.rflags |= RFLAGS_AC;
			f.rsp -= 64 + offset;
			run_from(&f);
			want_true(pushed.entry == 17 || pushed.entry == 6);
		}
}

static void not_for_software(void)
{
	static const char *const codes[] = { int2, int8, int18 };

	rule("NMI, double fault and machine check are raised by no instruction");
	for (unsigned int mode = KERNEL; mode <= USER; mode++)
		for (unsigned int i = 0; i < COUNT(codes); i++) {
			struct frame f = state_in(mode, codes[i]);

			run_from(&f);
			want(pushed.entry, 13);
		}
}

void attack_debug(void)
{
	want(user_open(), 0);
	after_mov_ss();
	single_steps();
	alignment();
	not_for_software();
}
