/* SPDX-License-Identifier: MIT */
/* test_evtchn_port.c - what ports are bound to, and that nothing is left over. */
/* link: hypervisor/evtchn/fifo.c hypervisor/evtchn/deliver.c hypervisor/sync/spinlock.c */
#include "evtchn/port.h"

#include "base/errno.h"
#include "mm/mm.h"
#include "sched/sched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct shared_info shared[2];
static struct vcpu vcpu[2][2];
static struct domain dom[2];
static int pages;

void *page_alloc(void)
{
	pages++;
	return calloc(1, PAGE_SIZE);
}

void page_free(void *page)
{
	pages--;
	free(page);
}

void sched_wake(struct vcpu *v) { }
void sched_wake_pollers(struct domain *d, uint32_t port) { }
void fifo_end(struct ports p) { }
void vcpu_infos_release(struct domain *d) { }
void domain_put(struct domain *d) { d->refs--; }

static int setup(void **state)
{
	this_cpu()->budget = 1 << 20;
	for (int i = 0; i < 2; i++) {
		shared[i] = (struct shared_info){ 0 };
		dom[i] = (struct domain){ .id = (domid_t)i, .max_vcpus = 2, .refs = 1,
					  .shared = &shared[i] };
		for (unsigned j = 0; j < 2; j++) {
			vcpu[i][j] = (struct vcpu){ .domain = &dom[i], .id = j,
						    .info = &shared[i].vcpu_info[j] };
			dom[i].vcpu[j] = &vcpu[i][j];
		}
		assert_int_equal(evtchn_domain_init(&dom[i], 4095), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < 2; i++) {
		dom[i].life = DOMAIN_DYING;
		assert_int_equal(evtchn_domain_destroy(&dom[i]), 0);
		assert_int_equal(dom[i].refs, 1);
	}
	assert_int_equal(pages, 0);
	assert_int_equal(this_cpu()->locks_held, 0);
	return 0;
}

static enum port_state state_of(struct domain *d, evtchn_port_t n)
{
	struct ports p = ports_lock(d);
	struct port *port = port_find(p, n);
	enum port_state s = port ? port->state : 99;

	ports_unlock(p);
	return s;
}

static bool pending(struct domain *d, evtchn_port_t n)
{
	return d->shared->evtchn_pending[n / 64] >> (n % 64) & 1;
}

static evtchn_port_t connect(struct domain *own, struct domain *peer, evtchn_port_t m)
{
	struct ports_pair p = ports_lock_pair(own, peer);
	evtchn_port_t n;

	assert_int_equal(port_find_free(p.own, &n), 0);
	port_connect(p, n, m);
	ports_unlock_pair(p);
	return n;
}

/* Rule: port 0 is nobody's; the lowest free number is next. */
static void lowest_number_first(void **state)
{
	assert_int_equal(port_close(&dom[0], 0), -EINVAL);
	for (int i = 1; i <= 5; i++)
		assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), i);
	assert_int_equal(port_close(&dom[0], 2), 0);
	assert_int_equal(port_close(&dom[0], 4), 0);
	assert_int_equal(port_close(&dom[0], 4), -EINVAL);
	assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), 2);
	assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), 4);
	assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), 6);
}

/* Rule: the limit is the highest number; beyond 4096 there is nothing. */
static void limits(void **state)
{
	dom[0].evtchn.max_port = 70;
	for (int i = 1; i <= 70; i++)
		assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), i);
	assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), -ENOSPC);
	for (int i = 1; i <= 4095; i++)
		assert_int_equal(evtchn_alloc_unbound(&dom[1], 0), i);
	assert_int_equal(evtchn_alloc_unbound(&dom[1], 0), -ENOSPC);
	assert_int_equal(pages, 1 + 16);
	assert_int_equal(state_of(&dom[1], 4096), 99);
	assert_int_equal(state_of(&dom[1], ~0u), 99);
	dom[1].life = DOMAIN_DYING;
	assert_int_equal(port_close(&dom[1], 7), 0);
	assert_int_equal(evtchn_alloc_unbound(&dom[1], 0), -EINVAL);
}

/* Rule: two ends name each other; closing one leaves the other unbound for
 * the one that closed. */
static void two_ends(void **state)
{
	evtchn_port_t m = (evtchn_port_t)evtchn_alloc_unbound(&dom[1], 0);
	evtchn_port_t n = connect(&dom[0], &dom[1], m);
	struct ports p;

	assert_true(pending(&dom[0], n));	/* may have been sent before */
	assert_false(pending(&dom[1], m));
	assert_int_equal(state_of(&dom[1], m), PORT_INTERDOMAIN);
	p = ports_lock(&dom[0]);
	port_raise_peer(port_find(p, n));
	ports_unlock(p);
	assert_true(pending(&dom[1], m));
	assert_int_equal(dom[1].shared->vcpu_info[0].evtchn_upcall_pending, 1);

	assert_int_equal(port_close(&dom[0], n), 0);
	assert_int_equal(state_of(&dom[0], n), PORT_FREE);
	assert_false(pending(&dom[0], n));
	assert_int_equal(state_of(&dom[1], m), PORT_UNBOUND);
	p = ports_lock(&dom[1]);
	assert_int_equal(port_find(p, m)->remote, 0);
	ports_unlock(p);
	assert_int_equal(dom[1].refs, 1);
}

/* Rule: a domain may talk to itself. */
static void loop_back(void **state)
{
	evtchn_port_t m = (evtchn_port_t)evtchn_alloc_unbound(&dom[0], 0);
	evtchn_port_t n = connect(&dom[0], &dom[0], m);

	assert_int_equal(port_close(&dom[0], m), 0);
	assert_int_equal(state_of(&dom[0], n), PORT_UNBOUND);
	assert_int_equal(state_of(&dom[0], m), PORT_FREE);
}

/* Rule: a closed virtual interrupt can be bound again, and is not raised. */
static void virq(void **state)
{
	struct ports p = ports_lock(&dom[0]);
	evtchn_port_t n;

	assert_int_equal(port_find_free(p, &n), 0);
	port_make_virq(p, n, &vcpu[0][1], VIRQ_TIMER);
	ports_unlock(p);
	evtchn_virq_vcpu(&vcpu[0][0], VIRQ_TIMER);
	assert_false(pending(&dom[0], n));
	evtchn_virq_vcpu(&vcpu[0][1], VIRQ_TIMER);
	assert_true(pending(&dom[0], n));
	assert_int_equal(shared[0].vcpu_info[1].evtchn_upcall_pending, 1);
	assert_int_equal(shared[0].vcpu_info[0].evtchn_upcall_pending, 0);
	assert_int_equal(port_close(&dom[0], n), 0);
	assert_int_equal(vcpu[0][1].evtchn.virq_port[VIRQ_TIMER], 0);
	evtchn_virq_vcpu(&vcpu[0][1], VIRQ_TIMER);
	assert_false(pending(&dom[0], n));
}

/* Rule: a reset closes all, in pieces if need be; its continuation is no
 * call of its own. */
static void reset_in_pieces(void **state)
{
	int rc, calls = 1;

	for (int i = 1; i <= 300; i++)
		assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), i);
	assert_int_equal(ports_reset(&dom[0], true), -EBUSY);
	this_cpu()->budget = 1000;
	rc = ports_reset(&dom[0], false);
	assert_int_equal(rc, -ERESTART);
	assert_int_equal(ports_reset(&dom[0], false), -EBUSY);
	while (rc == -ERESTART) {
		this_cpu()->budget = 1000;
		rc = ports_reset(&dom[0], true);
		calls++;
	}
	assert_int_equal(rc, 0);
	assert_in_range(calls, 3, 5);
	for (evtchn_port_t n = 1; n <= 300; n++)
		assert_int_equal(state_of(&dom[0], n), PORT_FREE);
	assert_int_equal(state_of(&dom[0], 0), PORT_RESERVED);
	this_cpu()->budget = 1 << 20;
	assert_int_equal(ports_reset(&dom[0], false), 0);
}

/* Rule: a port bound while a reset was under way does not outlive its domain. */
static void destroyed_after_half_a_reset(void **state)
{
	for (int i = 1; i <= 100; i++)
		assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), i);
	this_cpu()->budget = 500;
	assert_int_equal(ports_reset(&dom[0], false), -ERESTART);
	this_cpu()->budget = 1 << 20;
	assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), 1);
	assert_int_equal(connect(&dom[1], &dom[0], 1), 1);
	dom[0].life = DOMAIN_DYING;
	assert_int_equal(evtchn_domain_destroy(&dom[0]), 0);
	assert_int_equal(state_of(&dom[1], 1), PORT_UNBOUND);
}

/* Rule: who frees the lowest of many ports makes nobody wait for the search that
 * follows: it is done in pieces, and goes on where it was. */
static void searched_in_pieces(void **state)
{
	long rc;
	int calls = 0;

	for (int i = 1; i <= 1500; i++)
		assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), i);
	assert_int_equal(port_close(&dom[0], 1), 0);
	assert_int_equal(evtchn_alloc_unbound(&dom[0], 1), 1);
	do {
		this_cpu()->budget = 300;
		rc = evtchn_alloc_unbound(&dom[0], 1);
		calls++;
	} while (rc == -ERESTART);
	assert_int_equal(rc, 1501);
	assert_in_range(calls, 2, 6);
	this_cpu()->budget = 1 << 20;
}

/* Rule: bits the guest plays with change nothing but its own events. */
static void masks(void **state)
{
	struct ports p = ports_lock(&dom[0]);
	evtchn_port_t n;

	assert_int_equal(port_find_free(p, &n), 0);
	port_make_ipi(p, n, &vcpu[0][1]);
	shared[0].evtchn_mask[0] = ~0UL;
	port_raise(p, n, port_find(p, n));
	assert_true(port_is_pending(p, n));
	assert_int_equal(shared[0].vcpu_info[1].evtchn_pending_sel, 0);
	port_unmask(p, n, port_find(p, n));
	assert_int_equal(shared[0].vcpu_info[1].evtchn_pending_sel, 1);
	assert_int_equal(shared[0].vcpu_info[1].evtchn_upcall_pending, 1);
	ports_unlock(p);
	assert_int_equal(evtchn_port_poll(&dom[0], n), 1);
	assert_int_equal(evtchn_port_poll(&dom[0], n + 1), -EINVAL);
	assert_int_equal(evtchn_port_poll(&dom[0], 64), -EINVAL);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lowest_number_first), TEST(limits), TEST(two_ends), TEST(loop_back),
		TEST(virq), TEST(reset_in_pieces), TEST(destroyed_after_half_a_reset),
		TEST(searched_in_pieces), TEST(masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
