/* SPDX-License-Identifier: MIT */
/* ptwr_decode.c - the stores to page tables that we perform for a guest.
 *
 * Guards: an instruction that is not in the list, has a prefix we do not
 * honour, or is cut short is refused; nothing is guessed.
 * Not here: whether the store may be made (ops_fault.c, pt_update.c).
 */
#include "mm/ptwr_decode.h"

#define FLAG_CF		(1UL << 0)
#define FLAG_PF		(1UL << 2)
#define FLAG_AF		(1UL << 4)
#define FLAG_ZF		(1UL << 6)
#define FLAG_SF		(1UL << 7)
#define FLAG_OF		(1UL << 11)
#define FLAGS_ARITH	(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

#define REX_W		8
#define REX_R		4
#define REX_X		2
#define REX_B		1

struct cursor {
	const uint8_t *p, *end;
	bool short_of;		/* ran past the end */
	uint8_t rex;
	bool has_rex, wide16, lock;
};

static uint8_t next(struct cursor *c)
{
	if (c->p == c->end) {
		c->short_of = true;
		return 0;
	}
	return *c->p++;
}

/* A little-endian number of n bytes, sign-extended. */
static int64_t next_signed(struct cursor *c, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)next(c) << (8 * i);
	return n == 8 ? (int64_t)v : (int64_t)(v << (64 - 8 * n)) >> (64 - 8 * n);
}

/* Prefixes up to the opcode. LOCK is allowed and has no effect of its own:
 * every store is a compare-and-swap. */
static int prefixes(struct cursor *c, uint8_t *opcode)
{
	for (;;) {
		uint8_t b = next(c);

		if (c->short_of)
			return -1;
		switch (b) {
		case 0x66:
			c->wide16 = true;
			break;
		case 0xf0:
			c->lock = true;
			break;
		case 0x2e: case 0x36: case 0x3e: case 0x26:
			break;		/* CS SS DS ES: no meaning in 64-bit mode */
		case 0x40 ... 0x4f:
			c->rex = b;
			c->has_rex = true;
			b = next(c);
			if (b == 0x66 || b == 0xf0 || (b & 0xf0) == 0x40)
				return -1;
			*opcode = b;
			return c->short_of ? -1 : 0;
		default:
			*opcode = b;
			return 0;
		}
	}
}

/* ModRM, SIB and displacement; the operand must be in memory. Gives the
 * `reg` field. */
static int modrm(struct cursor *c, struct store_insn *out, uint8_t *field)
{
	uint8_t m = next(c), mod = m >> 6, rm = m & 7;

	if (mod == 3)
		return -1;
	*field = (uint8_t)(((m >> 3) & 7) | (c->rex & REX_R ? 8 : 0));
	out->index = STORE_NO_REG;
	out->base = (uint8_t)(rm | (c->rex & REX_B ? 8 : 0));
	if (rm == 4) {
		uint8_t sib = next(c), index = (sib >> 3) & 7;

		index |= c->rex & REX_X ? 8 : 0;
		out->scale = sib >> 6;
		out->index = index == 4 ? STORE_NO_REG : index;
		out->base = (uint8_t)((sib & 7) | (c->rex & REX_B ? 8 : 0));
		if ((sib & 7) == 5 && mod == 0) {
			out->base = STORE_NO_REG;
			mod = 2;
		}
	} else if (rm == 5 && mod == 0) {
		out->base = STORE_RIP;
		mod = 2;
	}
	out->disp = mod == 1 ? next_signed(c, 1) : mod == 2 ? next_signed(c, 4) : 0;
	return c->short_of ? -1 : 0;
}

static void set_size(const struct cursor *c, struct store_insn *out, bool byte)
{
	out->size = byte ? 1 : c->rex & REX_W ? 8 : c->wide16 ? 2 : 4;
}

static void set_reg(const struct cursor *c, struct store_insn *out, uint8_t field)
{
	out->reg = field;
	if (out->size == 1 && !c->has_rex && field >= 4) {
		out->reg = field - 4;
		out->high_byte = true;
	}
}

/* Immediates are at most 4 bytes, extended to the operand. */
static void set_imm(struct cursor *c, struct store_insn *out, bool byte)
{
	out->immediate = true;
	out->imm = (uint64_t)next_signed(c, byte ? 1 : MIN(out->size, 4));
}

static int decode_0f(struct cursor *c, struct store_insn *out)
{
	uint8_t op = next(c), field;

	switch (op) {
	case 0xb0: case 0xb1: out->op = STORE_CMPXCHG; break;
	case 0xc0: case 0xc1: out->op = STORE_XADD; break;
	case 0xab: out->op = STORE_BTS; break;
	case 0xb3: out->op = STORE_BTR; break;
	case 0xbb: out->op = STORE_BTC; break;
	case 0xba: break;
	default: return -1;
	}
	set_size(c, out, op == 0xb0 || op == 0xc0);
	if (modrm(c, out, &field))
		return -1;
	if (op != 0xba) {
		set_reg(c, out, field);
		return 0;
	}
	switch (field & 7) {
	case 5: out->op = STORE_BTS; break;
	case 6: out->op = STORE_BTR; break;
	case 7: out->op = STORE_BTC; break;
	default: return -1;
	}
	set_imm(c, out, true);
	out->imm &= out->size * 8u - 1;
	return 0;
}

static int decode_group1(struct cursor *c, struct store_insn *out, uint8_t op)
{
	uint8_t field;

	set_size(c, out, op == 0x80);
	if (modrm(c, out, &field))
		return -1;
	switch (field & 7) {
	case 0: out->op = STORE_ADD; break;
	case 1: out->op = STORE_OR; break;
	case 4: out->op = STORE_AND; break;
	case 6: out->op = STORE_XOR; break;
	default: return -1;
	}
	set_imm(c, out, op != 0x81);
	return 0;
}

static int decode_mov_imm(struct cursor *c, struct store_insn *out, uint8_t op)
{
	uint8_t field;

	out->op = STORE_MOV;
	set_size(c, out, op == 0xc6);
	if (modrm(c, out, &field) || (field & 7))
		return -1;
	set_imm(c, out, op == 0xc6);
	return 0;
}

static int decode_one(struct cursor *c, struct store_insn *out)
{
	uint8_t op, field;

	if (prefixes(c, &op))
		return -1;
	switch (op) {
	case 0x0f: return decode_0f(c, out);
	case 0x80: case 0x81: case 0x83: return decode_group1(c, out, op);
	case 0xc6: case 0xc7: return decode_mov_imm(c, out, op);
	case 0x88: case 0x89: out->op = STORE_MOV; break;
	case 0x86: case 0x87: out->op = STORE_XCHG; break;
	case 0x00: case 0x01: out->op = STORE_ADD; break;
	case 0x08: case 0x09: out->op = STORE_OR; break;
	case 0x20: case 0x21: out->op = STORE_AND; break;
	case 0x30: case 0x31: out->op = STORE_XOR; break;
	default: return -1;
	}
	set_size(c, out, !(op & 1));
	if (modrm(c, out, &field))
		return -1;
	set_reg(c, out, field);
	return 0;
}

int ptwr_decode(const uint8_t *bytes, size_t n, struct store_insn *out)
{
	struct cursor c = { .p = bytes, .end = bytes + MIN(n, STORE_MAX_BYTES) };

	*out = (struct store_insn){ .index = STORE_NO_REG };
	if (decode_one(&c, out) || c.short_of)
		return -1;
	if (c.lock && out->op == STORE_MOV)
		return -1;
	out->length = (uint8_t)(c.p - bytes);
	return 0;
}

uint64_t ptwr_address(const struct store_insn *i, struct cpu_frame *r)
{
	uint64_t a = (uint64_t)i->disp;
	bool bit_string = !i->immediate && i->op >= STORE_BTS;

	if (i->base == STORE_RIP)
		a += r->rip + i->length;
	else if (i->base != STORE_NO_REG)
		a += *frame_gpr(r, i->base);
	if (i->index != STORE_NO_REG)
		a += *frame_gpr(r, i->index) << i->scale;
	if (bit_string) {
		/* the register counts bits from the operand on, signed */
		int64_t bit = (int64_t)(*frame_gpr(r, i->reg) << (64 - i->size * 8)) >>
			      (64 - i->size * 8);

		a += (uint64_t)((bit >> __builtin_ctz(i->size * 8u)) * i->size);
	}
	return a;
}

static uint64_t mask_of(unsigned size)
{
	return size == 8 ? ~0UL : (1UL << size * 8) - 1;
}

/* A register takes a value of the operand's width; 32 bits clear the rest. */
static void write_reg(uint64_t *reg, unsigned size, bool high, uint64_t v)
{
	if (high)
		*reg = (*reg & ~0xff00UL) | (v & 0xff) << 8;
	else if (size == 4)
		*reg = (uint32_t)v;
	else
		*reg = (*reg & ~mask_of(size)) | (v & mask_of(size));
}

static uint64_t result_flags(uint64_t v, unsigned size)
{
	uint64_t f = 0;

	v &= mask_of(size);
	if (!v)
		f |= FLAG_ZF;
	if (v >> (size * 8 - 1))
		f |= FLAG_SF;
	if (!(__builtin_popcount((unsigned)(v & 0xff)) & 1))
		f |= FLAG_PF;
	return f;
}

/* Of result = a + b, or a - b. */
static uint64_t sum_flags(uint64_t a, uint64_t b, uint64_t result, unsigned size, bool minus)
{
	uint64_t mask = mask_of(size), f = result_flags(result, size);

	if (minus ? (a & mask) < (b & mask) : (result & mask) < (a & mask))
		f |= FLAG_CF;
	if ((a ^ result) & (minus ? a ^ b : ~(a ^ b)) & 1UL << (size * 8 - 1))
		f |= FLAG_OF;
	if ((a ^ b ^ result) & 0x10)
		f |= FLAG_AF;
	return f;
}

static void set_flags(struct cpu_frame *r, uint64_t mask, uint64_t v)
{
	r->rflags = (r->rflags & ~mask) | v;
}

/* Bit operations leave all flags but the carry alone. */
static uint64_t bit_op(const struct store_insn *i, struct cpu_frame *r,
		       uint64_t old, uint64_t src)
{
	uint64_t bit = 1UL << (src & (i->size * 8u - 1));

	set_flags(r, FLAG_CF, old & bit ? FLAG_CF : 0);
	switch (i->op) {
	case STORE_BTS: return old | bit;
	case STORE_BTR: return old & ~bit;
	default: return old ^ bit;
	}
}

static uint64_t cmpxchg(const struct store_insn *i, struct cpu_frame *r,
			uint64_t old, uint64_t src)
{
	uint64_t rax = *frame_gpr(r, 0) & mask_of(i->size);

	set_flags(r, FLAGS_ARITH, sum_flags(rax, old, rax - old, i->size, true));
	if (rax == old)
		return src;
	write_reg(frame_gpr(r, 0), i->size, false, old);
	return old;
}

void ptwr_execute(const struct store_insn *i, struct cpu_frame *r, uint64_t *mem)
{
	uint64_t old = *mem & mask_of(i->size), src, new;

	src = i->immediate ? i->imm : *frame_gpr(r, i->reg) >> (i->high_byte ? 8 : 0);
	src &= mask_of(i->size);
	switch (i->op) {
	case STORE_MOV:
		new = src;
		break;
	case STORE_XCHG:
		new = src;
		write_reg(frame_gpr(r, i->reg), i->size, i->high_byte, old);
		break;
	case STORE_CMPXCHG:
		new = cmpxchg(i, r, old, src);
		break;
	case STORE_XADD:
		new = old + src;
		set_flags(r, FLAGS_ARITH, sum_flags(old, src, new, i->size, false));
		write_reg(frame_gpr(r, i->reg), i->size, i->high_byte, old);
		break;
	case STORE_ADD:
		new = old + src;
		set_flags(r, FLAGS_ARITH, sum_flags(old, src, new, i->size, false));
		break;
	case STORE_OR:
		new = old | src;
		set_flags(r, FLAGS_ARITH, result_flags(new, i->size));
		break;
	case STORE_AND:
		new = old & src;
		set_flags(r, FLAGS_ARITH, result_flags(new, i->size));
		break;
	case STORE_XOR:
		new = old ^ src;
		set_flags(r, FLAGS_ARITH, result_flags(new, i->size));
		break;
	default:
		new = bit_op(i, r, old, src);
	}
	*mem = new & mask_of(i->size);
	r->rip += i->length;
}
