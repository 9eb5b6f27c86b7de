/* SPDX-License-Identifier: MIT */
/* debugreg.c - a guest's breakpoints.
 *
 * Guards: no breakpoint lies in the hypervisor's part of the address space,
 * general detect is never armed, and while a vCPU without breakpoints runs
 * none are armed at all, and nothing of another's is in the registers.
 */
#include "base/errno.h"
#include "cpu/bits.h"
#include "cpu/insn.h"
#include "emul/emul.h"
#include "mm/layout.h"

#define DR6_RESERVED_ONE	0xffff0ff0UL
#define DR6_RESERVED_ZERO	0x1000UL
#define DR6_STEP		0x4000UL
#define DR7_RESERVED_ONE	0x400UL
#define DR7_RESERVED_ZERO	0xd800UL	/* bits 11, 12, 14, 15 */
#define DR7_GENERAL_DETECT	0x2000UL

static bool ours(uint64_t va)
{
	return va >= M2P_BASE && va < 0xffff880000000000UL;
}

static bool is_port(uint64_t dr7, unsigned i)
{
	return ((dr7 >> (16 + 4 * i)) & 3) == 2;
}

/* A breakpoint of I/O type in any of the four. */
static bool has_io_breakpoint(uint64_t dr7)
{
	for (unsigned i = 0; i < 4; i++)
		if (is_port(dr7, i))
			return true;
	return false;
}

RARE_CALL void emul_watch_port(struct vcpu *v, uint16_t port, unsigned bytes)
{
	static const uint8_t length[] = { 1, 2, 8, 4 };
	uint64_t dr7 = v->emul.dr7;

	for (unsigned i = 0; i < 4; i++)
		if ((dr7 >> (2 * i) & 3) && is_port(dr7, i) &&
		    v->emul.dr[i] < port + bytes &&
		    port < v->emul.dr[i] + length[dr7 >> (18 + 4 * i) & 3])
			v->emul.port_hits |= 1UL << i;
}

void emul_debug_done(struct vcpu *v)
{
	v->emul.dr6 |= v->emul.port_hits | (v->frame.rflags & FLAGS_TF ? DR6_STEP : 0);
	v->emul.port_hits = 0;
}

static int set_dr7(struct vcpu *v, uint64_t value)
{
	if (value >> 32)
		return -EINVAL;
	if (value & DR7_GENERAL_DETECT)
		return -EPERM;
	value = (value & ~DR7_RESERVED_ZERO) | DR7_RESERVED_ONE;
	if ((value & DR7_ENABLE) && has_io_breakpoint(value) && !(v->emul.cr4 & CR4_DE))
		return -EPERM;
	v->emul.dr7 = value;
	return 0;
}

int emul_set_debugreg(struct vcpu *v, unsigned reg, uint64_t value)
{
	uint64_t armed = v->emul.dr7;
	int rc = 0;

	switch (reg) {
	case 0: case 1: case 2: case 3:
		if (!is_canonical(value) || ours(value))
			return -EPERM;
		v->emul.dr[reg] = value;
		break;
	case 4:
		if (v->emul.cr4 & CR4_DE)
			return -ENODEV;
		FALLTHROUGH;
	case 6:
		if (value >> 32)
			return -EINVAL;
		v->emul.dr6 = (value & ~DR6_RESERVED_ZERO) | DR6_RESERVED_ONE;
		break;
	case 5:
		if (v->emul.cr4 & CR4_DE)
			return -ENODEV;
		FALLTHROUGH;
	case 7:
		rc = set_dr7(v, value);
		break;
	default:
		return -ENODEV;
	}
	armed |= v->emul.dr7;
	if (!rc && (armed & DR7_ENABLE) && v == current())
		emul_load_debug(v);
	return rc;
}

int emul_get_debugreg(const struct vcpu *v, unsigned reg, uint64_t *value)
{
	switch (reg) {
	case 0: case 1: case 2: case 3:
		*value = v->emul.dr[array_index_nospec(reg, 4)];
		return 0;
	case 4: case 6:
		*value = v->emul.dr6;
		return 0;
	case 5: case 7:
		*value = v->emul.dr7;
		return 0;
	}
	return -ENODEV;
}

void emul_load_debug(struct vcpu *v)
{
	if (!(v->emul.dr7 & DR7_ENABLE)) {
		emul_unload_debug();
		return;
	}
	for (unsigned i = 0; i < 4; i++)
		write_dr(i, v->emul.dr[i]);
	write_dr(6, v->emul.dr6);
	write_dr(7, v->emul.dr7);
}

/* DR6, and the addresses too: a CPU may set the bits of addresses that match though
 * they are not armed, and whoever runs next would find them in its own DR6. */
void emul_unload_debug(void)
{
	if (!(read_dr(7) & DR7_ENABLE))
		return;
	write_dr(7, DR7_RESERVED_ONE);
	write_dr(6, DR6_RESERVED_ONE);
	for (unsigned i = 0; i < 4; i++)
		write_dr(i, 0);
}

void emul_debug_trap(struct vcpu *v)
{
	uint64_t dr6 = read_dr(6);

	v->emul.dr6 |= dr6 & ~DR6_RESERVED_ZERO;
	write_dr(6, DR6_RESERVED_ONE);
}
