/* SPDX-License-Identifier: MIT */
/* counter.c - a TSC that the hypervisor makes up (tsc_mode="always_emulate").
 *
 * As a plain domain the suite has one, on both hypervisors; as first domain none.
 */
#include "clocks.h"
#include "lib.h"

struct regs { uint32_t a, b, c, d; };

/* Leaf 40000003, by the forced-emulation prefix. */
static struct regs leaf(uint32_t sub)
{
	struct regs r;

	asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2"
		     : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
		     : "0"(0x40000003), "2"(sub));
	return r;
}

SNIPPET(user_rdtsc, "rdtsc; ud2")

static uint64_t by_user(void)
{
	want(enter(USER, user_rdtsc), 6);
	return trapped.rdx << 32 | (uint32_t)trapped.rax;
}

static uint64_t by_msr(void)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0x10));
	return (uint64_t)high << 32 | low;
}

static void told(void)
{
	volatile struct vcpu_time_info *t = &shared->vcpu_info[0].time;
	uint64_t ns = 1000000000;

	rule("an emulated TSC: leaf 40000003.0 tells the mode and the incarnation");
	want(leaf(0).b, 1);
	want(leaf(0).d, 1);
	rule("an emulated TSC: leaf 40000003.1 tells its scale, which is the clock's");
	want(leaf(1).a | leaf(1).b, 0);
	want(leaf(1).c, t->tsc_to_system_mul);
	want((int32_t)leaf(1).d, t->tsc_shift);
	rule("an emulated TSC: its rate is the machine's, and as its scale says");
	want(leaf(0).c, leaf(2).a);
	ns = t->tsc_shift < 0 ? ns >> -t->tsc_shift : ns << t->tsc_shift;
	ns = ns * t->tsc_to_system_mul >> 32;		/* of so many ticks */
	want_true(ns * leaf(0).c / 1000000 > 999999000 &&
		  ns * leaf(0).c / 1000000 < 1000001000);
}

static void reading(void)
{
	uint32_t same = 0;
	uint64_t last = read_tsc();

	rule("an emulated TSC: no value is read twice");
	for (int i = 0; i < 2000; i++) {
		uint64_t tsc = read_tsc();

		same += tsc <= last;
		last = tsc;
	}
	want(same, 0);
	rule("an emulated TSC: RDMSR and user code read the same counter");
	for (int i = 0; i < 50; i++) {
		uint64_t msr, user;

		last = read_tsc();
		msr = by_msr();
		user = by_user();
		want_true(last < msr && msr < user && user < read_tsc());
	}
	rule("an emulated TSC: it was 0 when the domain was made");
	want_true(read_tsc() / leaf(0).c < now() / 1000000);
}

void counter(void)
{
	bool emulated = leaf(0).a & 1;

	rule("the first domain's TSC is the machine's, a plain one's as told");
	want(emulated, !is_first_domain());
	if (!emulated)
		return;
	want(user_open(), 0);
	told();
	reading();
}
