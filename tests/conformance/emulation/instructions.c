/* SPDX-License-Identifier: MIT */
/* instructions.c - privileged instructions, done or refused, and ports. */
#include <xen/physdev.h>

#include "emulation.h"

#define DO(name, text)	static void do_##name(void *unused) \
	{ asm volatile(text : : : "rax", "rcx", "rdx", "memory"); }
DO(cli, "cli")
DO(sti, "sti")
DO(hlt, "hlt")
DO(clts, "clts")
DO(invd, "invd")
DO(wbinvd, "wbinvd")
DO(swapgs, "swapgs")
DO(invlpg, "invlpg (%%rsp)")
DO(lgdt, "lgdt -64(%%rsp)")
DO(lidt, "lidt -64(%%rsp)")
DO(sgdt, "sgdt -64(%%rsp)")
DO(lmsw, "mov $0x33, %%eax; lmsw %%ax")
DO(smsw, "smsw %%eax")
DO(lldt, "xor %%eax, %%eax; lldt %%ax")
DO(ltr, "mov $0x28, %%eax; ltr %%ax")
DO(rdtsc, "rdtsc")
DO(rdpmc, "xor %%ecx, %%ecx; rdpmc")
DO(monitor, "mov %%rsp, %%rax; xor %%ecx, %%ecx; xor %%edx, %%edx; monitor")
DO(clac, "clac")
DO(vmcall, "vmcall")
DO(sysexit, "sysexit")
DO(rdpkru, "xor %%ecx, %%ecx; rdpkru")
DO(fake_prefix, ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6f, 0x0f, 0xa2")
DO(forced_other, ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0x31")

static void refused(void)
{
	rule("HLT, SWAPGS, INVLPG, LGDT, LIDT, LLDT, LTR, LMSW, RDPMC are #GP");
	want(vector_of(do_hlt, 0), TRAP_GP);
	want(vector_of(do_swapgs, 0), TRAP_GP);
	want(vector_of(do_invlpg, 0), TRAP_GP);
	want(vector_of(do_lgdt, 0), TRAP_GP);
	want(vector_of(do_lidt, 0), TRAP_GP);
	want(vector_of(do_lldt, 0), TRAP_GP);
	want(vector_of(do_ltr, 0), TRAP_GP);
	want(vector_of(do_lmsw, 0), TRAP_GP);
	want(vector_of(do_rdpmc, 0), TRAP_GP);
	rule("SGDT and SMSW are the processor's");
	want(vector_of(do_sgdt, 0), -1);
	want(vector_of(do_smsw, 0), -1);
	rule("MONITOR, CLAC, VMCALL, SYSEXIT, RDPKRU are #UD");
	want(vector_of(do_monitor, 0), TRAP_UD);
	want(vector_of(do_clac, 0), TRAP_UD);
	want(vector_of(do_vmcall, 0), TRAP_UD);
	if (is_amd())
		want(vector_of(do_sysexit, 0), TRAP_UD);
	want(vector_of(do_rdpkru, 0), TRAP_UD);
	rule("the forced-emulation prefix is for CPUID, and must be whole");
	want(vector_of(do_fake_prefix, 0), TRAP_UD);
	want(vector_of(do_forced_other, 0), TRAP_UD);
	rule("a refused instruction leaves RIP at itself");
	want(vector_of(do_hlt, 0), TRAP_GP);
	want(*(uint8_t *)trapped.rip, 0xf4);
	want(trapped.error, 0);
}

static void rdtsc_by_choice(void)
{
	rule("RDTSC works in the kernel whatever CR4.TSD says");
	want(vector_of(do_rdtsc, 0), -1);
	want(vector_of(set_cr4, 0x664), -1);
	want(vector_of(do_rdtsc, 0), -1);
	want(vector_of(set_cr4, 0x660), -1);
}

void instructions(void)
{
	rule("CLTS, WBINVD and INVD are done");
	want(vector_of(do_clts, 0), -1);
	want(vector_of(do_wbinvd, 0), -1);
	want(vector_of(do_invd, 0), -1);
	refused();
	rdtsc_by_choice();
}

static uint16_t port;

static void do_inb(void *unused)
{
	uint8_t v;

	asm volatile("inb %1, %0" : "=a"(v) : "d"(port));
	value = v;
}

static void do_inl(void *unused)
{
	uint32_t v;

	asm volatile("inl %1, %0" : "=a"(v) : "d"(port));
	value = v;
}

static void do_outb(void *unused)
{
	asm volatile("outb %b0, %1" : : "a"((uint8_t)value), "d"(port));
}

static void do_outl(void *unused)
{
	asm volatile("outl %0, %1" : : "a"((uint32_t)value), "d"(port));
}

static void do_in_upper(void *unused)
{
	uint64_t v = 0x1122334455667788;

	asm volatile("inb %w1, %b0" : "+a"(v) : "d"(port));
	value = v;
}

static char text[16];

static void do_insb(void *unused)
{
	void *to = text;
	uint64_t n = 4;

	asm volatile("rep insb" : "+D"(to), "+c"(n) : "d"(port) : "memory");
	value = (uint64_t)to - (uint64_t)text + n * 256;
}

static void do_outsb(void *unused)
{
	const void *from = text;
	uint64_t n = 4;

	asm volatile("rep outsb" : "+S"(from), "+c"(n) : "d"(port) : "memory");
	value = (uint64_t)from - (uint64_t)text + n * 256;
}

static void do_insb_nowhere(void *unused)
{
	void *to = (void *)0x1000;

	asm volatile("insb" : "+D"(to) : "d"(port) : "memory");
}

static int in(uint16_t where)
{
	port = where;
	return vector_of(do_inb, 0);
}

static int iopl(unsigned int level)
{
	struct physdev_set_iopl i = { level };

	return (int)call(physdev_op, PHYSDEVOP_set_iopl, &i);
}

static void by_bitmap(void)
{
	static uint8_t map[8192];
	struct physdev_set_iobitmap b = { .nr_ports = 65536 };

	rule("a port whose bit is clear in the I/O bitmap can be used");
	memset(map, 0xff, sizeof(map));
	set_xen_guest_handle(b.bitmap, map);
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &b), 0);
	want(in(0x80), TRAP_GP);
	map[0x80 / 8] = 0xfe;
	want(in(0x80), -1);
	want(in(0x81), TRAP_GP);
	rule("all bytes of an access must be allowed");
	port = 0x80;
	want(vector_of(do_inl, 0), TRAP_GP);
	map[0x80 / 8] = 0xf0;
	want(vector_of(do_inl, 0), -1);
	rule("a bitmap of no ports allows none");
	b.nr_ports = 0;
	want(call(physdev_op, PHYSDEVOP_set_iobitmap, &b), 0);
	want(in(0x80), TRAP_GP);
}

void ports(void)
{
	rule("without IOPL or bitmap a port access is #GP, so are CLI and STI");
	want(in(0x80), TRAP_GP);
	want(in(0x3f8), TRAP_GP);
	port = 0x80;
	want(vector_of(do_outb, 0), TRAP_GP);
	want(vector_of(do_insb, 0), TRAP_GP);
	want(vector_of(do_outsb, 0), TRAP_GP);
	want(vector_of(do_cli, 0), TRAP_GP);
	want(vector_of(do_sti, 0), TRAP_GP);
	by_bitmap();
	rule("IOPL 1 is enough for the kernel");
	want(iopl(1), 0);
	want(vector_of(do_cli, 0), -1);
	want(vector_of(do_sti, 0), -1);
	want(in(0x80), -1);
	port = 0x80;
	want(vector_of(do_outb, 0), -1);
	rule("ports of the hypervisor's own devices read as ones");
	want(in(0x20), -1);
	want(value, 0xff);
	want(in(0xa1), -1);
	want(value, 0xff);
	want(in(0x3fd), -1);
	want(value, 0xff);
	rule("writes to ports of the hypervisor's own devices are dropped");
	port = 0x3f8;
	want(vector_of(do_outb, '!'), -1);
	rule("an 8-bit result keeps the rest of the register, a 32-bit one clears it");
	port = 0x20;
	want(vector_of(do_in_upper, 0), -1);
	want(value, 0x11223344556677ff);
	want(vector_of(do_inl, 0), -1);
	want(value, 0xffffffff);
	rule("REP INSB and OUTSB move every byte");
	memset(text, 0, sizeof(text));
	want(vector_of(do_insb, 0), -1);
	want(value, 4);
	want_true(text[0] == (char)0xff && text[3] == (char)0xff && !text[4]);
	want(vector_of(do_outsb, 0), -1);
	want(value, 4);
	rule("INSB into nowhere is a page fault there");
	want(vector_of(do_insb_nowhere, 0), 14);
	want(trapped_cr2, 0x1000);
	want(trapped.error & 2, 2);
	rule("a plain domain reads ones from every port, and its writes go nowhere");
	if (is_first_domain()) {
		skip("the first domain has devices");
	} else {
		for (unsigned int p = 0; p < 0x10000; p++) {
			if ((p >= 0x40 && p <= 0x43) || p == 0x61 ||	/* the timer's */
			    p == 0x70 || (p & ~3u) == 0xcf8)		/* see below */
				continue;
			want_at(in((uint16_t)p) == -1 && value == 0xff, (long)p, 0, "the port");
			if (p < 0x400)
				want(vector_of(do_outb, 0), -1);
		}
	}
	rule("a plain domain's 32-bit reads are ones too");
	if (is_first_domain()) {
		skip("the first domain has devices");
	} else {
		for (unsigned int p = 0x100; p < 0x1000; p += 4) {
			port = (uint16_t)p;
			want(vector_of(do_inl, 0), -1);
			want_at(value == 0xffffffff || p == 0xcf8, (long)p, 0, "the port");
		}
	}
	rule("a plain domain reads ones from port 42, the timer's");
	if (is_first_domain()) {
		skip("the first domain has devices");
	} else {
		want(in(0x42), -1);
		want(value, 0xff);
	}
	rule("a plain domain's ports 70 and cf8 remember what is written to them");
	if (is_first_domain()) {
		skip("the first domain has devices");
	} else {
		port = 0x70;
		want(vector_of(do_outb, 0x12), -1);
		want(in(0x70), -1);
		want(value, 0x12);
		port = 0xcf8;
		want(vector_of(do_outl, 0x80000000), -1);
		want(vector_of(do_inl, 0), -1);
		want(value, 0x80000000);
	}
	rule("IOPL can be given back");
	want(iopl(0), 0);
	want(in(0x80), TRAP_GP);
	rule("an IOPL above 3 is EINVAL");
	want(iopl(4), -XEN_EINVAL);
}
