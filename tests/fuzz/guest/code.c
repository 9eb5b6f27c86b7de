/* SPDX-License-Identifier: MIT */
/* code.c - instructions that fault, in both modes, with any registers.
 *
 * The bytes are entered by the iret call, which also lets events in; mostly
 * with the trap flag, so that one instruction runs. Otherwise a timer ends
 * what does not end by itself. In kernel mode whatever comes next is pushed
 * where the code left its stack, so there it is one of the known forms.
 */
#include <public/vcpu.h>

#include "fuzz.h"

#define TF		0x100ul
#define CODE_BYTES	64

uint8_t code[CPUS][4096] __attribute__((aligned(4096)));
static uint8_t low_stack[CPUS][4096] __attribute__((aligned(4096)));

/* Instructions that the hypervisor looks at; random bytes follow. The last of
 * them change the stack or where it is. */
#define STACK_FORMS	10
static const uint8_t forms[][4] = {
	{ 0x0f, 0x20 }, { 0x0f, 0x21 }, { 0x0f, 0x22 }, { 0x0f, 0x23 },
	{ 0x0f, 0x30 }, { 0x0f, 0x32 }, { 0x0f, 0xa2 }, { 0x0f, 0x01 },
	{ 0x0f, 0x00 }, { 0x0f, 0x06 }, { 0x0f, 0x08 }, { 0x0f, 0x09 },
	{ 0x0f, 0x0b }, { 0x0f, 0x01, 0xd0 }, { 0x0f, 0x01, 0xd1 },
	{ 0x0f, 0x01, 0xf8 }, { 0x0f, 0x01, 0xf9 }, { 0x0f, 0x31 },
	{ 0x0f, 0x33 }, { 0x0f, 0x34 }, { 0x0f, 0x35 }, { 0x0f, 0x05 },
	{ 0x0f, 0x07 }, { 0x0f, 0xc7 }, { 0x0f, 0xae }, { 0xe4 }, { 0xe5 },
	{ 0xe6 }, { 0xe7 }, { 0xec }, { 0xed }, { 0xee }, { 0xef }, { 0x6c },
	{ 0x6d }, { 0x6e }, { 0x6f }, { 0xf3, 0x6e }, { 0xf3, 0x6d },
	{ 0xfa }, { 0xfb }, { 0xf4 }, { 0xcd }, { 0xcc }, { 0xf1 },
	{ 0x8e, 0xd8 }, { 0x8e, 0xc0 }, { 0x8e, 0xe0 }, { 0x8e, 0xe8 },
	{ 0x8e, 0xd0 }, { 0x66, 0x0f, 0x01, 0xca }, { 0xff, 0x28 },
	{ 0xf3, 0x0f, 0xae }, { 0xd9, 0xee }, { 0x0f, 0x77 },
	{ 0x0f, 0x58, 0xc1 }, { 0xc5, 0xfc, 0x58, 0xc1 }, { 0xc7, 0x00 },
	{ 0x0f, 0x02 }, { 0x0f, 0x03 },
	{ 0xcb }, { 0xca }, { 0x48, 0xcb },
	{ 0xff, 0x18 }, { 0x9d }, { 0x0f, 0xb2 }, { 0x48, 0x89 }, { 0x63 },
	{ 0x5c }, { 0xc9 },
};
#define FORMS	(sizeof(forms) / sizeof(forms[0]))
static const uint64_t selectors[] = {
	0, 3, 7, 0xb, 0xf, 0x13, 0x17, 0x1f, 0x27, 0x1ff, 0xe008, 0xe010,
	0xe019, 0xe023, 0xe02b, 0xe030, 0xe033, 0xe038, 0xe040, 0xe050, 0xffff,
};
static const uint64_t msrs[] = {
	0x10, 0x1b, 0x3a, 0x8b, 0xfe, 0x10a, 0x174, 0x175, 0x176, 0x179,
	0x17a, 0x186, 0x1a0, 0x1d9, 0x200, 0x277, 0x2ff, 0x400, 0x6e0, 0x800,
	0xc0000080, 0xc0000081, 0xc0000082, 0xc0000084, 0xc0000100, 0xc0000101,
	0xc0000102, 0xc0000103, 0xc0010015, 0x40000000,
};

static bool is_prefix(uint8_t b)
{
	return (b & 0xf0) == 0x40 || (b & 0xe7) == 0x26 || (b & 0xfc) == 0x64 ||
	       b == 0xf0 || b == 0xf2 || b == 0xf3;
}

/* Three holes of QEMU 10.0's, through which user mode ends any machine: MOV to
 * a segment register there is not (6 and 7, with REX.R also 8 to 15) overwrites
 * what QEMU has after its own six, from LDTR and TR to CR3, CR4 and A20; MOV to
 * CS is carried out; and IRET of 32 bits with VM in its flags goes to
 * virtual-8086 mode. As code may be entered anywhere, no IRET is left, and as it
 * may go on in the next page, no REX.R or MOV at its end. */
static void spare_the_machine(uint8_t *p)
{
	unsigned int i, k, reg;

	for (i = 0; i <= CODE_BYTES; i++) {
		if (i < CODE_BYTES && p[i] == 0xcf)
			p[i] = 0x90;
		if (i < CODE_BYTES && p[i] != 0x8e && p[i] != 0x8c)
			continue;
		reg = i + 1 < CODE_BYTES ? p[i + 1] >> 3 & 7 : 7;
		if (i < CODE_BYTES && (reg == 1 || reg > 5))
			p[i] = 0x90;
		for (k = i; k && is_prefix(p[k - 1]); k--)
			if ((p[k - 1] & 0xf4) == 0x44)
				p[k - 1] = 0x90;
	}
}

/* The byte after the form, which may be its ModRM, names no RSP, and then comes
 * nothing that does anything. */
static void make_harmless(uint8_t *p, unsigned int left)
{
	if (*p & 0xc0)
		*p |= 0xc0;
	if ((*p & 7) == 4)
		*p ^= 1;
	if ((*p >> 3 & 7) == 4)
		*p ^= 8;
	memset(p + 1, 0x90, left - 1);
}

static void write_code(struct cpu *c, bool user)
{
	static const uint8_t prefixes[] = {
		0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x3e, 0x64, 0x65, 0x48, 0x41, 0x4f,
	};
	unsigned int at, i, k;
	uint8_t *p = code[c->id] + (one_in(c, 4) && user ? 0 : 4096 - CODE_BYTES);
	bool known = !user && !one_in(c, 256);
	const uint8_t *form = forms[chance(c) % (known ? FORMS - STACK_FORMS : FORMS)];

	for (i = 0; i < CODE_BYTES; i++)
		p[i] = (uint8_t)chance(c);
	at = one_in(c, 3) && !known ? CODE_BYTES - 1 - (unsigned int)(chance(c) % 16) : 0;
	for (k = (unsigned int)(chance(c) % 4); k > 1 && at < CODE_BYTES - 6; k--)
		p[at++] = pick(c, prefixes);
	for (i = 0; i < 4 && at < CODE_BYTES && (form[i] || !i); i++)
		p[at++] = form[i];
	if (known)
		make_harmless(p + at, CODE_BYTES - at);
	spare_the_machine(p);
}

static uint64_t some_code(struct cpu *c, bool user)
{
	static const uint64_t edges[] = {
		0x7fffffffffff, 0x7ffffffffffe, 0x800000000000,
		0xffff7fffffffffff, 0xffff800000000000, 0xffff82d040000000,
		0xffff87ffffffffff, 0, 0xffffffffffffffff,
	};
	uint64_t at = (uint64_t)code[c->id];

	if (one_in(c, 24))
		return pick(c, edges);
	return at + (one_in(c, 3) && user ? 4096 - chance(c) % 16 :
		     one_in(c, 2) || !user ? 4096 - CODE_BYTES : 0);
}

static void build_frame(struct cpu *c, bool user)
{
	uint64_t *f = c->frame;

	f[0] = word(c);
	f[1] = word(c);
	f[2] = one_in(c, 3) ? word(c) : pick(c, msrs);
	f[3] = one_in(c, 2) ? VGCF_in_syscall : one_in(c, 8) ? chance(c) : 0;
	f[4] = some_code(c, user);
	f[5] = one_in(c, user ? 12 : 400) ? pick(c, selectors) : FLAT_KERNEL_CS64;
	f[5] = user ? f[5] | 3 : f[5] & ~3ul;
	f[6] = 0x202 | (one_in(c, user ? 8 : 200) ? 0 : TF) | (one_in(c, 4) ? chance(c) & 0x7fffff : 0);
	f[7] = (uint64_t)low_stack[c->id] + 2048 + chance(c) % 64;
	f[8] = one_in(c, user ? 12 : 400) ? pick(c, selectors) : FLAT_KERNEL_SS64;
	if (user && one_in(c, 12))
		f[7] = word(c);
	if (!(f[6] & TF) || one_in(c, 16))
		arm_timer(50000);
}

/* Registers beside those of the frame. */
static __attribute__((noreturn)) void leave(struct cpu *c)
{
	uint64_t a = word(c), b = word(c), d = one_in(c, 2) ? (uint64_t)arena[c->id] : word(c);

	asm volatile("movq %0, %%rsp; movq %1, %%rbx; movq %2, %%rdx;"
		     "movq %3, %%rsi; movq %3, %%rdi; movl $23, %%eax; syscall; ud2"
		     : : "r"(c->frame), "r"(a), "r"(b), "r"(d)
		     : "memory", "rbx", "rdx", "rsi", "rdi");
	__builtin_unreachable();
}

void play_code(struct cpu *c)
{
	struct mmuext_op root = {
		.cmd = MMUEXT_NEW_USER_BASEPTR,
		.arg1.mfn = machine_of((void *)start_info->pt_base) >> 12,
	};
	bool user = one_in(c, 2);

	if (user)
		call4(mmuext_op, &root, 1, 0, DOMID_SELF);
	call2(stack_switch, FLAT_KERNEL_SS64, stacks[c->id] + 8192);
	if (one_in(c, 2) || !user)
		write_code(c, user);
	build_frame(c, user);
	if (one_in(c, 64))
		call3(vcpu_op, VCPUOP_send_nmi, c->id, 0);
	leave(c);
}
