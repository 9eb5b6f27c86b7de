/* SPDX-License-Identifier: MIT */
/* returns.c - ways into the hypervisor and out of it: whatever state is asked
 * for, what runs afterwards is a guest in ring 3 with interrupts on.
 */
#include "attack.h"

#define EDGE	0x7ffffffff000ul	/* the last page of the lower half */

SNIPPET(port_read, "in $0x80, %al; ud2");
SNIPPET(nothing, "ud2");
SNIPPET(int80, "int $0x80; ud2");
SNIPPET(null_call, "mov $63, %eax; syscall; pushf; pop %rbx; ud2");

static PAGE uint8_t edge[4096];

/* No guest has more rights than these flags give, in either mode. */
static void flags(void)
{
	rule("no flag that is asked for gives ports, or takes interrupts away");
	for (unsigned int mode = KERNEL; mode <= USER; mode++)
		for (unsigned int bit = 0; bit < 128; bit++) {
			struct frame f = state_in(mode, port_read);

			/* the upper half by SYSRET's way */
			f.iret_flags = bit & 64 ? VGCF_in_syscall : 0;
			f.rflags |= 1ul << (bit & 63);
			if (f.rflags & RFLAGS_IOPL)
				f.rflags |= RFLAGS_IOPL;
			f.r11 = f.rflags;
			if (f.rflags & RFLAGS_TF)
				continue;
			run_from(&f);
			want_true(pushed.entry == 13 || pushed.entry == ENTRY_FAILSAFE);
			want(trapped.rflags & (RFLAGS_NT | RFLAGS_VM), trapped.rflags &
			     f.rflags & RFLAGS_NT);
		}
	rule("flags of a caller do not reach into the hypervisor, nor out of it");
	for (unsigned int bit = 0; bit < 22; bit++) {
		struct frame f = kernel_state(null_call);

		f.rflags |= 1ul << bit;
		if (1ul << bit == RFLAGS_TF)
			continue;
		run_from(&f);
		want_true(pushed.entry == 6 || pushed.entry == 1);
		want(trapped.rax, -XEN_ENOSYS);
		want(trapped.rbx & RFLAGS_VM, 0);
	}
}

static const uint64_t places[] = {
	0x800000000000ul, 0xffff7ffffffffffful, 0x7fffffffffffffff, 1ul << 63, ~0ul,
	HYPERVISOR_VIRT_START, 0xffff82d080200000ul, 0xffff830000000000ul,
	HYPERVISOR_VIRT_END - 16, 0,
};

static void addresses(void)
{
	rule("to return to any address or stack is a fault of ours, wherever it is");
	for (unsigned int mode = KERNEL; mode <= USER; mode++)
		for (unsigned int i = 0; i < COUNT(places); i++)
			for (unsigned int in_syscall = 0; in_syscall < 2; in_syscall++) {
				struct frame f = state_in(mode, nothing);

				f.iret_flags = in_syscall ? VGCF_in_syscall : 0;
				f.rip = places[i];
				run_from(&f);
				want_true(pushed.entry != ENTRY_SYSCALL);
				want_true(trapped.rip != (uint64_t)nothing);
				f = state_in(USER, nothing);
				f.iret_flags = in_syscall ? VGCF_in_syscall : 0;
				f.rsp = places[i];
				run_from(&f);
			}
	rule("no segment that is returned to is the hypervisor's");
	for (unsigned int s = 0; s < 0x10000; s += s < 0xe000 ? 0x7ff : 1) {
		struct frame f = user_state(nothing);

		f.cs = s;
		run_from(&f);
		want_true(trapped.cs == FLAT_USER_CS || trapped.cs % 4 == 3 || trapped.cs % 4 == 0);
		f = user_state(nothing);
		f.ss = s;
		run_from(&f);
	}
}

/* SYSCALL whose next instruction would not be canonical. */
static void last_instruction(void)
{
	rule("a call from the last instruction of the lower half is a fault of ours");
	map_low(EDGE, edge, BOTH_HALVES);
	edge[4094] = 0x0f;
	edge[4095] = 0x05;
	for (unsigned int mode = KERNEL; mode <= USER; mode++) {
		struct frame f = state_in(mode, (void *)(EDGE + 4094));

		f.rax = 63;
		f.rsp = (uint64_t)edge + 2048;
		run_from(&f);
		if (mode == USER)
			continue;	/* its kernel was entered, and is not the hypervisor */
		want_true(pushed.entry == 13 || pushed.entry == 14 || pushed.entry == 12 ||
			  pushed.entry == ENTRY_FAILSAFE);
		want(trapped.rip, (long)(EDGE + 4096));
	}
	rule("nor is there a way around by iret with SYSRET's shape");
	for (unsigned int mode = KERNEL; mode <= USER; mode++) {
		struct frame f = state_in(mode, (void *)(EDGE + 4096));

		f.iret_flags = VGCF_in_syscall;
		f.r11 = f.rflags;
		f.rcx = f.rip;
		run_from(&f);
		want(trapped.rip, (long)(EDGE + 4096));
	}
}

static void gates(void)
{
	static struct trap_info empty[1];

	rule("software interrupts enter gates of ours only, if there are any");
	want(call(set_trap_table, 0), 0);
	reset_gates();
	for (unsigned int round = 0; round < 2; round++) {
		if (round) {
			set_gate(0x80, 0, NULL);
			want(call(set_trap_table, empty), 0);
		}
		for (unsigned int mode = KERNEL; mode <= USER; mode++) {
			struct frame f = state_in(mode, int80);

			run_from(&f);
			want_true(pushed.entry == 13 || pushed.entry == 0x80);
		}
		reset_gates();
	}
}

/* The iret of a list changes the mode: what follows in it must not run. */
static void listed(void)
{
	struct multicall_entry calls[3] = {
		{ .op = __HYPERVISOR_xen_version },
		{ .op = __HYPERVISOR_multicall, .args = { (uint64_t)calls, 3 } },
		{ .op = __HYPERVISOR_xen_version },
	};

	rule("a list in a list is refused");
	want(call(multicall, calls, 3), 0);
	want_true((long)calls[1].result < 0);
	want_true((long)calls[2].result > 0);
}

void attack_returns(void)
{
	want(user_open(), 0);
	flags();
	addresses();
	last_instruction();
	gates();
	listed();
}
