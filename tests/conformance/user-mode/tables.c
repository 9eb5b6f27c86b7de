/* SPDX-License-Identifier: MIT */
/* tables.c - the user half's top table, and who sees what. */
#include <xen/version.h>

#include "user.h"

SNIPPET(load, "mov (%rdi), %rax; ud2")
SNIPPET(undefined, "ud2")

static int load_from(enum mode mode, uint64_t address)
{
	struct frame f = state_in(mode, load);

	f.rdi = address;
	run_from(&f);
	return (int)pushed.entry;
}

static long new_user_base(uint64_t frame)
{
	struct mmuext_op op = { .cmd = MMUEXT_NEW_USER_BASEPTR };

	op.arg1.mfn = frame;
	return call(mmuext_op, &op, 1, 0, DOMID_SELF);
}

static void halves(void)
{
	uint64_t v;

	*(uint64_t *)user_page = 99;
	rule("what only the user half maps is there for users");
	want(load_from(USER, USER_PAGE), 6);
	want(trapped.rax, 99);
	rule("what only the user half maps is not there for the kernel");
	want(load_from(KERNEL, USER_PAGE), 14);
	want(trapped.error, 0);
	want(trapped_cr2, (long)USER_PAGE);
	rule("what only the user half maps is not there for hypercalls: their pointers are the kernel half's");
	want(call(xen_version, XENVER_get_features, USER_PAGE), -XEN_EFAULT);
	want(call(xen_version, XENVER_extraversion, USER_PAGE), -XEN_EFAULT);
	want(*(uint64_t *)user_page, 99);
	rule("CR3 is the kernel half's table, whoever ran last");
	enter(USER, undefined);
	asm volatile("mov %%cr3, %0" : "=r"(v));
	want(v >> 12, (long)virt_to_mfn((void *)start_info->pt_base));
}

static void base_pointer(void)
{
	rule("a user table that is none is EINVAL, and the old one stays");
	want(new_user_base(virt_to_mfn(user_page)), -XEN_EINVAL);
	want(new_user_base(~0ul >> 12), -XEN_EINVAL);
	want(load_from(USER, USER_PAGE), 6);
	rule("the kernel's own table will do for users");
	want(new_user_base(virt_to_mfn((void *)start_info->pt_base)), 0);
	want(enter(USER, undefined), 6);
	want(trapped.cs & 3, 3);
	rule("the next user instruction is looked up in the new table");
	want(load_from(USER, USER_PAGE), 14);
	want(trapped.error, 4);
	want(new_user_base(user_table()), 0);
	want(load_from(USER, USER_PAGE), 6);
	rule("0 takes the user table away, and one can be set again");
	want(new_user_base(0), 0);
	want(enter(KERNEL, undefined), 6);
	want(new_user_base(user_table()), 0);
	want(load_from(USER, USER_PAGE), 6);
	rule("a user table can be set twice");
	want(new_user_base(user_table()), 0);
	want(enter(USER, undefined), 6);
}

void tables(void)
{
	halves();
	base_pointer();
}
