/* SPDX-License-Identifier: MIT */
/* test_emul_ioport.c - who reaches a port, and what the others see. */
#include "emul/decode.h"
#include "emul/emul.h"
#include "guest/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct domain dom;
static struct vcpu vcpu;
static uint8_t guest[256];		/* the guest's memory, from address 0 */
static unsigned reads, writes;

uint8_t inb(uint16_t port)
{
	reads++;
	return (uint8_t)port;
}

void outb(uint16_t port, uint8_t v)
{
	writes++;
}

static unsigned watched;		/* bytes of the access that was looked at */

void emul_watch_port(struct vcpu *v, uint16_t port, unsigned bytes)
{
	watched = bytes;
	v->emul.port_hits = 1;
}

static bool in_guest(const void *p, size_t n)
{
	return (uint64_t)p + n <= sizeof(guest);
}

static bool copied_as_kernel;

/* One of the two is an address of the guest's, and small. */
int guest_copy(void *dst, const void *src, size_t n)
{
	copied_as_kernel = vcpu.kernel_mode;
	if (in_guest(src, n))
		memcpy(dst, guest + (uint64_t)src, n);
	else if (in_guest(dst, n))
		memcpy(guest + (uint64_t)dst, src, n);
	else
		return -EFAULT;
	return 0;
}

static int setup(void **state)
{
	dom = (struct domain){ .control = true };
	vcpu = (struct vcpu){ .domain = &dom, .kernel_mode = true };
	vcpu.emul.iopl = 1;
	memset(guest, 0, sizeof(guest));
	reads = writes = 0;
	return 0;
}

static enum emul_result in(uint16_t port)
{
	struct insn i = { .op = INSN_IN, .bytes = 1, .by_dx = true };

	vcpu.frame.rax = 0x1122334455667700;
	vcpu.frame.rdx = port;
	return emul_port(&vcpu, &i);
}

static void by_iopl(void **state)
{
	assert_int_equal(in(0x71), EMUL_DONE);
	assert_int_equal(vcpu.frame.rax, 0x1122334455667771);
	vcpu.kernel_mode = false;
	assert_int_equal(in(0x71), EMUL_FAULT);
	vcpu.emul.iopl = 3;
	assert_int_equal(in(0x71), EMUL_DONE);
	vcpu.kernel_mode = true;
	vcpu.emul.iopl = 0;
	assert_int_equal(in(0x71), EMUL_FAULT);
	assert_int_equal(reads, 2);
}

static void by_bitmap(void **state)
{
	vcpu.emul.iopl = 0;
	vcpu.emul.iobmp = 16;
	vcpu.emul.iobmp_ports = 0x78;
	memset(guest, 0xff, sizeof(guest));
	assert_int_equal(in(0x71), EMUL_FAULT);
	guest[16 + 0x71 / 8] = 0xfd;
	assert_int_equal(in(0x71), EMUL_DONE);
	assert_int_equal(in(0x72), EMUL_FAULT);
	/* it is looked at as the kernel sees it, whoever asks */
	vcpu.kernel_mode = false;
	assert_int_equal(in(0x71), EMUL_DONE);
	assert_true(copied_as_kernel);
	assert_false(vcpu.kernel_mode);
	assert_int_equal(in(0x72), EMUL_FAULT);
	assert_false(vcpu.kernel_mode);
	vcpu.emul.iobmp_ports = 0x71;
	assert_int_equal(in(0x71), EMUL_FAULT);
}

/* Linux looks for a timer there, and takes all ones for one. */
static void no_timer_for_guests(void **state)
{
	dom.control = false;
	assert_int_equal(in(0x42), EMUL_DONE);
	assert_int_equal(vcpu.frame.rax & 0xff, 0);
	assert_int_equal(in(0x61), EMUL_DONE);
	assert_int_equal(vcpu.frame.rax & 0xff, 0xff);
}

static void ours_are_nobodys(void **state)
{
	static const uint16_t ours[] = { 0x20, 0xa1, 0x40, 0x43, 0x61, 0x3f8, 0x3ff };

	for (unsigned i = 0; i < ARRAY_SIZE(ours); i++) {
		assert_int_equal(in(ours[i]), EMUL_DONE);
		assert_int_equal(vcpu.frame.rax & 0xff, 0xff);
	}
	dom.control = false;
	assert_int_equal(in(0x71), EMUL_DONE);
	assert_int_equal(vcpu.frame.rax & 0xff, 0xff);
	assert_int_equal(reads, 0);
}

static void strings(void **state)
{
	struct insn i = { .op = INSN_INS, .bytes = 1, .rep = true, .address_bytes = 8 };

	vcpu.frame.rdx = 0x80;
	vcpu.frame.rdi = 10;
	vcpu.frame.rcx = 3;
	assert_int_equal(emul_port(&vcpu, &i), EMUL_DONE);
	assert_true(guest[9] == 0 && guest[10] == 0x80 && guest[12] == 0x80 && guest[13] == 0);
	assert_true(vcpu.frame.rdi == 13 && vcpu.frame.rcx == 0);
	/* Long ones go on where they were; a fault leaves what is done. */
	vcpu.frame.rdi = 0;
	vcpu.frame.rcx = 1000;
	assert_int_equal(emul_port(&vcpu, &i), EMUL_AGAIN);
	assert_true(vcpu.frame.rdi == 1000 - vcpu.frame.rcx);
	while (emul_port(&vcpu, &i) == EMUL_AGAIN)
		continue;
	assert_int_equal(emul_port(&vcpu, &i), EMUL_NO_MEMORY);
	assert_true(vcpu.emul.fault_va == sizeof(guest) && vcpu.emul.fault_write);
	assert_true(vcpu.frame.rdi == sizeof(guest) &&
		    vcpu.frame.rcx == 1000 - sizeof(guest));
	i.op = INSN_OUTS;
	i.rep = false;
	vcpu.frame.rsi = 5;
	vcpu.frame.rflags = 0x400;
	assert_int_equal(emul_port(&vcpu, &i), EMUL_DONE);
	assert_true(vcpu.frame.rsi == 4 && writes == 1);
}

static void watched_if_armed(void **state)
{
	watched = 0;
	assert_int_equal(in(0x71), EMUL_DONE);
	assert_int_equal(watched, 0);
	vcpu.emul.dr7 = 2;
	assert_int_equal(in(0x71), EMUL_DONE);
	assert_int_equal(watched, 1);
	assert_int_equal(vcpu.emul.port_hits, 1);
}

/* What is not done yet, or not at all, leaves no hit to the next instruction. */
static void hit_when_done(void **state)
{
	struct insn i = { .op = INSN_INS, .bytes = 1, .rep = true, .address_bytes = 8 };

	vcpu.emul.dr7 = 2;
	vcpu.frame.rdx = 0x80;
	vcpu.frame.rcx = 65;
	assert_int_equal(emul_port(&vcpu, &i), EMUL_AGAIN);
	assert_int_equal(vcpu.emul.port_hits, 0);
	assert_int_equal(emul_port(&vcpu, &i), EMUL_DONE);
	assert_int_equal(vcpu.emul.port_hits, 1);
	vcpu.frame.rcx = 1;
	vcpu.frame.rdi = sizeof(guest);
	assert_int_equal(emul_port(&vcpu, &i), EMUL_NO_MEMORY);
	assert_int_equal(vcpu.emul.port_hits, 0);
	i.address_bytes = 4;
	assert_int_equal(emul_port(&vcpu, &i), EMUL_FAULT);
	assert_int_equal(vcpu.emul.port_hits, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(by_iopl), T(by_bitmap), T(no_timer_for_guests), T(ours_are_nobodys), T(strings),
		T(watched_if_armed), T(hit_when_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
