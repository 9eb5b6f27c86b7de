/* SPDX-License-Identifier: MIT */
/* msrs.c - RDMSR and WRMSR: a sweep by table, and registers that work. */
#include "emulation.h"

static uint32_t msr;

static void rd(void *unused)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	value = (uint64_t)high << 32 | low;
}

static void wr(void *unused)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static int write_msr(uint32_t n, uint64_t v)
{
	msr = n;
	return vector_of(wr, v);
}

static int read_msr(uint32_t n)
{
	msr = n;
	return vector_of(rd, 0x7777);
}

/* What happens to writes of 0 and of all ones. */
enum writes { NEVER, ZERO, DROPPED, UNASKED };
#define AMD	1
#define INTEL	2
#define ANY	3
#define FIRST	4		/* AMD's, for the first domain */
#define UNKNOWN	0x7777ull	/* some value: it can be read */

struct inert { uint32_t first, last; uint64_t value; int writes, vendor; };

static const struct inert inert[] = {
	{ 0x00000000, 0x00000001, 0, NEVER, ANY },
	{ 0x0000001b, 0x0000001b, UNKNOWN, UNASKED, ANY },
	{ 0x0000008b, 0x0000008b, UNKNOWN, NEVER, AMD },
	{ 0x0000008b, 0x0000008b, UNKNOWN, ZERO, INTEL },
	{ 0x000000ce, 0x000000ce, 0, NEVER, ANY },
	{ 0x00000140, 0x00000140, 0, ZERO, ANY },
	{ 0x00000179, 0x00000179, 2, DROPPED, AMD },
	{ 0x00000179, 0x00000179, 0x1000c02, DROPPED, INTEL },
	{ 0x0000017a, 0x0000017b, 0, UNASKED, ANY },
	{ 0x000001a0, 0x000001a0, 0x801801, DROPPED, ANY },
	{ 0x00000277, 0x00000277, 0x50100070406, NEVER, ANY },
	{ 0x00000280, 0x0000029f, 0, DROPPED, AMD },
	{ 0x00000280, 0x0000029f, 0, UNASKED, INTEL },
	{ 0x00000345, 0x00000345, 0, NEVER, ANY },
	{ 0x00000400, 0x00000400, ~0ull, DROPPED, ANY },
	{ 0x00000401, 0x00000403, 0, ZERO, ANY },
	{ 0x00000404, 0x00000404, ~0ull, DROPPED, ANY },
	{ 0x00000405, 0x00000407, 0, ZERO, ANY },
	{ 0x00000408, 0x0000047f, 0, DROPPED, ANY },
	{ 0x40000000, 0x40000000, 0, NEVER, ANY },
	{ 0xc0010000, 0xc0010007, 0, DROPPED, AMD },
	{ 0xc0010010, 0xc0010010, 0, NEVER, FIRST },
	{ 0xc0010015, 0xc0010015, 0, DROPPED, AMD },
	{ 0xc0010016, 0xc001001a, 0, NEVER, FIRST },
	{ 0xc001001d, 0xc001001d, 0, NEVER, FIRST },
	{ 0xc001001f, 0xc001001f, 0, DROPPED, ANY },
	{ 0xc0010041, 0xc0010042, 0, DROPPED, AMD },
	{ 0xc0010061, 0xc001006b, 0, DROPPED, AMD },
	{ 0xc0010112, 0xc0010113, 0, NEVER, FIRST },
	{ 0xc0010200, 0xc001020b, 0, DROPPED, AMD },
	{ 0xc0011029, 0xc0011029, 2, DROPPED, AMD },
};

/* Ranges swept whole; what no row names in them is absent. */
static const struct { uint32_t first, last; const char *rule; } swept[] = {
	{ 0x00000000, 0x0000000f, "MSRs 0-f: machine check of old" },
	{ 0x0000001b, 0x0000001b, "MSR 1b: the APIC's address can be read" },
	{ 0x00000020, 0x0000002f, "MSRs 20-2f" },
	{ 0x00000035, 0x00000039, "MSRs 35-39" },
	{ 0x0000003b, 0x0000003b, "MSR 3b" },
	{ 0x00000079, 0x00000079, "MSR 79: no microcode is loaded" },
	{ 0x0000008b, 0x0000008b, "MSR 8b: the microcode's revision" },
	{ 0x000000cd, 0x000000ce, "MSRs cd, ce" },
	{ 0x00000140, 0x00000140, "MSR 140: misc features" },
	{ 0x00000174, 0x00000176, "MSRs 174-176: no SYSENTER" },
	{ 0x00000179, 0x0000017c, "MSRs 179-17c: machine check" },
	{ 0x000001a0, 0x000001a1, "MSR 1a0: misc enable" },
	{ 0x000001d9, 0x000001dc, "MSRs 1d9-1dc: no branch records" },
	{ 0x000001f2, 0x000001f3, "MSRs 1f2, 1f3" },
	{ 0x00000200, 0x0000026f, "MSRs 200-26f: no MTRRs" },
	{ 0x00000277, 0x00000277, "MSR 277: the PAT cannot be changed" },
	{ 0x00000280, 0x000002a0, "MSRs 280-2a0: machine check thresholds" },
	{ 0x000002ff, 0x000002ff, "MSR 2ff" },
	{ 0x00000345, 0x00000345, "MSR 345: performance capabilities" },
	{ 0x00000400, 0x0000047f, "MSRs 400-47f: two machine check banks" },
	{ 0x00000480, 0x00000493, "MSRs 480-493: no VMX" },
	{ 0x000006a0, 0x000006a8, "MSRs 6a0-6a8: no CET" },
	{ 0x00000800, 0x0000083f, "MSRs 800-83f: no x2APIC" },
	{ 0x00000d90, 0x00000d90, "MSR d90" },
	{ 0x00000da0, 0x00000da0, "MSR da0: no supervisor state" },
	{ 0x40000000, 0x40000010, "MSRs 40000000-40000010" },
	{ 0xc0000081, 0xc0000084, "MSRs c0000081-c0000084: SYSCALL is ours" },
	{ 0xc0010000, 0xc0010020, "MSRs c0010000-c0010020: AMD's system" },
	{ 0xc0010041, 0xc0010042, "MSRs c0010041, c0010042: no FID and VID" },
	{ 0xc0010060, 0xc001006c, "MSRs c0010060-c001006c: AMD's P-states" },
	{ 0xc0010110, 0xc0010118, "MSRs c0010110-c0010118: SVM and SMM" },
	{ 0xc0010140, 0xc0010141, "MSRs c0010140, c0010141" },
	{ 0xc0010200, 0xc001020c, "MSRs c0010200-c001020c: AMD's counters" },
	{ 0xc0011029, 0xc001102a, "MSRs c0011029, c001102a: LFENCE serializes" },
};

static void check(uint32_t n)
{
	int vendor = !is_amd() ? INTEL : is_first_domain() ? AMD | FIRST : AMD;
	const struct inert *row = 0;
	int vector;

	for (unsigned int i = 0; i < sizeof(inert) / sizeof(inert[0]); i++)
		if (n >= inert[i].first && n <= inert[i].last && (inert[i].vendor & vendor))
			row = &inert[i];
	vector = read_msr(n);
	if (!row) {
		want_at(vector == TRAP_GP, (long)n, TRAP_GP, "absent MSR that is read");
		vector = write_msr(n, 0);
		want_at(vector == TRAP_GP, (long)n, TRAP_GP, "absent MSR that is written");
		return;
	}
	want_at(vector < 0, (long)n, -1, "MSR that cannot be read");
	if (row->value != UNKNOWN)
		want_at(value == row->value, (long)value, (long)row->value, "MSR's value");
	if (row->writes == UNASKED)
		return;
	vector = write_msr(n, 0);
	want_at((vector < 0) == (row->writes != NEVER), (long)n, vector, "0 into MSR");
	vector = write_msr(n, ~0ul);
	want_at((vector < 0) == (row->writes == DROPPED), (long)n, vector, "ones into MSR");
	read_msr(n);
	if (row->value != UNKNOWN)
		want_at(value == row->value, (long)value, (long)row->value, "MSR afterwards");
}

/* All that processors of our day have, whatever the table above names. */
static const struct { uint32_t first, last; const char *rule; } whole[] = {
	{ 0x00000000, 0x000003ff, "no other MSR from 0 to 3ff" },
	{ 0x00000400, 0x000007ff, "no other MSR from 400 to 7ff" },
	{ 0x00000800, 0x00000fff, "no other MSR from 800 to fff" },
	{ 0x00001000, 0x00001fff, "no other MSR from 1000 to 1fff" },
	{ 0x40000000, 0x400001ff, "no other MSR from 40000000 to 400001ff" },
	{ 0xc0000000, 0xc0001fff, "no other MSR from c0000000 to c0001fff" },
	{ 0xc0010000, 0xc0010fff, "no other MSR from c0010000 to c0010fff" },
	{ 0xc0011000, 0xc0011fff, "no other MSR from c0011000 to c0011fff" },
};

/* Those with rules of their own, and two that upstream lets be written. */
static bool left_out(uint32_t n)
{
	return n == 0x10 || n == 0xe7 || n == 0xe8 || n == 0xc0000080 ||
	       (n >= 0xc0000100 && n <= 0xc0000103);
}

static void all_others(void)
{
	for (unsigned int i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		rule(whole[i].rule);
		if (!is_amd()) {
			skip("the table is for AMD's");
			continue;
		}
		for (uint32_t n = whole[i].first; n <= whole[i].last; n++)
			if (!left_out(n))
				check(n);
	}
}

static void working(void)
{
	uint64_t efer;

	rule("the TSC can be read, not written");
	want(read_msr(0x10), -1);
	want_true(value);
	want(write_msr(0x10, 0), TRAP_GP);
	rule("EFER says SCE, LME, LMA and NX, and may be written as it is");
	want(read_msr(0xc0000080), -1);
	efer = value;
	want(efer, 0xd01);
	want(write_msr(0xc0000080, efer), -1);
	want(write_msr(0xc0000080, 0), TRAP_GP);
	rule("segment bases can be set, not to an address that is not canonical");
	for (uint32_t n = 0xc0000100; n <= 0xc0000102; n++) {
		want(write_msr(n, 0x123456789000), -1);
		want(read_msr(n), -1);
		want(value, 0x123456789000);
		want(write_msr(n, 0x800000000000), TRAP_GP);
		want(write_msr(n, 0), -1);
	}
	rule("TSC_AUX takes 32 bits, and RDTSCP tells them, if there is RDTSCP");
	if (!(forced(0x80000001, 0).d & 1u << 27)) {
		want(read_msr(0xc0000103), TRAP_GP);
		want(write_msr(0xc0000103, 0), TRAP_GP);
		return;
	}
	want(write_msr(0xc0000103, 0x12345678), -1);
	want(read_msr(0xc0000103), -1);
	want(value, 0x12345678);
	{
		uint32_t aux;

		call(sched_op, 0, 0);		/* yield */
		asm volatile("rdtscp" : "=c"(aux) : : "eax", "edx");
		want(aux, 0x12345678);
	}
	want(write_msr(0xc0000103, 1ul << 32), TRAP_GP);
	want(write_msr(0xc0000103, 0), -1);
}

void msrs(void)
{
	for (unsigned int i = 0; i < sizeof(swept) / sizeof(swept[0]); i++) {
		rule(swept[i].rule);
		for (uint32_t n = swept[i].first; n <= swept[i].last; n++)
			check(n);
	}
	all_others();
	working();
}
