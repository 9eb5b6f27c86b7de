/* SPDX-License-Identifier: MIT */
/* test_evtchn_vcpu_info.c - the block moves once, whole, to a page the guest
 * may write. */
/* link: hypervisor/evtchn/fifo.c hypervisor/evtchn/port.c hypervisor/evtchn/deliver.c hypervisor/sync/spinlock.c */
#include "evtchn/port.h"

#include "base/errno.h"
#include "mm/mm.h"
#include "mm/page_type.h"
#include "sched/sched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define OWNER	5

static struct shared_info shared;
static struct vcpu self, other;
static struct domain dom;
static struct frame *f;
static bool writable = true, up;
static int wakes;

void *page_alloc(void) { return calloc(1, PAGE_SIZE); }
void page_free(void *page) { free(page); }
void domain_put(struct domain *d) { }
void sched_wake(struct vcpu *v) { wakes++; }
void sched_wake_pollers(struct domain *d, uint32_t port) { }
void fifo_end(struct ports p) { }
bool sched_vcpu_is_up(const struct vcpu *v) { return up; }

/* One writable count, without types. */
bool type_become_writable(struct frame *frame)
{
	frame->use += writable;
	return writable;
}

void type_put_simple(struct frame *frame)
{
	frame->use--;
}

static int setup(void **state)
{
	shared = (struct shared_info){ 0 };
	dom = (struct domain){ .max_vcpus = 2, .shared = &shared, .mm.slot = OWNER,
			       .vcpu = { &self, &other } };
	self = (struct vcpu){ .domain = &dom };
	other = (struct vcpu){ .domain = &dom, .id = 1 };
	spin_init(&dom.evtchn.lock, RANK_EVENT);
	evtchn_vcpu_init(&self);
	evtchn_vcpu_init(&other);
	this_cpu()->current = &self;
	f = frame_of(mfn_make(9));
	*f = (struct frame){ .ref = (uint64_t)OWNER << REF_OWNER_SHIFT | REF_USED | 1 };
	writable = true;
	up = true;
	wakes = 0;
	return 0;
}

/* Rule: everything in it moves; all is marked pending, masked stays masked. */
static void moves_whole(void **state)
{
	struct vcpu_info *to = (struct vcpu_info *)((char *)mfn_to_virt(mfn_make(9)) + 128);

	shared.vcpu_info[0].evtchn_upcall_mask = 1;
	shared.vcpu_info[0].arch.cr2 = 0x1234;
	shared.vcpu_info[0].time.tsc_timestamp = 77;
	assert_int_equal(evtchn_register_vcpu_info(&self, mfn_make(9), 128), 0);
	assert_ptr_equal(self.info, to);
	assert_int_equal(to->evtchn_upcall_mask, 1);
	assert_int_equal(to->evtchn_upcall_pending, 1);
	assert_true(to->evtchn_pending_sel == ~0UL);
	assert_int_equal(to->arch.cr2, 0x1234);
	assert_int_equal(to->time.tsc_timestamp, 77);
	assert_int_equal(wakes, 1);

	/* Rule: once only. */
	assert_int_equal(evtchn_register_vcpu_info(&self, mfn_make(9), 192), -EINVAL);
	assert_int_equal(f->ref & REF_COUNT, 2);
	vcpu_infos_release(&dom);
	assert_int_equal(f->ref & REF_COUNT, 1);
	assert_int_equal(f->use, 0);
	assert_ptr_equal(self.info, &shared.vcpu_info[0]);
}

/* Rule: what is refused holds no reference. */
static void refused(void **state)
{
	assert_int_equal(evtchn_register_vcpu_info(&self, mfn_make(9), 4096 - 63), -ENXIO);
	assert_int_equal(evtchn_register_vcpu_info(&self, mfn_make(9), 4), -ENXIO);
	assert_int_equal(evtchn_register_vcpu_info(&self, mfn_make(9), ~7u), -ENXIO);
	assert_int_equal(evtchn_register_vcpu_info(&self, mfn_make(max_mfn), 0), -EINVAL);
	assert_int_equal(evtchn_register_vcpu_info(&self, mfn_make(~0UL), 0), -EINVAL);
	dom.mm.slot = OWNER + 1;
	assert_int_equal(evtchn_register_vcpu_info(&self, mfn_make(9), 0), -EINVAL);
	dom.mm.slot = OWNER;
	writable = false;
	assert_int_equal(evtchn_register_vcpu_info(&self, mfn_make(9), 0), -EINVAL);
	assert_int_equal(f->ref & REF_COUNT, 1);
	assert_ptr_equal(self.info, &shared.vcpu_info[0]);
}

/* Rule: another vCPU's only while it is down. */
static void of_another(void **state)
{
	assert_int_equal(evtchn_register_vcpu_info(&other, mfn_make(9), 0), -EINVAL);
	up = false;
	assert_int_equal(evtchn_register_vcpu_info(&other, mfn_make(9), 4096 - 64), 0);
	assert_int_equal(f->ref & REF_COUNT, 2);
}

/* Rule: without a place of its own it has none, shares nothing with its domain,
 * and starts with nothing but everything pending once it has one. */
static void beyond_the_shared_ones(void **state)
{
	struct vcpu far = { .domain = &dom, .id = 32 }, farther = { .domain = &dom, .id = 63 };

	up = false;
	evtchn_vcpu_init(&far);
	evtchn_vcpu_init(&farther);
	assert_true(evtchn_vcpu_has_info(&self));
	assert_false(evtchn_vcpu_has_info(&far));
	assert_false(evtchn_vcpu_has_info(&farther));
	vcpu_upcall(&far);
	far.info->arch.cr2 = 0x1234;
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(shared.vcpu_info[i].evtchn_upcall_pending, 0);

	assert_int_equal(evtchn_register_vcpu_info(&far, mfn_make(9), 64), 0);
	assert_true(evtchn_vcpu_has_info(&far));
	assert_int_equal(far.info->evtchn_upcall_mask, 1);
	assert_int_equal(far.info->evtchn_upcall_pending, 1);
	assert_true(far.info->evtchn_pending_sel == ~0UL);
	assert_int_equal(far.info->arch.cr2, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(moves_whole, setup),
		cmocka_unit_test_setup(refused, setup),
		cmocka_unit_test_setup(of_another, setup),
		cmocka_unit_test_setup(beyond_the_shared_ones, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
