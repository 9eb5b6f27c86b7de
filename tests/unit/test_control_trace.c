/* SPDX-License-Identifier: MIT */
/* test_control_trace.c - records come out as they went in, holes are seen, and
 * a ring that nobody reads goes away.
 */
/* link: hypervisor/base/string.c hypervisor/sync/spinlock.c */
#include "control/trace.h"

#include "base/errno.h"
#include "evtchn/evtchn.h"
#include "guest/access.h"
#include "mm/mm.h"
#include "sched/sched.h"
#include "time/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ROOM	PARAVANE_TRACE_ROOM
#define LEASE	(PARAVANE_TRACE_LEASE * NS_PER_SECOND)

static struct domain dom, control;
static struct vcpu vcpus[2];
static struct paravane_trace_record out[ROOM + 1];
static uint64_t now, deadline;
static int pages, pages_left, virqs, yields;

struct domain *control_domain = &control;

void *page_alloc(void)
{
	if (!pages_left)
		return NULL;
	pages_left--;
	pages++;
	return calloc(1, PAGE_SIZE);
}

void page_free(void *page) { pages--; free(page); }
uint64_t time_now(void) { return now; }
void timer_set(struct timer *t, uint64_t at) { deadline = at; }
void evtchn_virq_global(struct domain *d, unsigned virq)
{
	assert_ptr_equal(d, &control);
	assert_int_equal(virq, VIRQ_TBUF);
	virqs++;
}
void sched_yield(struct vcpu *v) { yields++; }
struct domain *domain_get_by_id(domid_t id) { return id == 7 ? &dom : NULL; }
void domain_put(struct domain *d) { }

/* The tests' own memory is the guest's; what is below a page is not mapped. */
int guest_copy(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst < PAGE_SIZE || (uintptr_t)src < PAGE_SIZE)
		return -EFAULT;
	memcpy(dst, src, n);
	return 0;
}

static struct paravane_trace t;

static long do_op(uint32_t op)
{
	this_cpu()->budget = 100000;
	return trace_control(op, &t);
}

static int setup(void **state)
{
	memset(&dom, 0, sizeof(dom));
	memset(vcpus, 0, sizeof(vcpus));
	dom.id = 7;
	dom.max_vcpus = 3;	/* one of them was never made */
	for (uint32_t i = 0; i < 2; i++) {
		vcpus[i].domain = &dom;
		vcpus[i].id = i;
		dom.vcpu[i] = &vcpus[i];
	}
	now = 1000;
	pages = virqs = yields = 0;
	pages_left = 1000;
	t = (struct paravane_trace){ .domain = 7, .calls = ~0UL };
	return 0;
}

static int teardown(void **state)
{
	trace_end(&dom);
	assert_int_equal(pages, 0);
	return 0;
}

static void call(struct vcpu *v, uint64_t nr, uint64_t structure, long result)
{
	struct hcall c = { { 1, 2, 3, 4, 5, 6 } };

	if (trace_wants(v, nr))
		trace_call(v, nr, &c, structure, result, now, 77);
}

static uint32_t read_up_to(uint32_t count)
{
	t.buffer = (uintptr_t)out;
	t.count = count;
	assert_int_equal(do_op(PARAVANE_OP_trace_read), 0);
	return t.count;
}

static void a_call_comes_out_whole(void **state)
{
	uint64_t structure[4] = { 9, 8, 7, 6 };

	assert_int_equal(do_op(PARAVANE_OP_trace_start), 0);
	assert_true(vcpus[0].traced && vcpus[1].traced);
	vcpus[1].in_multicall = true;
	call(&vcpus[0], 26, (uintptr_t)structure, -EINVAL);
	call(&vcpus[1], 1UL << 40, 0, 5);
	call(&vcpus[0], 1, 16, 0);
	assert_int_equal(read_up_to(ROOM), 3);
	assert_int_equal(out[0].when_ns, 1000);
	assert_int_equal(out[0].result, (uint64_t)-EINVAL);
	assert_int_equal(out[0].arg[3], 4);
	assert_memory_equal(out[0].item, structure, sizeof(structure));
	assert_int_equal(out[0].call, 26);
	assert_int_equal(out[0].ticks, 77);
	assert_int_equal(out[0].flags, PARAVANE_TRACE_ITEM);
	assert_int_equal(out[1].number, 1);
	assert_int_equal(out[1].vcpu, 1);
	assert_int_equal(out[1].call, UINT32_MAX);
	assert_int_equal(out[1].flags, PARAVANE_TRACE_INNER);
	/* what could not be read is not shown: nothing of an earlier call either */
	assert_int_equal(out[2].flags, 0);
	assert_int_equal(out[2].item[0] | out[2].item[3], 0);
	assert_int_equal(t.number, 3);
	assert_int_equal(read_up_to(ROOM), 0);
}

static void only_the_calls_asked_for(void **state)
{
	t.calls = 1UL << 5 | 1UL << 63;
	assert_int_equal(do_op(PARAVANE_OP_trace_start), 0);
	for (uint64_t nr = 0; nr < 100; nr++)
		call(&vcpus[0], nr, 0, 0);
	assert_int_equal(read_up_to(ROOM), 1 + 100 - 63);
	assert_int_equal(out[0].call, 5);
	assert_int_equal(out[1].call, 63);
}

static void a_full_ring_leaves_a_hole(void **state)
{
	assert_int_equal(do_op(PARAVANE_OP_trace_start), 0);
	for (unsigned i = 0; i < ROOM + 10; i++) {
		call(&vcpus[0], i, 0, 0);
		assert_int_equal(virqs, i + 1 >= ROOM / 2);
	}
	assert_int_equal(read_up_to(1), 1);
	call(&vcpus[0], 11, 0, 0);
	assert_int_equal(read_up_to(ROOM), ROOM);
	assert_int_equal(out[ROOM - 2].number, ROOM - 1);
	assert_int_equal(out[ROOM - 1].number, ROOM + 10);
	assert_int_equal(t.number, ROOM + 11);
	/* round the end of the ring */
	for (unsigned i = 0; i < 5 * ROOM; i++) {
		call(&vcpus[0], i % 60, 0, 0);
		assert_int_equal(read_up_to(1), 1);
		assert_int_equal(out[0].call, i % 60);
	}
}

static void who_is_to_wait_waits(void **state)
{
	t.flags = PARAVANE_TRACE_WAIT;
	assert_int_equal(do_op(PARAVANE_OP_trace_start), 0);
	for (unsigned i = 0; i <= ROOM - 2 * MAX_VCPUS; i++) {
		assert_false(trace_full(&vcpus[0]));
		call(&vcpus[0], 1, 0, 0);
	}
	assert_true(trace_full(&vcpus[1]));
	assert_int_equal(yields, 1);
	assert_int_equal(read_up_to(1), 1);
	assert_false(trace_full(&vcpus[1]));
	t.trace--;
	assert_int_equal(do_op(PARAVANE_OP_trace_read), -ESRCH);
	t.trace++;
	assert_int_equal(do_op(PARAVANE_OP_trace_stop), 0);
	assert_false(trace_full(&vcpus[1]) || vcpus[0].traced || vcpus[1].traced);

	dom.control = true;
	assert_int_equal(do_op(PARAVANE_OP_trace_start), 0);
	for (unsigned i = 0; i < ROOM; i++)
		call(&vcpus[0], 1, 0, 0);
	assert_false(trace_full(&vcpus[0]));
}

static void unread_it_ends(void **state)
{
	assert_int_equal(do_op(PARAVANE_OP_trace_start), 0);
	assert_int_equal(pages, 33);
	assert_int_equal(deadline, now + LEASE);
	now += LEASE / 2;
	assert_int_equal(read_up_to(1), 0);
	now = deadline;
	trace_overdue(&dom);
	assert_int_equal(pages, 33);
	assert_int_equal(deadline, now + LEASE / 2);
	now = deadline;
	trace_overdue(&dom);
	assert_int_equal(pages, 0);
	assert_false(vcpus[0].traced || trace_wants(&vcpus[0], 1));
	assert_int_equal(do_op(PARAVANE_OP_trace_read), -ESRCH);
	/* a timer that was taken before it ended finds nothing */
	trace_overdue(&dom);
}

static void refusals(void **state)
{
	t.calls = 0;
	assert_int_equal(do_op(PARAVANE_OP_trace_start), -EINVAL);
	t.calls = 1;
	pages_left = 20;
	assert_int_equal(do_op(PARAVANE_OP_trace_start), -ENOMEM);
	assert_int_equal(pages, 0);
	pages_left = 100;
	assert_int_equal(do_op(PARAVANE_OP_trace_start), 0);
	assert_int_equal(do_op(PARAVANE_OP_trace_start), -EBUSY);
	t.buffer = 16;
	t.count = 1;
	call(&vcpus[0], 0, 0, 0);
	assert_int_equal(do_op(PARAVANE_OP_trace_read), -EFAULT);
	assert_int_equal(read_up_to(5), 1);
	t.domain = 8;
	assert_int_equal(do_op(PARAVANE_OP_trace_stop), -ESRCH);
	t.domain = 7;
	assert_int_equal(do_op(PARAVANE_OP_trace_stop), 0);
	dom.life = DOMAIN_DYING;
	assert_int_equal(do_op(PARAVANE_OP_trace_start), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_call_comes_out_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(only_the_calls_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_ring_leaves_a_hole, setup, teardown),
		cmocka_unit_test_setup_teardown(who_is_to_wait_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(unread_it_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
