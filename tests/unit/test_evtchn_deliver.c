/* SPDX-License-Identifier: MIT */
/* test_evtchn_deliver.c - bits in the order the ABI has them, and who is woken. */
/* link: hypervisor/evtchn/fifo.c hypervisor/evtchn/port.c hypervisor/sync/spinlock.c */
#include "evtchn/port.h"

#include "mm/mm.h"
#include "sched/sched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct shared_info shared;
static struct vcpu vcpu[2];
static struct domain dom;
static unsigned woken[2], polls, polled_port;

void *page_alloc(void) { return calloc(1, PAGE_SIZE); }
void page_free(void *page) { free(page); }
void domain_put(struct domain *d) { }
void fifo_end(struct ports p) { }
void vcpu_infos_release(struct domain *d) { }

void sched_wake(struct vcpu *v)
{
	/* Rule: who is woken finds the reason already there. */
	assert_int_equal(v->info->evtchn_upcall_pending, 1);
	assert_true(v->info->evtchn_pending_sel != 0);
	woken[v->id]++;
}

void sched_wake_pollers(struct domain *d, uint32_t port)
{
	polls++;
	polled_port = port;
}

static int setup(void **state)
{
	shared = (struct shared_info){ 0 };
	dom = (struct domain){ .max_vcpus = 2, .shared = &shared,
			       .vcpu = { &vcpu[0], &vcpu[1] } };
	for (unsigned i = 0; i < 2; i++) {
		vcpu[i] = (struct vcpu){ .domain = &dom, .id = i,
					 .info = &shared.vcpu_info[i] };
		woken[i] = 0;
	}
	polls = 0;
	return evtchn_domain_init(&dom, 4095);
}

static evtchn_port_t ipi(unsigned to)
{
	struct ports p = ports_lock(&dom);
	evtchn_port_t n;

	assert_int_equal(port_find_free(p, &n), 0);
	port_make_ipi(p, n, &vcpu[to]);
	ports_unlock(p);
	return n;
}

static void raise_port(evtchn_port_t n)
{
	struct ports p = ports_lock(&dom);

	port_raise(p, n, port_find(p, n));
	ports_unlock(p);
}

/* Rule: the first event wakes, the second finds it awake. */
static void first_wakes(void **state)
{
	evtchn_port_t a = ipi(1), b = ipi(1);

	raise_port(a);
	assert_int_equal(woken[1], 1);
	assert_int_equal(woken[0], 0);
	raise_port(a);
	raise_port(b);
	assert_int_equal(woken[1], 1);
	assert_int_equal(shared.evtchn_pending[0], 1UL << a | 1UL << b);
	assert_int_equal(shared.vcpu_info[1].evtchn_pending_sel, 1);
	/* Seen by the guest: the next one wakes again. */
	shared.evtchn_pending[0] = 0;
	shared.vcpu_info[1].evtchn_pending_sel = 0;
	shared.vcpu_info[1].evtchn_upcall_pending = 0;
	raise_port(b);
	assert_int_equal(woken[1], 2);
}

/* Rule: a masked port becomes pending and wakes only who polls. */
static void masked(void **state)
{
	evtchn_port_t n = ipi(0);

	shared.evtchn_mask[0] = 1UL << n;
	dom.sched.pollers = 1;
	raise_port(n);
	assert_int_equal(shared.evtchn_pending[0], 1UL << n);
	assert_int_equal(shared.vcpu_info[0].evtchn_upcall_pending, 0);
	assert_int_equal(woken[0], 0);
	assert_int_equal(polls, 1);
	assert_int_equal(polled_port, n);
	raise_port(n);			/* nothing new */
	assert_int_equal(polls, 1);
	shared.evtchn_pending[0] = 0;
	dom.sched.pollers = 0;		/* nobody polls */
	raise_port(n);
	assert_int_equal(polls, 1);
}

/* Rule: unmasking raises what is pending, once, and nothing else. */
static void unmasking(void **state)
{
	evtchn_port_t n = ipi(0);
	struct ports p = ports_lock(&dom);

	port_unmask(p, n, port_find(p, n));
	assert_int_equal(woken[0], 0);
	shared.evtchn_mask[0] = ~0UL;
	port_raise(p, n, port_find(p, n));
	port_unmask(p, n, port_find(p, n));
	port_unmask(p, n, port_find(p, n));
	assert_int_equal(woken[0], 1);
	assert_true(shared.evtchn_mask[0] == ~(1UL << n));
	ports_unlock(p);
}

/* Rule: a global interrupt goes where bind_vcpu sent its port. */
static void global_virq(void **state)
{
	struct ports p = ports_lock(&dom);
	evtchn_port_t n;

	assert_int_equal(port_find_free(p, &n), 0);
	port_make_virq(p, n, &vcpu[0], VIRQ_CONSOLE);
	port_find(p, n)->vcpu = 1;
	ports_unlock(p);
	evtchn_virq_global(&dom, VIRQ_DOM_EXC);
	assert_int_equal(woken[0] + woken[1], 0);
	evtchn_virq_global(&dom, VIRQ_CONSOLE);
	assert_int_equal(woken[1], 1);
	assert_int_equal(woken[0], 0);
}

/* Rule: a domain whose vCPUs are not made yet finds the event pending. */
static void nobody_there_yet(void **state)
{
	evtchn_port_t n = ipi(0);

	dom.vcpu[0] = NULL;
	raise_port(n);
	assert_int_equal(shared.evtchn_pending[0], 1UL << n);
	assert_int_equal(shared.vcpu_info[0].evtchn_upcall_pending, 0);
	assert_int_equal(woken[0], 0);
	evtchn_virq_global(&dom, VIRQ_CONSOLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(first_wakes, setup),
		cmocka_unit_test_setup(masked, setup),
		cmocka_unit_test_setup(unmasking, setup),
		cmocka_unit_test_setup(global_virq, setup),
		cmocka_unit_test_setup(nobody_there_yet, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
