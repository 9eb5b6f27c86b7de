/* SPDX-License-Identifier: MIT */
/* calls.c - the gate itself, what is emulated, and ports. */
#include <xen/physdev.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "bench.h"

#define BATCH		32
#define IA32_EFER	0xc0000080u
#define GS_BASE		0xc0000101u
#define KEYBOARD	0x64		/* its status port */
#define FOREIGN_LEAF	0x40000100u	/* another hypervisor's, if there were one */
#define HIGHEST_VCPU	8191		/* that a Linux for many CPUs asks for */

static struct multicall_entry batch[BATCH];
static uint64_t gs_word = 0x1234;

static unsigned long null_call(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++)
		good += call(xen_version, XENVER_version) == 0x40011;
	return good;
}

static unsigned long unknown_call(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++)
		good += hypercall5(50, 0, 0, 0, 0, 0) == -XEN_ENOSYS;
	return good;
}

static unsigned long missing_vcpu(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++)
		good += call(vcpu_op, VCPUOP_is_up, HIGHEST_VCPU, 0) == -XEN_ENOENT;
	return good;
}

static void make_batch(void)
{
	for (unsigned int i = 0; i < BATCH; i++)
		batch[i] = (struct multicall_entry){
			.op = __HYPERVISOR_xen_version, .args = { XENVER_version },
		};
}

/* n calls, in batches. */
static unsigned long multicall(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i += BATCH) {
		if (n - i < BATCH)
			good += call(multicall, batch, n - i) ? 0 : n - i;
		else
			good += call(multicall, batch, BATCH) ? 0 : BATCH;
	}
	return batch[0].result == 0x40011 &&
		(n < BATCH || batch[BATCH - 1].result == 0x40011) ? good : 0;
}

static unsigned long iret(unsigned long n)
{
	handled = 0;
	loop_iret(n);
	return handled;
}

static unsigned long cpuid(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		uint32_t a = 0x40000000, b, c = 0, d;

		asm volatile("ud2a; .ascii \"xen\"; cpuid"
			     : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
		good += b == 0x566e6558;	/* "XenV" */
	}
	return good;
}

/* Linux looks for a signature in 255 of these as it starts. */
static unsigned long cpuid_foreign(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		uint32_t a = FOREIGN_LEAF, b, c = 0, d;

		asm volatile("ud2a; .ascii \"xen\"; cpuid"
			     : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
		good += !(a | b | c | d);
	}
	return good;
}

static unsigned long cpuid_features(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		uint32_t a = 1, b, c = 0, d;

		asm volatile("ud2a; .ascii \"xen\"; cpuid"
			     : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
		good += c >> 31;		/* "under a hypervisor" */
	}
	return good;
}

static unsigned long read_msr(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		uint32_t low, high;

		asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(IA32_EFER));
		good += low >> 8 & 1;		/* LME */
	}
	return good;
}

static unsigned long write_msr(unsigned long n)
{
	uint64_t base = (uint64_t)&gs_word, seen;

	for (unsigned long i = 0; i < n; i++)
		asm volatile("wrmsr" : : "c"(GS_BASE), "a"((uint32_t)base),
			     "d"((uint32_t)(base >> 32)));
	asm volatile("mov %%gs:0, %0" : "=r"(seen));
	return seen == gs_word ? n : 0;
}

static unsigned long read_cr0(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		uint64_t value;

		asm volatile("mov %%cr0, %0" : "=r"(value));
		good += value >> 31;		/* PG */
	}
	return good;
}

static unsigned long read_cr3(unsigned long n)
{
	uint64_t wanted = machine_of((void *)start_info->pt_base);
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		uint64_t value;

		asm volatile("mov %%cr3, %0" : "=r"(value));
		good += value == wanted;
	}
	return good;
}

static unsigned long write_cr0(unsigned long n)
{
	uint64_t value, after;

	asm volatile("mov %%cr0, %0" : "=r"(value));
	for (unsigned long i = 0; i < n; i++)
		asm volatile("mov %0, %%cr0" : : "r"(value | 8));
	asm volatile("mov %%cr0, %0" : "=r"(after));
	asm volatile("mov %0, %%cr0" : : "r"(value & ~8ul));
	return after & 8 ? n : 0;
}

static void allow_ports(void)
{
	want(call(physdev_op, PHYSDEVOP_set_iopl,
		  &(struct physdev_set_iopl){ 1 }), 0);
}

static unsigned long read_port(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++) {
		uint8_t value;

		asm volatile("inb %1, %0" : "=a"(value) : "i"(KEYBOARD));
		good += value != 0xff;		/* as it would be without one */
	}
	return good;
}

const struct op call_ops[] = {
	{ "null hypercall (xen_version)", ROUNDS, NULL, null_call, NULL },
	{ "unknown hypercall", ROUNDS, NULL, unknown_call, NULL },
	{ "vCPU that is not there, is_up", ROUNDS, NULL, missing_vcpu, NULL },
	{ "multicall of 32, each call", 32 * 16, make_batch, multicall, NULL },
	{ "iret to the kernel", ROUNDS, NULL, iret, NULL },
	{ "CPUID emulated, hypervisor leaf", ROUNDS, NULL, cpuid, NULL },
	{ "CPUID emulated, foreign leaf", ROUNDS, NULL, cpuid_foreign, NULL },
	{ "CPUID emulated, feature leaf", ROUNDS, NULL, cpuid_features, NULL },
	{ "MSR read (EFER)", ROUNDS, NULL, read_msr, NULL },
	{ "MSR write (GS base)", ROUNDS, NULL, write_msr, NULL },
	{ "CR0 read", ROUNDS, NULL, read_cr0, NULL },
	{ "CR3 read", ROUNDS, NULL, read_cr3, NULL },
	{ "CR0 write", ROUNDS, NULL, write_cr0, NULL },
	{ "port read", ROUNDS, allow_ports, read_port, NULL },
	{ 0 },
};
