/* SPDX-License-Identifier: MIT */
/* ioport.c - port I/O for guests.
 *
 * Guards: only the control domain reaches a real port, and none of those
 * that are ours (interrupt controllers, timer, serial console). Others read
 * all ones and write into the void, as on a machine without devices (but for
 * one port of the timer); a guest whose IOPL and bitmap do not allow the access
 * gets its fault.
 */
#include "cpu/insn.h"
#include "emul/decode.h"
#include "emul/emul.h"
#include "guest/access.h"
#include "mm/map.h"

#define FLAGS_DF	0x400UL
/* Elements of a REP done per entry; the instruction is simply run again. */
#define REP_BATCH	64
#define PIT_CHANNEL2	0x42

struct port_range { uint16_t first, last; };

static const struct port_range ours[] = {
	{ 0x20, 0x21 }, { 0xa0, 0xa1 },		/* interrupt controllers */
	{ 0x40, 0x43 }, { 0x61, 0x61 },		/* interval timer */
	{ 0x3f8, 0x3ff },			/* our console */
};

bool emul_iopl_ok(const struct vcpu *v)
{
	/* Who is shown IOPL is in ring 0 as a kernel, else in ring 1. */
	if (v->kernel_mode && (v->domain->vm_assist & 1UL << VMASST_TYPE_architectural_iopl))
		return true;
	return v->emul.iopl >= (v->kernel_mode ? 1 : 3);
}

/* The guest's own bitmap (set_iobitmap): a clear bit allows. */
static __attribute__((noinline)) bool bitmap_allows(struct vcpu *v, uint16_t port, unsigned bytes)
{
	unsigned i;
	bool entered;

	if (!v->emul.iobmp || port + bytes > v->emul.iobmp_ports)
		return false;
	entered = mm_enter_kernel_tables(v);	/* it is the kernel's */
	for (i = 0; i < bytes; i++) {
		uint8_t b;

		if (copy_from_guest(&b, v->emul.iobmp + (port + i) / 8, 1) ||
		    (b & (1u << ((port + i) & 7))))
			break;
	}
	if (entered)
		mm_leave_kernel_tables(v);
	return i == bytes;
}

static bool real(const struct vcpu *v, uint16_t port, unsigned bytes)
{
	if (!v->domain->control)
		return false;
	for (unsigned i = 0; i < ARRAY_SIZE(ours); i++)
		if (port <= ours[i].last && port + bytes > ours[i].first)
			return false;
	return true;
}

static uint32_t port_read(const struct vcpu *v, uint16_t port, unsigned bytes)
{
	if (real(v, port, bytes)) {
		switch (bytes) {
		case 1: return inb(port);
		case 2: return inw(port);
		default: return inl(port);
		}
	}
	/* Linux takes all ones for a timer, and waits 100,000 reads for its next
	 * value. */
	return port == PIT_CHANNEL2 ? 0 : ~0u;
}

static void port_write(const struct vcpu *v, uint16_t port, unsigned bytes, uint32_t value)
{
	if (!real(v, port, bytes))
		return;
	switch (bytes) {
	case 1: outb(port, (uint8_t)value); break;
	case 2: outw(port, (uint16_t)value); break;
	default: outl(port, value); break;
	}
}

static bool memory_fault(struct vcpu *v, uint64_t va, bool write)
{
	v->emul.fault_va = va;
	v->emul.fault_write = write;
	return false;
}

/* One element between port and memory; false if the memory faults. */
static bool string_element(struct vcpu *v, const struct insn *i, uint16_t port)
{
	uint64_t *index = i->op == INSN_INS ? &v->frame.rdi : &v->frame.rsi;
	uint32_t value;

	if (i->op == INSN_INS) {
		value = port_read(v, port, i->bytes);
		if (copy_to_guest(*index, &value, i->bytes))
			return memory_fault(v, *index, true);
	} else {
		value = 0;
		if (copy_from_guest(&value, *index, i->bytes))
			return memory_fault(v, *index, false);
		port_write(v, port, i->bytes, value);
	}
	*index += v->frame.rflags & FLAGS_DF ? -(uint64_t)i->bytes : i->bytes;
	return true;
}

static enum emul_result port_string(struct vcpu *v, const struct insn *i, uint16_t port)
{
	if (i->address_bytes != 8)
		return EMUL_FAULT;
	if (!i->rep)
		return string_element(v, i, port) ? EMUL_DONE : EMUL_NO_MEMORY;
	for (unsigned n = 0; n < REP_BATCH; n++) {
		if (!v->frame.rcx)
			return EMUL_DONE;
		if (!string_element(v, i, port))
			return EMUL_NO_MEMORY;
		v->frame.rcx--;
	}
	return EMUL_AGAIN;
}

enum emul_result emul_port(struct vcpu *v, const struct insn *i)
{
	bool string = i->op == INSN_INS || i->op == INSN_OUTS;
	uint16_t port = i->by_dx || string ? (uint16_t)v->frame.rdx : i->port;
	uint64_t mask = i->bytes == 4 ? 0xffffffffUL : (1UL << (8 * i->bytes)) - 1;
	enum emul_result result;
	uint32_t value;

	if (!emul_iopl_ok(v) && !bitmap_allows(v, port, i->bytes))
		return EMUL_FAULT;
	if (unlikely(v->emul.dr7 & DR7_ENABLE))
		emul_watch_port(v, port, i->bytes);
	if (string) {
		result = port_string(v, i, port);
		if (result != EMUL_DONE)	/* it hits when it is done, if ever */
			v->emul.port_hits = 0;
		return result;
	}
	if (i->op == INSN_OUT) {
		port_write(v, port, i->bytes, (uint32_t)v->frame.rax);
		return EMUL_DONE;
	}
	value = port_read(v, port, i->bytes);
	/* A 32-bit result clears the upper half, shorter ones keep the rest. */
	v->frame.rax = (i->bytes == 4 ? 0 : v->frame.rax & ~mask) | (value & mask);
	return EMUL_DONE;
}
