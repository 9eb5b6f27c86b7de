/* SPDX-License-Identifier: MIT */
/* privilege.c - IOPL in frames, for domains that ask for it by vm_assist. */
#include <xen/physdev.h>

#include "iret.h"

SNIPPET(clear_if, "cli; ud2")

static struct frame with_iopl(enum mode mode, unsigned int iopl, const char *code)
{
	struct frame f = state_in(mode, code);

	f.rflags |= (uint64_t)iopl << 12;
	run_from(&f);
	return trapped;
}

static long set_iopl(unsigned int level)
{
	struct physdev_set_iopl i = { level };

	return call(physdev_op, PHYSDEVOP_set_iopl, &i);
}

void privilege(void)
{
	static const uint8_t enough[] = { 0, 3 };	/* by mode */

	rule("vm_assist has architectural IOPL");
	want(call(vm_assist, VMASST_CMD_enable, VMASST_TYPE_architectural_iopl), 0);
	for (enum mode mode = KERNEL; mode <= USER; mode++) {
		rule_in(mode, "with architectural IOPL the next frame has the IOPL that iret was given");
		for (unsigned int iopl = 0; iopl < 4; iopl++)
			want(with_iopl(mode, iopl, undefined).rflags & RFLAGS_IOPL,
			     iopl << 12);
		rule_in(mode, "architectural IOPL counts: CLI always in the kernel, with 3 for a user");
		for (unsigned int iopl = 0; iopl < 4; iopl++) {
			with_iopl(mode, iopl, clear_if);
			want(pushed.entry, iopl >= enough[mode] ? 6 : 13);
		}
		rule_in(mode, "with architectural IOPL the processor's stays 0");
		with_iopl(mode, 3, flags_to_rdx);
		want(trapped.rdx & RFLAGS_IOPL, 0);
	}
	rule("without architectural IOPL frames say 0, and iret does not change what set_iopl set");
	want(call(vm_assist, VMASST_CMD_disable, VMASST_TYPE_architectural_iopl), 0);
	want(set_iopl(3), 0);
	want(with_iopl(KERNEL, 0, undefined).rflags & RFLAGS_IOPL, 0);
	want(with_iopl(USER, 0, clear_if).rip, (long)clear_if + 1);
	want(set_iopl(0), 0);
	want(with_iopl(USER, 3, clear_if).rip, (long)clear_if);
}
