/* SPDX-License-Identifier: MIT */
/* leaves.c - CPUID with the forced-emulation prefix: what is hidden, what is
 * added, what is zero. */
#include "emulation.h"

struct regs hardware(uint32_t leaf, uint32_t sub)
{
	struct regs r;

	asm volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
		     : "0"(leaf), "2"(sub));
	return r;
}

struct regs forced(uint32_t leaf, uint32_t sub)
{
	struct regs r;

	asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2"
		     : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
		     : "0"(leaf), "2"(sub));
	return r;
}

bool is_amd(void)
{
	return hardware(0, 0).b == 0x68747541;
}

static bool all_zero(uint32_t leaf, uint32_t sub)
{
	struct regs r = forced(leaf, sub);

	return !(r.a | r.b | r.c | r.d);
}

static void hidden_bits(void)
{
	struct regs r = forced(1, 0), h = hardware(1, 0);

	rule("leaf 0 tells of 13 leaves at most, and the vendor");
	want_true(forced(0, 0).a <= 13);
	want(forced(0, 0).b, hardware(0, 0).b);
	rule("leaf 1 keeps family and model");
	want(r.a, h.a);
	rule("leaf 1 says hypervisor");
	want_true(r.c & 1u << 31);
	rule("leaf 1 hides monitor, VMX, thermal, PCID, x2APIC, deadline timer");
	want(r.c & (1u << 2 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 |
		    1u << 10 | 1u << 14 | 1u << 15 | 1u << 17 | 1u << 21 | 1u << 24), 0);
	rule("leaf 1 keeps SSE3, SSE4, POPCNT, AES, RDRAND, as the processor has them");
	want((r.c ^ h.c) & (1u << 0 | 1u << 1 | 1u << 9 | 1u << 13 | 1u << 19 |
			    1u << 20 | 1u << 23 | 1u << 25 | 1u << 30), 0);
	rule("leaf 1 hides VME, large and global pages, thermal");
	want(r.d & (1u << 1 | 1u << 3 | 1u << 13 | 1u << 17 | 1u << 21 | 1u << 29 |
		    1u << 31), 0);
	rule("leaf 1 keeps FPU, DE, TSC, MSR, PAE, MCE, CX8, APIC, MCA, CMOV, PAT, ACPI, SSE");
	want((r.d ^ h.d) & (1u << 0 | 1u << 2 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 |
			    1u << 8 | 1u << 9 | 1u << 14 | 1u << 15 | 1u << 16 |
			    1u << 19 | 1u << 22 | 1u << 23 | 7u << 24), 0);
	rule("leaf 1 hides SYSENTER on AMD");
	if (is_amd())
		want(r.d & 1u << 11, 0);
	else
		skip("not AMD");
	rule("MTRR is for the first domain");
	want(!!(r.d & 1u << 12), is_first_domain());
	want(!!(forced(0x80000001, 0).d & 1u << 12), is_first_domain());
}

static void later_leaves(void)
{
	struct regs r = forced(7, 0), h = hardware(7, 0);

	rule("leaf 7 hides SGX, SMEP, INVPCID, MPX, SMAP, protection keys, UMIP, LA57");
	want(r.b & (1u << 1 | 1u << 2 | 1u << 7 | 1u << 10 | 1u << 14 | 1u << 20), 0);
	want(r.c & (1u << 2 | 1u << 3 | 1u << 4 | 1u << 16), 0);
	rule("leaf 7 keeps FSGSBASE, BMI, ERMS, RDSEED, ADX, CLFLUSHOPT, SHA, RDPID");
	want((r.b ^ h.b) & (1u << 0 | 1u << 3 | 1u << 8 | 1u << 9 | 1u << 18 |
			    1u << 19 | 1u << 23 | 1u << 29), 0);
	want((r.c ^ h.c) & 1u << 22, 0);
	rule("leaf 7.1 shows fast string instructions only of what TCG has");
	want(forced(7, 1).a, hardware(7, 1).a & 0x1c30);
	want(forced(7, 1).b | forced(7, 1).c | forced(7, 1).d, 0);
	rule("leaf 80000001 hides SVM, extended APIC, CR8, watchdog, FXSR tuning stays");
	r = forced(0x80000001, 0);
	h = hardware(0x80000001, 0);
	want(r.c & (1u << 2 | 1u << 3 | 1u << 4 | 1u << 9 | 1u << 10 | 1u << 12), 0);
	want((r.c ^ h.c) & (1u << 0 | 1u << 5 | 1u << 6 | 1u << 8), 0);
	rule("leaf 80000001 hides 1 GiB pages, keeps SYSCALL, NX, RDTSCP, long mode");
	want(r.d & (1u << 3 | 1u << 13 | 1u << 17 | 1u << 26), 0);
	want((r.d ^ h.d) & (1u << 20 | 1u << 27 | 1u << 29), 0);
	rule("the processor's name is the processor's");
	for (uint32_t leaf = 0x80000002; leaf <= 0x80000004; leaf++)
		want(forced(leaf, 0).a, hardware(leaf, 0).a);
	rule("leaf 80000008: physical bits and cores are the processor's, linear bits 48");
	r = forced(0x80000008, 0);
	want(r.a & 0xff, hardware(0x80000008, 0).a & 0xff);
	want(r.a >> 8, 48);
	want(r.c, hardware(0x80000008, 0).c);
	want(r.d, 0);
}

static void zero_leaves(void)
{
	static const uint32_t zero[] = {
		3, 5, 6, 8, 9, 10, 12, 14, 15, 16, 18, 20, 0x16, 0x1f, 0x21,
		0x40000004, 0x40000006, 0x400000ff, 0x40000100, 0x40010000,
		0x80000009, 0x8000000a, 0x80000019, 0x8000001b, 0x8000001d,
		0x8000001e, 0x8000001f, 0x80860000, 0xc0000000, 0xffffffff,
	};

	rule("topology, power, performance and everything unknown is zero");
	for (unsigned int i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
		want_at(all_zero(zero[i], 0), (long)zero[i], 0, "leaf that is not zero");
	rule("leaves from 1c to 3ff are zero, but for those that are named");
	for (uint32_t leaf = 0x1c; leaf < 0x400; leaf++)
		for (uint32_t sub = 0; sub < 3; sub++)
			want_at(all_zero(leaf, sub), (long)leaf, 0, "leaf that is not zero");
	rule("leaves from 40000006 to 400003ff are zero");
	for (uint32_t leaf = 0x40000006; leaf < 0x40000400; leaf++)
		want_at(all_zero(leaf, 0), (long)leaf, 0, "leaf that is not zero");
	rule("leaves from 80000022 to 800003ff are zero");
	for (uint32_t leaf = 0x80000022; leaf < 0x80000400; leaf++)
		want_at(all_zero(leaf, 0), (long)leaf, 0, "leaf that is not zero");
	rule("leaves of other makers are zero");
	for (uint32_t leaf = 0; leaf < 0x40; leaf++) {
		want_true(all_zero(0xc0000000 + leaf, 0));
		want_true(all_zero(0x80860000 + leaf, 0));
		want_true(all_zero(0x20000000 + leaf, 0));
	}
	rule("x2APIC topology is zero");
	want_true(all_zero(11, 0));
	want_true(all_zero(11, 1));
	rule("leaf 7 beyond the last sub-leaf is zero");
	want_true(all_zero(7, 2));
}

static void hypervisor_leaves(void)
{
	struct regs r = forced(0x40000000, 0);

	rule("leaf 40000000 is the signature, and five leaves more");
	want(r.a, 0x40000005);
	want(r.b, 0x566e6558);
	want(r.c, 0x65584d4d);
	want(r.d, 0x4d4d566e);
	rule("leaf 40000001 is the version 4.17");
	r = forced(0x40000001, 0);
	want(r.a, 4 << 16 | 17);
	want(r.b | r.c | r.d, 0);
	rule("leaf 40000002: one hypercall page by MSR 40000000, A/D bits kept");
	r = forced(0x40000002, 0);
	want(r.a, 1);
	want(r.b, 0x40000000);
	want(r.c, 1);
	want(r.d, 0);
	rule("leaf 40000003.2 is the TSC's rate in kHz");
	r = forced(0x40000003, 2);
	want_true(r.a > 100000 && r.a < 10000000);
	want(r.b | r.c | r.d, 0);
	rule("leaf 40000003.0 says whether there is RDTSCP, and no emulation");
	if (is_first_domain())
		want(forced(0x40000003, 0).a & 5,
		     hardware(0x80000001, 0).d >> 27 & 1 ? 4 : 0);
	else
		skip("depends on the clock chosen for the guest");
	rule("to the first domain leaf 40000003.0 tells no rate");
	if (is_first_domain())
		want(forced(0x40000003, 0).c, 0);
	else
		skip("not the first domain");
	rule("leaf 40000003 has three sub-leaves");
	for (uint32_t sub = 3; sub < 16; sub++)
		want_true(all_zero(0x40000003, sub));
	rule("leaves 40000004 and 40000005 have no more sub-leaves");
	for (uint32_t sub = 1; sub < 16; sub++) {
		want_true(all_zero(0x40000004, sub));
		want_true(all_zero(0x40000005, sub));
	}
	rule("leaves 40000000 to 40000002 are the same by any sub-leaf");
	for (uint32_t leaf = 0x40000000; leaf <= 0x40000002; leaf++)
		for (uint32_t sub = 1; sub < 4; sub++) {
			struct regs a = forced(leaf, 0), b = forced(leaf, sub);

			want(memcmp(&a, &b, sizeof(a)), 0);
		}
	rule("leaf 40000005 is the width of the highest machine address");
	r = forced(0x40000005, 0);
	want_true(r.b >= 28 && r.b <= 40);
	want(r.a | r.c | r.d, 0);
}

void leaves(void)
{
	hidden_bits();
	later_leaves();
	zero_leaves();
	hypervisor_leaves();
}
