/* SPDX-License-Identifier: MIT */
/* handlers.c - handlers that cannot start, and traps in handlers. */
#include "traps.h"

SNIPPET(undefined, "ud2")
SNIPPET(breakpoint, "int3; ud2")

static PAGE uint8_t no_execute[4096];

static void elsewhere(enum mode mode)
{
	struct frame f = state_in(mode, undefined);

	rule_in(mode, "a handler that is not mapped is a page fault of the kernel's at its address");
	set_gate(6, 0, (void *)NOWHERE);
	run_from(&f);
	want(pushed.entry, 14);
	want(trapped.error, 16);
	want(trapped.rip, NOWHERE);
	want(trapped.cs & 0xffff, 0xe030);
	want(trapped_cr2, NOWHERE);
	rule_in(mode, "the frame of a fault at the handler lies below the first trap's");
	want(trapped.rsp + 7 * 8, (long)(mode == USER ? kernel_entry_stack() : f.rsp));
	want(*(uint64_t *)(trapped.rsp + 16), (long)undefined);
	rule_in(mode, "a handler in a page marked NX is a page fault too");
	set_gate(6, 0, no_execute);
	run_from(&f);
	want(pushed.entry, 14);
	want(trapped.error, 17);
	want(trapped.rip, (long)no_execute);
	rule_in(mode, "a handler in a page that only the kernel maps starts");
	set_gate(6, 0, kernel_only);
	memcpy(kernel_only, "\xcc", 1);
	run_from(&f);
	want(pushed.entry, 3);
	want(trapped.rip, (long)kernel_only + 1);
	want(trapped.cs & 0xffff, 0xe030);
	reset_gates();
}

static uint16_t live_cs;

static bool look_at_cs(struct frame *f)
{
	asm volatile("mov %%cs, %0" : "=m"(live_cs));
	return false;
}

static void code_segment(enum mode mode)
{
	static const uint16_t selectors[] = { 0xe030, 0xe033, 0xe023, 0, 3, 0x1003, 0xe008, 7 };

	rule_in(mode, "a gate's code segment is not looked at");
	trap_hook = look_at_cs;
	for (unsigned int i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++) {
		struct trap_info t[2] = {
			{ 6, 0, selectors[i], (unsigned long)entry_stub(6) }
		};

		want(call(set_trap_table, t), 0);
		want(enter(mode, undefined), 6);
		want(live_cs, FLAT_KERNEL_CS);
	}
	trap_hook = NULL;
	reset_gates();
}

static unsigned int depth;

/* Every trap of the first ten causes another one. */
static bool deeper(struct frame *f)
{
	if (++depth < 10)
		traps((void (*)(void *))undefined, 0);
	return false;
}

static void nested(enum mode mode)
{
	rule_in(mode, "traps in handlers nest, each on the stack of the one before");
	depth = 0;
	trap_hook = deeper;
	want(enter(mode, breakpoint), 6);	/* what was kept last */
	trap_hook = NULL;
	want(depth, 10);
	want(trapped.cs & 0xffff, 0xe030);
}

void handlers(void)
{
	map_frame(no_execute, virt_to_mfn(no_execute), 1ul << 63 | PTE_PRESENT | PTE_USER);
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		elsewhere(mode);
		code_segment(mode);
		nested(mode);
	}
}
