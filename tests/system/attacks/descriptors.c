/* SPDX-License-Identifier: MIT */
/* descriptors.c - descriptors and selectors: none leads out of ring 3, none
 * but a guest's own is taken, and no breakpoint stands on the hypervisor.
 */
#include <xen/callback.h>

#include "attack.h"

static volatile PAGE uint64_t gdt[512];

SNIPPET(load_ds, "mov %eax, %ds; ud2");
SNIPPET(load_fs, "mov %eax, %fs; ud2");
SNIPPET(load_ss, "mov %eax, %ss; ud2");
SNIPPET(far_call, "lcall *(%rdi); ud2");
SNIPPET(far_return, "push %rax; push %rbx; lretq; ud2");
SNIPPET(look, "lar %eax, %ecx; lsl %eax, %edx; verr %ax; verw %ax; mov %cs, %ecx; ud2");
SNIPPET(tell_cs, "mov %cs, %ecx; ud2");

/* Runs code with the selector in rax: whether it stayed in ring 3. */
static bool ring3(const char *code, uint64_t selector)
{
	struct far { uint64_t offset; uint16_t selector; } to = {
		(uint64_t)tell_cs, (uint16_t)selector,
	};
	struct frame f = kernel_state(code);

	f.rax = selector;
	f.rbx = (uint64_t)tell_cs;
	f.rdi = (uint64_t)&to;
	f.rcx = 3;
	run_from(&f);
	/* what was loaded may not be there the next time */
	asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs" : : "r"(0) : "memory");
	return trapped.rip < HYPERVISOR_VIRT_START || trapped.rip >= HYPERVISOR_VIRT_END;
}

static void selectors(void)
{
	unsigned long outside = 0;

	rule("no selector leads out of ring 3: loads, far calls, far returns");
	for (unsigned int s = 0; s < 0x10000; s += s < 0xe000 ? 0x3f5 : 1)
		for (unsigned int k = 0; k < 5; k++) {
			static const char *const codes[] = {
				load_ds, load_fs, load_ss, far_call, far_return,
			};

			outside += !ring3(codes[k], s);
		}
	want(outside, 0);
	rule("to look at a selector is no harm");
	for (unsigned int s = 0; s < 0x10000; s += 13)
		want_true(ring3(look, s) && (trapped.rcx & 3) == 3);
}

/* A slot of a descriptor table in use gets each type there is. */
static void types(void)
{
	unsigned long frame = virt_to_mfn(gdt), taken = 0, outside = 0;

	rule("a descriptor of any type is refused, or is no way out of ring 3");
	want(read_only((void *)gdt), 0);
	want(call(set_gdt, &frame, 512), 0);
	for (unsigned int access = 0; access < 256; access++)
		for (unsigned int high = 0; high < 16; high++) {
			uint64_t d = 0xffff | (uint64_t)access << 40 | (uint64_t)high << 52, now;

			if (call(update_descriptor, frame << 12 | 8 * 17, d))
				continue;
			taken++;
			/* present: code or data for ring 3, or nothing one can enter */
			now = gdt[17] >> 44 & 15;
			want_true(!(now & 8) || now == 15 || !(now & 1));
			want_true(!(now & 8) || (now & 1) || !(now & 6) || !(d >> 40 & 15));
			if (high & 3)
				continue;
			outside += !ring3(load_ds, 17 << 3 | 3);
			outside += !ring3(far_call, 17 << 3 | 3);
			outside += !ring3(far_return, 17 << 3 | 3);
			if (trapped.rip == (uint64_t)tell_cs + 2)
				want(trapped.rcx & 3, 3);
		}
	want_true(taken > 100);
	want(outside, 0);
	rule("a gate to the hypervisor is no descriptor");
	for (unsigned int type = 0; type < 16; type++)
		for (unsigned int dpl = 0; dpl < 4; dpl++) {
			uint64_t gate = 0xe008ul << 16 | (0x80ul | dpl << 5 | type) << 40;

			if (call(update_descriptor, frame << 12 | 8 * 17, gate))
				continue;
			outside += !ring3(far_call, 17 << 3 | 3);
			want_true(trapped.rip != (uint64_t)tell_cs + 2 || (trapped.rcx & 3) == 3);
		}
	want(outside, 0);
	want(call(set_gdt, 0, 0), 0);
	want(read_write((void *)gdt), 0);
}

/* Local tables that are not there, go away, or are something else. */
static void local(void)
{
	static PAGE uint64_t ldt[1024];
	unsigned long outside = 0;

	rule("a local table that is absent, short, unmapped or no descriptors is a fault of ours");
	for (unsigned int round = 0; round < 300; round++) {
		uint64_t at = round % 3 ? (uint64_t)ldt : 0x5000;

		want(extended(MMUEXT_SET_LDT, at, round % 7 ? 1024 : 0), 0);
		ldt[1] = round & 1 ? 0x00cff3000000fffful : random_number();
		if (round % 5 == 0)
			want(read_only(ldt), 0);
		for (unsigned int k = 0; k < 8; k++)
			outside += !ring3(k & 1 ? load_ds : far_call,
					  4 | 3 | (random_number() & (k & 2 ? 8 : 0xfff8)));
		/* it stays read-only while the processor may look at it */
		if (round % 5 == 0) {
			extended(MMUEXT_SET_LDT, 0, 0);
			want(read_write(ldt), 0);
		}
	}
	want(outside, 0);
	want(extended(MMUEXT_SET_LDT, 0, 0), 0);
	want(read_write(ldt), 0);
}

static void breakpoints(void)
{
	struct __attribute__((packed)) { uint16_t limit; uint64_t base; } where[2];

	rule("no breakpoint stands on the hypervisor's addresses or tables");
	asm volatile("sgdt %0; sidt %1" : "=m"(where[0]), "=m"(where[1]));
	for (unsigned int r = 0; r < 4; r++) {
		for (uint64_t a = HYPERVISOR_VIRT_START; a < HYPERVISOR_VIRT_END; a += 1ul << 36)
			want_true(call(set_debugreg, r, a) != 0);
		want_true(call(set_debugreg, r, HYPERVISOR_VIRT_END - 1) != 0);
		want_true(call(set_debugreg, r, HYPERVISOR_VIRT_START - 1 + 1) != 0);
		for (unsigned int t = 0; t < 2; t++)
			want_true(where[t].base < HYPERVISOR_VIRT_START ||
				  call(set_debugreg, r, where[t].base) != 0);
		want(call(set_debugreg, r, 0), 0);
	}
	for (unsigned int bit = 0; bit < 64; bit++) {
		call(set_debugreg, 6, 1ul << bit);
		call(set_debugreg, 7, 1ul << bit);
		call(set_debugreg, bit, 0);
	}
	want(call(set_debugreg, 7, 0), 0);
}

void attack_descriptors(void)
{
	set_callback(CALLBACKTYPE_failsafe, 0, entry_stub(ENTRY_FAILSAFE));
	selectors();
	types();
	local();
	breakpoints();
}
