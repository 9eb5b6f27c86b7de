/* SPDX-License-Identifier: MIT */
/* user.c - states to run_from(), and a user mode to run in.
 *
 * The user half has a top table of its own, which maps all that the kernel's
 * maps when it is made: user code is an address in the suite like any other.
 * What the kernel maps in other slots afterwards only the kernel sees.
 */
#include <xen/callback.h>

#include "lib.h"

static PAGE uint64_t user_top[512];
static PAGE char user_stack[4096], kernel_stack[16384], trap_stack[16384];

/* Slots 256 to 271 are the hypervisor's. */
long user_open(void)
{
	const uint64_t *top = (const uint64_t *)start_info->pt_base;
	struct mmuext_op op[2] = {
		{ .cmd = MMUEXT_PIN_L4_TABLE },
		{ .cmd = MMUEXT_NEW_USER_BASEPTR },
	};

	op[0].arg1.mfn = op[1].arg1.mfn = virt_to_mfn(user_top);
	for (unsigned int i = 0; i < 512; i++)
		if (i < 256 || i > 271)
			user_top[i] = top[i];
	map_frame(user_top, virt_to_mfn(user_top), PTE_PRESENT | PTE_USER);
	set_callback(CALLBACKTYPE_syscall, 0, entry_stub(ENTRY_SYSCALL));
	call(stack_switch, FLAT_KERNEL_SS, kernel_entry_stack());
	return call(mmuext_op, op, 2, 0, DOMID_SELF);
}

static void set_entry(uint64_t table_frame, unsigned int slot, uint64_t entry)
{
	struct mmu_update u = { table_frame << 12 | slot * 8, entry };

	want(call(mmu_update, &u, 1, 0, DOMID_SELF), 0);
}

void map_low(uint64_t va, const void *page, enum halves where)
{
	static PAGE uint64_t pool[3][3][512];
	static unsigned int used;
	uint64_t (*t)[512] = pool[used++], entry = virt_to_mfn(page) << 12 | 7;

	for (unsigned int level = 0; level < 3; level++) {
		t[level][va >> (12 + 9 * level) & 511] = entry;
		want(map_frame(t[level], virt_to_mfn(t[level]), PTE_PRESENT), 0);
		entry = virt_to_mfn(t[level]) << 12 | 7;
	}
	if (where != USER_ONLY)
		set_entry(virt_to_mfn((void *)start_info->pt_base), va >> 39 & 511, entry);
	if (where != KERNEL_ONLY)
		set_entry(user_table(), va >> 39 & 511, entry);
}

uint64_t user_table(void)
{
	return virt_to_mfn(user_top);
}

uint64_t kernel_entry_stack(void)
{
	return (uint64_t)trap_stack + sizeof(trap_stack);
}

static struct frame state(const void *code, uint64_t cs, uint64_t stack_end)
{
	struct frame f;

	memset(&f, 0, sizeof(f));
	f.rip = (uint64_t)code;
	f.cs = cs;
	f.rflags = RFLAGS_FIXED;
	if (!shared->vcpu_info[0].evtchn_upcall_mask)
		f.rflags |= RFLAGS_IF;
	f.rsp = stack_end;
	f.ss = FLAT_KERNEL_SS;
	return f;
}

struct frame kernel_state(const void *code)
{
	return state(code, FLAT_KERNEL_CS & ~3,
		     (uint64_t)kernel_stack + sizeof(kernel_stack));
}

struct frame user_state(const void *code)
{
	return state(code, FLAT_USER_CS, (uint64_t)user_stack + sizeof(user_stack));
}

void rule_in(enum mode mode, const char *sentence)
{
	static char text[160];
	const char *prefix = mode == USER ? "user: " : "kernel: ";
	size_t n = strlen(prefix), m = strlen(sentence);

	rule(NULL);
	if (n + m >= sizeof(text))
		suite_end("the rule is too long");
	memcpy(text, prefix, n);
	memcpy(text + n, sentence, m + 1);
	rule(text);
}

struct frame state_in(enum mode mode, const void *code)
{
	struct frame f = mode == USER ? user_state(code) : kernel_state(code);
	uint64_t *r = &f.r15;

	for (unsigned int i = 0; i < 15; i++)
		r[i] = 0x1111111111111111ul * (i + 1);
	return f;
}

int enter(enum mode mode, const void *code)
{
	struct frame f = state_in(mode, code);

	run_from(&f);
	return (int)pushed.entry;
}
