/* SPDX-License-Identifier: MIT */
/* test_traps_ops.c - leaving a trap: what a frame on a guest's stack may do.
 */
#include "traps/traps.h"

#include "base/errno.h"
#include "cpu/safe.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct domain dom;
static struct vcpu vcpu;
static struct vcpu_info info;
static unsigned crashes;
static int load_result;
/* what the guest's frame says */
static uint64_t frame_cs, frame_flags, frame_words;

long guest_load_iret(struct vcpu *v, uint64_t sp);
long iret_loaded(struct vcpu *v, uint64_t cs, uint64_t ss, uint64_t raw, uint64_t flags);
long iret_unreadable(struct vcpu *v);

long guest_load_iret(struct vcpu *v, uint64_t sp)
{
	struct cpu_frame *f = &v->frame;

	f->rcx = 1;
	f->r11 = ~0UL;
	f->rip = 0xdead000000000000UL;		/* not canonical */
	return load_result ? iret_unreadable(v) :
			     iret_loaded(v, frame_cs, 0, frame_flags, frame_words);
}

void domain_crash(struct domain *d, const char *fmt, ...) { crashes++; }
int guest_copy(void *dst, const void *src, size_t n) { return -EFAULT; }
int safe_load_gs_user(uint16_t sel) { return 0; }

static int setup(void **state)
{
	memset(&info, 0, sizeof(info));
	memset(&dom, 0, sizeof(dom));
	vcpu = (struct vcpu){ .domain = &dom, .info = &info, .kernel_mode = true };
	vcpu.frame.vector = ENTRY_SYSCALL;
	vcpu.frame.rsp = 0x10000;
	crashes = 0;
	load_result = 0;
	frame_cs = FLAT_KERNEL_CS & ~3;		/* RPL 0: its kernel */
	frame_flags = 0x3202;			/* IOPL 3 */
	frame_words = 0;
	return 0;
}

static void iret(void)
{
	assert_int_equal(hc_iret(&vcpu, &vcpu.frame.hcall), HCALL_FRAME_SET);
}

/* Rule: a crash may be undone (resumedomain): the registers as they were half
 * loaded must not be taken for fit to return by SYSRET. */
static void a_frame_that_cannot_be_read(void **state)
{
	load_result = -EFAULT;
	iret();
	assert_int_equal(crashes, 1);
	assert_int_equal(vcpu.frame.vector, ENTRY_NONE);
	setup(NULL);
	vcpu.frame.rsp = 0xffff830000000000UL;	/* ours: not even looked at */
	iret();
	assert_int_equal(crashes, 1);
	assert_int_equal(vcpu.frame.vector, ENTRY_NONE);
}

static void a_user_mode_that_is_not_there(void **state)
{
	frame_cs = FLAT_USER_CS;
	iret();
	assert_int_equal(crashes, 1);
	assert_true(vcpu.kernel_mode);
	assert_int_equal(vcpu.frame.vector, ENTRY_NONE);
}

/* Rule: ring 3, no IOPL, interrupts on; the event mask is the flag's inverse. */
static void a_good_frame(void **state)
{
	iret();
	assert_int_equal(crashes, 0);
	assert_int_equal(vcpu.frame.cs, FLAT_KERNEL_CS);
	assert_int_equal(vcpu.frame.rflags, 0x202);
	assert_int_equal(vcpu.frame.vector, ENTRY_NONE);
	assert_int_equal(info.evtchn_upcall_mask, 0);
	setup(NULL);
	frame_flags = 0x2;
	iret();
	assert_int_equal(vcpu.frame.rflags, 0x202);
	assert_int_equal(info.evtchn_upcall_mask, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_frame_that_cannot_be_read, setup),
		cmocka_unit_test_setup(a_user_mode_that_is_not_there, setup),
		cmocka_unit_test_setup(a_good_frame, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
