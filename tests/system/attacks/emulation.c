/* SPDX-License-Identifier: MIT */
/* emulation.c - privileged instructions, model-specific registers, ports, and
 * bytes at random: performed within bounds, or a fault of ours.
 */
#include "attack.h"

SNIPPET(read_msr, "rdmsr; ud2");
SNIPPET(write_msr, "wrmsr; ud2");
SNIPPET(read_port, "in %dx, %al; ud2");
SNIPPET(write_port, "out %al, %dx; ud2");

static PAGE uint8_t code[8192];

static const struct { uint32_t first, last; } ranges[] = {
	{ 0, 0x500 }, { 0x6e0, 0x6e0 }, { 0x770, 0x790 }, { 0x800, 0x840 }, { 0xc80, 0xd90 },
	{ 0x40000000, 0x40000120 }, { 0xc0000080, 0xc0000110 }, { 0xc0010000, 0xc0010120 },
	{ 0xc0011000, 0xc0011040 }, { 0xfffffff0, 0xfffffffe },
};

/* Registers that move what this guest itself runs on. */
static bool own_state(uint32_t msr)
{
	return msr >= 0xc0000100 && msr <= 0xc0000102;
}

static void msrs(void)
{
	static const uint64_t values[] = { 0, ~0ul, 0x800000000000ul, HYPERVISOR_VIRT_START, 1 };
	unsigned long other = 0;

	rule("each model-specific register is read and written, or that is a fault of ours");
	for (unsigned int r = 0; r < COUNT(ranges); r++)
		for (uint32_t msr = ranges[r].first; msr <= ranges[r].last; msr++) {
			struct frame f = kernel_state(read_msr);

			f.rcx = msr;
			run_from(&f);
			other += pushed.entry != 6 && pushed.entry != 13;
			for (unsigned int i = 0; i < COUNT(values) && !own_state(msr); i++) {
				f = kernel_state(write_msr);
				f.rcx = msr;
				f.rax = (uint32_t)values[i];
				f.rdx = values[i] >> 32;
				run_from(&f);
				other += pushed.entry != 6 && pushed.entry != 13;
			}
		}
	want(other, 0);
	rule("bases that are not canonical, or the hypervisor's, are refused or harmless");
	for (unsigned int which = 0; which < 4; which++)
		for (unsigned int i = 0; i < COUNT(values); i++)
			if (which != 3)		/* a selector, in part */
				want(call(set_segment_base, which, values[i]) != 0,
				     values[i] == 0x800000000000ul);
	for (unsigned int which = 0; which < 3; which++)
		want(call(set_segment_base, which, 0), 0);
}

static void ports(void)
{
	unsigned long got = 0;

	rule("no port is this domain's, whatever privilege it asks for");
	for (unsigned int port = 0; port < 0x10000; port += port < 0x100 ? 1 : 97)
		for (unsigned int way = 0; way < 2; way++) {
			struct frame f = kernel_state(way ? write_port : read_port);

			f.rdx = port;
			f.rflags |= RFLAGS_IOPL;
			run_from(&f);
			got += pushed.entry != 13;
		}
	want(got, 0);
}

/* Does an instruction with this byte after its opcode name the stack pointer?
 * The kernel's is needed to hear of what comes. */
static bool names_stack(uint8_t modrm)
{
	return (modrm & 7) == 4 || (modrm >> 3 & 7) == 4;
}

static void system_opcodes(enum mode mode)
{
	unsigned long runs = 0;

	rule_in(mode, "every two-byte opcode with any operand ends in this domain");
	for (unsigned int op = 0; op < 256; op++)
		for (unsigned int modrm = 0; modrm < 256; modrm += 3) {
			struct frame f = state_in(mode, code);

			if (mode == KERNEL && (op == 0x05 || op == 0x34 || op == 0xb2 ||
					       op == 0xcc || names_stack((uint8_t)modrm)))
				continue;	/* calls, and what moves the stack */
			memset(code, 0xcc, 32);
			code[0] = modrm & 1 ? 0x48 : 0x3e;
			code[1] = 0x0f;
			code[2] = (uint8_t)op;
			code[3] = (uint8_t)modrm;
			f.rsp -= 1024;
			f.rdi = f.rsi = f.rbx = (uint64_t)spare;
			f.rax = f.rdx = f.rbp = 0x800000000000ul;
			f.rflags |= RFLAGS_TF;
			run_from(&f);
			runs++;
		}
	want_true(runs > 10000);
}

static void run_one(enum mode mode, const uint8_t *bytes, unsigned int n)
{
	struct frame f = mode == USER ? user_state(code + 64) : kernel_state(code + 64);
	uint64_t *r = &f.r15;

	memset(code + 64, 0xcc, 256);
	memcpy(code + 64, bytes, n);
	for (unsigned int i = 0; i < 13; i++)
		r[i] = random_number() & 1 ? HYPERVISOR_VIRT_START + (random_number() >> 21) :
					     random_number();
	f.rflags |= RFLAGS_TF | (random_number() & 0x40cd5);
	run_from(&f);
}

/* One instruction a round, with every register somewhere in the hypervisor's
 * part, or nowhere. The kernel's leave its stack alone. */
static void random_bytes(void)
{
	static const uint8_t prefixes[] = { 0x66, 0xf0, 0xf2, 0xf3, 0x48, 0x41, 0x2e, 0x64, 0x67 };
	static const uint8_t system[] = {
		0x00, 0x01, 0x06, 0x08, 0x09, 0x20, 0x21, 0x22, 0x23, 0x30, 0x31, 0x32, 0x33,
		0xa2, 0xae, 0xc7, 0xae, 0x01,
	};
	static const uint8_t short_ones[] = {
		0x6c, 0x6d, 0x6e, 0x6f, 0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef, 0xf1,
		0xf4, 0xfa, 0xfb, 0xcd, 0xcf, 0xcc, 0xce,
	};
	uint8_t bytes[16];

	rule("a system instruction at random with registers at random ends in this domain");
	for (unsigned int round = 0; round < 8000; round++) {
		unsigned int n = 0;

		for (unsigned int i = random_number() & 3; i; i--)
			bytes[n++] = prefixes[random_number() % sizeof(prefixes)];
		if (round & 3) {
			bytes[n++] = 0x0f;
			bytes[n++] = system[random_number() % sizeof(system)];
			do
				bytes[n] = (uint8_t)random_number();
			while (names_stack(bytes[n]));
			n++;
		} else {
			bytes[n++] = short_ones[random_number() % sizeof(short_ones)];
		}
		while (n < sizeof(bytes))
			bytes[n++] = (uint8_t)random_number();
		run_one(KERNEL, bytes, sizeof(bytes));
	}
	want_answered();
	rule("an instruction of user mode at random ends in this domain");
	for (unsigned int round = 0; round < 8000; round++) {
		for (unsigned int i = 0; i < sizeof(bytes); i++) {
			bytes[i] = (uint8_t)random_number();
			if ((bytes[i] & 0xc7) == 5)	/* nothing beside the code */
				bytes[i] ^= 2;
			/* QEMU 10.0 moves to segment registers there are not:
			 * to CS, to the task's, and beyond its table */
			if (bytes[i] == 0x8e)
				bytes[i] = 0x8c;
		}
		run_one(USER, bytes, sizeof(bytes));
	}
	want_answered();
}

void attack_emulation(void)
{
	want(user_open(), 0);
	msrs();
	ports();
	system_opcodes(KERNEL);
	system_opcodes(USER);
	random_bytes();
}
