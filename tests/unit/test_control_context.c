/* SPDX-License-Identifier: MIT */
/* test_control_context.c - which states of a vCPU are accepted, and what of
 * them reaches the machine.
 */
/* link: hypervisor/base/string.c hypervisor/sync/spinlock.c */
#include "control/context.h"

#include "base/errno.h"
#include "emul/emul.h"
#include "evtchn/evtchn.h"
#include "mm/mm.h"
#include "sched/sched.h"
#include "time/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct domain d;
static struct vcpu v;
static struct trap_gate gates[256];
static struct vcpu_guest_context good, out;
static int root_answer, roots_set;
static bool up, has_info = true;
static unsigned char fpu[512];

void emul_set_fpu(struct vcpu *w, const void *fxsave)
{
	if (fxsave)
		memcpy(fpu, fxsave, sizeof(fpu));
	else
		memset(fpu, 0, sizeof(fpu));
}

void emul_get_fpu(const struct vcpu *w, void *fxsave) { memcpy(fxsave, fpu, sizeof(fpu)); }
void emul_set_cr0_ts(struct vcpu *w, bool on) { w->emul.cr0_ts = on; }
uint64_t emul_guest_cr0(const struct vcpu *w) { return w->emul.cr0_ts ? 8 : 0; }
void emul_set_cr4(struct vcpu *w, uint64_t cr4) { w->emul.cr4 = cr4; }

int emul_set_debugreg(struct vcpu *w, unsigned reg, uint64_t value)
{
	if (reg < 4)
		w->emul.dr[reg] = value;
	return 0;
}

void sched_vcpu_up(struct vcpu *w) { up = true; }
void sched_vcpu_down(struct vcpu *w) { up = false; }
bool sched_vcpu_is_up(const struct vcpu *w) { return up; }
void wallclock_publish(struct domain *dom) { }
bool evtchn_vcpu_has_info(const struct vcpu *w) { return has_info; }

int mm_set_gdt(struct vcpu *w, const uint64_t *frames, uint32_t entries)
{
	w->mm.gdt_entries = entries;
	for (int i = 0; i < 14; i++)
		w->mm.gdt_frames[i] = frames[i] ? mfn_make(frames[i]) : MFN_NONE;
	return 0;
}

int mm_set_ldt(struct vcpu *w, uint64_t base, uint32_t entries)
{
	w->mm.ldt_base = base;
	w->mm.ldt_entries = entries;
	return 0;
}

int mm_set_kernel_root(struct vcpu *w, mfn_t l4)
{
	if (root_answer)
		return root_answer;
	roots_set++;
	w->mm.kernel_root = l4;
	return 0;
}

int mm_set_user_root(struct vcpu *w, mfn_t l4)
{
	w->mm.user_root = l4;
	return 0;
}

static int setup(void **state)
{
	memset(&d, 0, sizeof(d));
	memset(&v, 0, sizeof(v));
	memset(&good, 0, sizeof(good));
	memset(gates, 0, sizeof(gates));
	root_answer = roots_set = 0;
	up = false;
	v.domain = &d;
	v.traps.gates = gates;
	v.mm.kernel_root = v.mm.user_root = MFN_NONE;
	for (int i = 0; i < 14; i++)
		v.mm.gdt_frames[i] = MFN_NONE;

	good.flags = VGCF_in_kernel | VGCF_online | VGCF_i387_valid;
	good.user_regs.rip = 0xffffffff80001000;
	good.user_regs.rsp = 0xffffffff80002000;
	good.user_regs.cs = FLAT_KERNEL_CS;
	good.user_regs.ss = FLAT_KERNEL_SS;
	good.user_regs.rflags = 0x202;
	good.user_regs.rax = 0x1111;
	good.user_regs.r15 = 0x1515;
	good.kernel_sp = 0xffffffff80003000;
	good.kernel_ss = FLAT_KERNEL_SS;
	good.ctrlreg[3] = xen_pfn_to_cr3(0x1234);
	good.fs_base = 0x1000;
	good.gs_base_kernel = 0x2000;
	good.gs_base_user = 0x3000;
	good.event_callback_eip = 0x4000;
	good.failsafe_callback_eip = 0x5000;
	good.syscall_callback_eip = 0x6000;
	good.trap_ctxt[14] = (struct trap_info){ 14, 4, FLAT_KERNEL_CS, 0x7000 };
	good.fpu_ctxt.x[5] = 55;
	return 0;
}

static void a_good_one_runs(void **state)
{
	assert_int_equal(vcpu_set_context(&v, &good), 0);
	assert_true(v.initialised);
	assert_true(v.kernel_mode);
	assert_true(up);
	assert_int_equal(v.mm.kernel_root.n, 0x1234);
	assert_int_equal(v.frame.rip, good.user_regs.rip);
	assert_int_equal(v.frame.vector, ENTRY_NONE);
	assert_int_equal(gates[14].address, 0x7000);
	assert_int_equal(gates[14].flags, 4);
	assert_int_equal(v.traps.callback[CALLBACKTYPE_syscall], 0x6000);
}

/* Rule: one non-canonical address, and nothing at all has changed. */
static void bad_addresses_change_nothing(void **state)
{
	const size_t words[] = {
#define WORD(f)	offsetof(struct vcpu_guest_context, f)
		WORD(user_regs.rip), WORD(user_regs.rsp), WORD(kernel_sp), WORD(fs_base),
		WORD(gs_base_kernel), WORD(gs_base_user), WORD(event_callback_eip),
		WORD(failsafe_callback_eip), WORD(syscall_callback_eip),
		WORD(trap_ctxt[0].address), WORD(trap_ctxt[255].address),
#undef WORD
	};
	struct vcpu before = v;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct vcpu_guest_context bad = good;
		uint64_t a = 0x800000000000;

		memcpy((char *)&bad + words[i], &a, sizeof(a));
		assert_int_equal(vcpu_set_context(&v, &bad), -EINVAL);
		assert_memory_equal(&v, &before, sizeof(v));
	}
}

static void bad_tables_are_refused(void **state)
{
	good.ldt_base = 0x1008;
	assert_int_equal(vcpu_set_context(&v, &good), -EINVAL);
	good.ldt_base = 0;
	good.ldt_ents = 8193;
	assert_int_equal(vcpu_set_context(&v, &good), -EINVAL);
	good.ldt_ents = 1;
	good.ldt_base = 0x800000000000;
	assert_int_equal(vcpu_set_context(&v, &good), -EINVAL);
	good.ldt_ents = 0;
	good.ldt_base = 0;
	good.gdt_ents = 7169;
	assert_int_equal(vcpu_set_context(&v, &good), -EINVAL);
	good.gdt_ents = 0x100000001;		/* not 1 */
	assert_int_equal(vcpu_set_context(&v, &good), -EINVAL);
	good.gdt_ents = 0;
	good.flags &= ~(unsigned long)VGCF_in_kernel;	/* user mode, no user table */
	assert_int_equal(vcpu_set_context(&v, &good), -EINVAL);
	assert_false(v.initialised);
	assert_int_equal(roots_set, 0);
}

static void rights_are_never_ours(void **state)
{
	good.user_regs.cs = 0xe008;
	good.user_regs.ss = 0;
	good.kernel_ss = 0xe010;
	good.trap_ctxt[14].cs = 0xe008;
	good.user_regs.rflags = ~0UL;
	assert_int_equal(vcpu_set_context(&v, &good), 0);
	assert_int_equal(v.frame.cs & 3, 3);
	assert_int_equal(v.frame.ss & 3, 3);
	assert_int_equal(v.traps.kernel_ss & 3, 3);
	assert_int_equal(gates[14].cs & 3, 3);
	/* IF and the fixed bit set; IOPL, NT, VM, VIF, VIP and above clear. */
	assert_int_equal(v.frame.rflags & 0x202, 0x202);
	assert_int_equal(v.frame.rflags & ~0x250fd7UL, 0);
	assert_int_equal(v.emul.iopl, 3);
	good.user_regs.rflags = 0;
	assert_int_equal(vcpu_set_context(&v, &good), 0);
	assert_int_equal(v.frame.rflags, 0x202);
}

static void selectors_kill_bases(void **state)
{
	good.user_regs.fs = 0x2b;
	good.user_regs.gs = 3;
	assert_int_equal(vcpu_set_context(&v, &good), 0);
	assert_int_equal(v.traps.fs_base, 0);
	assert_int_equal(v.traps.gs_base_user, 0x3000);
	assert_int_equal(v.traps.gs_base_kernel, 0x2000);
}

static void page_tables_may_say_no_or_wait(void **state)
{
	root_answer = -ERESTART;
	assert_int_equal(vcpu_set_context(&v, &good), -ERESTART);
	assert_false(v.initialised);
	root_answer = -EINVAL;
	assert_int_equal(vcpu_set_context(&v, &good), -EINVAL);
	assert_false(v.initialised);
	assert_false(up);
	root_answer = 0;
	assert_int_equal(vcpu_set_context(&v, &good), 0);
}

static void tables_stay_what_they_were(void **state)
{
	assert_int_equal(vcpu_set_context(&v, &good), 0);
	good.user_regs.rip = 0x9000;
	good.flags &= ~(unsigned long)VGCF_online;
	assert_int_equal(vcpu_set_context(&v, &good), 0);
	assert_int_equal(roots_set, 1);
	assert_int_equal(v.frame.rip, 0x9000);
	assert_false(up);
	good.ctrlreg[3] += 0x1000;
	assert_int_equal(vcpu_set_context(&v, &good), -EOPNOTSUPP);
	good.ctrlreg[3] -= 0x1000;
	good.ctrlreg[1] = 0x1000;
	assert_int_equal(vcpu_set_context(&v, &good), -EOPNOTSUPP);
	good.ctrlreg[1] = 0;
	good.gdt_frames[15] = 1;
	assert_int_equal(vcpu_set_context(&v, &good), -EOPNOTSUPP);
	good.gdt_frames[15] = 0;
	good.ldt_ents = 1;
	assert_int_equal(vcpu_set_context(&v, &good), -EOPNOTSUPP);
}

static void what_was_set_is_read(void **state)
{
	good.gdt_frames[0] = 0x55;
	good.gdt_ents = 16;
	good.ctrlreg[1] = xen_pfn_to_cr3(0x77);
	good.debugreg[2] = 0x8000;
	good.flags |= VGCF_syscall_disables_events;
	d.vm_assist = 0;
	good.vm_assist = 1UL << VMASST_TYPE_writable_pagetables | 1UL << 63;
	assert_int_equal(vcpu_set_context(&v, &good), 0);
	memset(&out, 0xee, sizeof(out));
	vcpu_get_context(&v, &out);
	assert_memory_equal(&out.user_regs, &good.user_regs, sizeof(out.user_regs));
	assert_memory_equal(out.gdt_frames, good.gdt_frames, sizeof(out.gdt_frames));
	assert_memory_equal(&out.fpu_ctxt, &good.fpu_ctxt, sizeof(out.fpu_ctxt));
	assert_int_equal(out.flags, good.flags);
	assert_int_equal(out.ctrlreg[1], good.ctrlreg[1]);
	assert_int_equal(out.ctrlreg[3], good.ctrlreg[3]);
	assert_int_equal(out.debugreg[2], 0x8000);
	assert_int_equal(out.trap_ctxt[14].address, 0x7000);
	assert_int_equal(out.trap_ctxt[14].vector, 14);
	assert_int_equal(out.vm_assist, 1UL << VMASST_TYPE_writable_pagetables);
	assert_int_equal(out.kernel_sp, good.kernel_sp);
	assert_int_equal(out.gs_base_user, good.gs_base_user);
}

/* Rule: who has no vcpu_info cannot be started. */
static void without_vcpu_info(void **state)
{
	has_info = false;
	assert_int_equal(vcpu_set_context(&v, &good), -EINVAL);
	has_info = true;
	assert_false(v.initialised);
	assert_int_equal(vcpu_set_context(&v, &good), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_good_one_runs, setup),
		cmocka_unit_test_setup(bad_addresses_change_nothing, setup),
		cmocka_unit_test_setup(bad_tables_are_refused, setup),
		cmocka_unit_test_setup(rights_are_never_ours, setup),
		cmocka_unit_test_setup(selectors_kill_bases, setup),
		cmocka_unit_test_setup(page_tables_may_say_no_or_wait, setup),
		cmocka_unit_test_setup(tables_stay_what_they_were, setup),
		cmocka_unit_test_setup(what_was_set_is_read, setup),
		cmocka_unit_test_setup(without_vcpu_info, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
