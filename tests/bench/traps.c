/* SPDX-License-Identifier: MIT */
/* traps.c - exceptions bounced to the guest's kernel, and its users' ways in.
 *
 * Only the one vector that is meant has a handler: any other ends the domain.
 */
#include <xen/callback.h>

#include "bench.h"

#define NON_CANONICAL	((void *)0x8000000000000000ul)
#define UNMAPPED	((void *)0x1000)

static char read_only_page[4096] PAGE;

static void handle_only(unsigned int vector, void (*handler)(void))
{
	struct trap_info traps[2] = { { 0 } };

	traps[0].vector = (uint8_t)vector;
	traps[0].flags = vector == 3 || vector == 0x80 ? 3 : 0;
	traps[0].cs = FLAT_KERNEL_CS;
	traps[0].address = (unsigned long)handler;
	want(call(set_trap_table, 0), 0);
	want(call(set_trap_table, traps), 0);
}

#define EXCEPTION(name, vector, handler, loop) \
	static void name##_setup(void) { handle_only(vector, handler); } \
	static unsigned long name(unsigned long n) \
	{ \
		handled = 0; \
		loop; \
		return handled; \
	}

EXCEPTION(int3, 3, handle, loop_int3(n))
EXCEPTION(invalid, 6, handle, loop_ud(n))
EXCEPTION(no_fpu, 7, handle, loop_fpu(n))
EXCEPTION(protection, 13, handle_error, loop_read(n, NON_CANONICAL))
EXCEPTION(page_read, 14, handle_error, loop_read(n, UNMAPPED))
EXCEPTION(page_write, 14, handle_error, loop_write(n, read_only_page))
EXCEPTION(int80, 0x80, handle, user_int80(n))

static void page_write_ready(void)
{
	page_write_setup();
	map_as(read_only_page, RO);
}

static void user_ready(void)
{
	struct callback_register entry = {
		CALLBACKTYPE_syscall, 0, (xen_callback_t)handle_syscall,
	};
	static char stack[4096] PAGE;
	struct mmuext_op op = {
		.cmd = MMUEXT_NEW_USER_BASEPTR,
		.arg1.mfn = virt_to_mfn((void *)start_info->pt_base),
	};

	int80_setup();
	want(call(callback_op, CALLBACKOP_register, &entry), 0);
	want(call(stack_switch, FLAT_KERNEL_SS, stack + sizeof(stack)), 0);
	want(call(mmuext_op, &op, 1, 0, DOMID_SELF), 0);
}

static unsigned long user(unsigned long n)
{
	handled = 0;
	user_syscalls(n);
	return handled;
}

static void mask_again(void)
{
	events_mask();
}

static unsigned long fpu_switch(unsigned long n)
{
	unsigned long good = 0;

	for (unsigned long i = 0; i < n; i++)
		good += !call(fpu_taskswitch, 1) && !call(fpu_taskswitch, 0);
	asm volatile("fnop");		/* would trap */
	return good;
}

const struct op trap_ops[] = {
	{ "#BP (int3)", ROUNDS, int3_setup, int3, NULL },
	{ "#UD", ROUNDS, invalid_setup, invalid, NULL },
	{ "#GP", ROUNDS, protection_setup, protection, NULL },
	{ "#PF, read", ROUNDS, page_read_setup, page_read, NULL },
	{ "#PF, write to a read-only page", ROUNDS, page_write_ready,
	  page_write, NULL },
	{ "FPU taken away, #NM", ROUNDS, no_fpu_setup, no_fpu, NULL },
	{ "FPU taken away and given back", ROUNDS, NULL, fpu_switch, NULL },
	{ "user's syscall and back", ROUNDS, user_ready, user, mask_again },
	{ "user's int 0x80 and back", ROUNDS, user_ready, int80, mask_again },
	{ 0 },
};
