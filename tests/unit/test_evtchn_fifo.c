/* SPDX-License-Identifier: MIT */
/* test_evtchn_fifo.c - FIFO delivery where no suite gets to: without memory, with
 * the last port there is, against a guest that writes at just that moment; and
 * that frames and memory are given back.
 */
/* link: hypervisor/evtchn/fifo_switch.c hypervisor/evtchn/port.c hypervisor/evtchn/deliver.c hypervisor/evtchn/vcpu_info.c hypervisor/sync/spinlock.c */
#include "evtchn/port.h"

#include "base/errno.h"
#include "mm/mm.h"
#include "sched/sched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* <pthread.h> does not go with our sched.h */
int pthread_create(unsigned long *thread, const void *attributes, void *(*fn)(void *),
		   void *arg);
int pthread_join(unsigned long thread, void **result);

#define PENDING	(1u << EVTCHN_FIFO_PENDING)
#define MASKED	(1u << EVTCHN_FIFO_MASKED)
#define LINKED	(1u << EVTCHN_FIFO_LINKED)
#define BUSY	(1u << EVTCHN_FIFO_BUSY)
#define OWNER	5
#define CONTROL	9		/* frames of the fake machine; the array follows */
#define ARRAY	10
#define NR	(1u + EVTCHN_WORD_FRAMES)

static struct shared_info shared[2];
static struct vcpu vcpu[2][2];
static struct domain dom[2];
static int pages, allowed, wakes;

void *page_alloc(void)
{
	void *page = allowed ? aligned_alloc(PAGE_SIZE, PAGE_SIZE) : NULL;

	if (!page)
		return NULL;
	allowed--;
	pages++;
	return memset(page, 0, PAGE_SIZE);
}

void page_free(void *page)
{
	pages--;
	free(page);
}

void sched_wake(struct vcpu *v) { wakes++; }
void sched_wake_pollers(struct domain *d, uint32_t port) { }
bool sched_vcpu_is_up(const struct vcpu *v) { return true; }
void domain_put(struct domain *d) { d->refs--; }
struct domain *domain_get_next(domid_t from) { return from < 2 ? &dom[from] : NULL; }
struct domain *domain_put_next(struct domain *d) { return domain_get_next((domid_t)(d->id + 1)); }

/* A count of writers, without types. */
bool type_become_writable(struct frame *f)
{
	f->use++;
	return true;
}

void type_put_simple(struct frame *f)
{
	f->use--;
}

static int setup(void **state)
{
	this_cpu()->budget = 1 << 30;
	allowed = 1 << 20;
	for (int i = 0; i < 2; i++) {
		shared[i] = (struct shared_info){ 0 };
		dom[i] = (struct domain){ .id = (domid_t)i, .max_vcpus = 2, .refs = 1,
					  .shared = &shared[i], .mm.slot = OWNER };
		for (unsigned j = 0; j < 2; j++) {
			vcpu[i][j] = (struct vcpu){ .domain = &dom[i], .id = j,
						    .info = &shared[i].vcpu_info[j] };
			vcpu[i][j].evtchn.info_mfn = MFN_NONE;
			dom[i].vcpu[j] = &vcpu[i][j];
		}
		assert_int_equal(evtchn_domain_init(&dom[i], i ? 4095 : ~0u), 0);
	}
	for (unsigned i = 0; i < NR; i++) {
		*frame_of(mfn_make(CONTROL + i)) = (struct frame){
			.ref = (uint64_t)OWNER << REF_OWNER_SHIFT | REF_USED | 1 };
		memset(mfn_to_virt(mfn_make(CONTROL + i)), 0, PAGE_SIZE);
	}
	wakes = 0;
	return 0;
}

/* References on all those frames, of both kinds, besides their owner's. */
static unsigned long held(void)
{
	unsigned long n = 0;

	for (unsigned i = 0; i < NR; i++) {
		const struct frame *f = frame_of(mfn_make(CONTROL + i));

		n += (f->ref & REF_COUNT) - 1 + (f->use & USE_COUNT);
	}
	return n;
}

static int teardown(void **state)
{
	for (int i = 0; i < 2; i++) {
		int rc;

		dom[i].life = DOMAIN_DYING;
		do {
			this_cpu()->budget = 800;
			rc = evtchn_domain_destroy(&dom[i]);
		} while (rc == -ERESTART);
		assert_int_equal(rc, 0);
		assert_int_equal(dom[i].refs, 1);
		assert_null(dom[i].evtchn.fifo);
	}
	assert_int_equal(pages, 0);
	assert_int_equal(held(), 0);
	assert_int_equal(this_cpu()->locks_held, 0);
	return 0;
}

static long init_control(unsigned v, uint64_t mfn, uint32_t offset)
{
	struct evtchn_init_control c = { .control_gfn = mfn, .offset = offset, .vcpu = v };

	return fifo_init_control(&vcpu[0][0], &c);
}

static long expand(uint64_t mfn)
{
	return fifo_expand_array(&vcpu[0][0], &(struct evtchn_expand_array){ mfn });
}

static volatile uint32_t *word(evtchn_port_t n)
{
	return (uint32_t *)mfn_to_virt(mfn_make(ARRAY + n / 1024)) + n % 1024;
}

static struct evtchn_fifo_control_block *control(void)
{
	return mfn_to_virt(mfn_make(CONTROL));
}

static evtchn_port_t ipi(int *rc)
{
	struct ports p = ports_lock(&dom[0]);
	evtchn_port_t n = 0;

	*rc = port_find_free(p, &n);
	if (!*rc)
		port_make_ipi(p, n, &vcpu[0][0]);
	ports_unlock(p);
	return n;
}

static void raise_port(evtchn_port_t n)
{
	struct ports p = ports_lock(&dom[0]);

	port_raise(p, n, port_find(p, n));
	ports_unlock(p);
}

/* Rule: a domain that may have no more ports than two levels can name has no FIFO. */
static void off(void **state)
{
	struct evtchn_init_control c = { .control_gfn = CONTROL };

	assert_int_equal(fifo_init_control(&vcpu[1][0], &c), -ENOSYS);
	assert_null(dom[1].evtchn.fifo);
}

/* Rule: a call that fails leaves nothing behind, of memory or of frames. */
static void nothing_left(void **state)
{
	int before = pages;

	for (allowed = 0; allowed < 2; allowed++) {
		int n = allowed;

		assert_int_equal(init_control(0, CONTROL, 0), -ENOMEM);
		assert_int_equal(pages, before);
		assert_int_equal(held(), 0);
		assert_int_equal(expand(ARRAY), -EOPNOTSUPP);
		allowed = n;
	}
	allowed = 1 << 20;
	assert_int_equal(init_control(0, CONTROL + NR, 0), -EINVAL);
	assert_int_equal(pages, before);
	/* one that fails later takes nothing from one that did not (XSA-188) */
	assert_int_equal(init_control(0, CONTROL, 0), 0);
	assert_int_equal(expand(ARRAY), 0);
	assert_int_equal(held(), 4);
	assert_int_equal(init_control(1, CONTROL + NR, 0), -EINVAL);
	assert_int_equal(init_control(0, CONTROL, 128), -EINVAL);
	assert_int_equal(expand(CONTROL + NR), -EINVAL);
	assert_int_equal(held(), 4);
	assert_non_null(dom[0].evtchn.fifo);
}

/* Rule: a reset gives all back, and the next switch begins anew. */
static void reset(void **state)
{
	evtchn_port_t n;
	int rc, before = pages;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(init_control(0, CONTROL, 0), 0);
		for (unsigned j = 0; j < EVTCHN_WORD_FRAMES; j++)
			assert_int_equal(expand(ARRAY + j), 0);
		assert_int_equal(expand(ARRAY), -ENOSPC);
		assert_int_equal(held(), 2 * NR);
		n = ipi(&rc);
		*word(n) = 0;
		raise_port(n);
		assert_int_equal(*word(n), PENDING | LINKED);
		assert_int_equal(control()->head[EVTCHN_FIFO_PRIORITY_DEFAULT], n);
		assert_int_equal(ports_reset(&dom[0], false), 0);
		assert_int_equal(held(), 0);
		assert_int_equal(pages, before);
	}
}

/* Rule: two levels have 4095 ports, FIFO 131071; the last one works like the
 * first; back at two levels those above are not given away. */
static void all_ports(void **state)
{
	evtchn_port_t n = 0, last = 0;
	int rc;

	while ((n = ipi(&rc)), !rc)
		last = n;
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(last, 4095);
	assert_int_equal(init_control(0, CONTROL, 0), 0);
	for (unsigned j = 0; j < EVTCHN_WORD_FRAMES; j++)
		assert_int_equal(expand(ARRAY + j), 0);
	while ((n = ipi(&rc)), !rc)
		last = n;
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(last, 131071);
	raise_port(last);
	raise_port(4096);
	raise_port(1);
	assert_int_equal(control()->head[EVTCHN_FIFO_PRIORITY_DEFAULT], last);
	assert_int_equal(*word(last), PENDING | LINKED | 4096);
	assert_int_equal(*word(4096), PENDING | LINKED | 1);
	assert_int_equal(wakes, 1);
	for (n = 1; n < 1024; n++)
		assert_int_equal(port_close(&dom[0], n), 0);
	*word(1) = LINKED;
	for (n = 2; n < 1024; n++)	/* none is passed over because of it */
		assert_int_equal(ipi(&rc), n);
	*word(1) = 0;
	assert_int_equal(ipi(&rc), 1);
	/* beyond one that stays linked, a free one is found in the end */
	*word(100) = LINKED;
	assert_int_equal(port_close(&dom[0], 100), 0);
	assert_int_equal(port_close(&dom[0], 60000), 0);
	for (int i = 0; i < 600 && (n = ipi(&rc), rc); i++)
		assert_int_equal(rc, -ENOSPC);
	assert_int_equal(n, 60000);
	assert_int_equal(ports_reset(&dom[0], false), 0);
	while ((n = ipi(&rc)), !rc)
		last = n;
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(last, 4095);
}

/* Rule: another domain's event finds a port that two levels cannot name; one
 * whose word is not there yet is found when it comes. */
static void from_afar(void **state)
{
	struct ports_pair p;
	evtchn_port_t n, m;
	int rc;

	assert_int_equal(init_control(0, CONTROL, 0), 0);
	while (ipi(&rc) < 5000)
		assert_int_equal(rc, 0);
	p = ports_lock_pair(&dom[1], &dom[0]);
	assert_int_equal(port_find_free(p.own, &n), 0);
	assert_int_equal(port_find_free(p.peer, &m), 0);
	port_make_unbound(p.peer, m, 1);
	port_connect(p, n, m);
	port_raise_peer(port_find(p.own, n));
	ports_unlock_pair(p);
	assert_int_equal(m, 5001);
	assert_int_equal(wakes, 1);	/* dom 1's: it was connected */
	for (unsigned j = 0; j < 4; j++)
		assert_int_equal(expand(ARRAY + j), 0);
	assert_int_equal(*word(m), 0);
	assert_int_equal(expand(ARRAY + 4), 0);
	assert_int_equal(*word(m), PENDING | LINKED);
	assert_int_equal(wakes, 2);
	assert_int_equal(port_close(&dom[0], m), 0);
	assert_int_equal(*word(m), LINKED);
	assert_int_equal(dom[0].refs, 1);
}

/* Rule: an event for a port that was closed before its word came is gone. */
static void closed_before_its_word(void **state)
{
	evtchn_port_t n;
	int rc;

	assert_int_equal(init_control(0, CONTROL, 0), 0);
	n = ipi(&rc);
	raise_port(n);
	assert_int_equal(port_close(&dom[0], n), 0);
	assert_int_equal(ipi(&rc), n);
	assert_int_equal(expand(ARRAY), 0);
	assert_int_equal(*word(n), 0);
	assert_int_equal(wakes, 0);
}

/* Rule: a port that was its queue's last, taken out and given away again, is not
 * followed in its new queue by what belongs to the old one. */
static void last_given_away(void **state)
{
	struct evtchn_set_priority up = { .priority = 2 };
	evtchn_port_t a, b;
	int rc;

	assert_int_equal(init_control(0, CONTROL, 0), 0);
	assert_int_equal(expand(ARRAY), 0);
	a = ipi(&rc);
	b = ipi(&rc);
	raise_port(a);
	*word(a) = 0;
	assert_int_equal(port_close(&dom[0], a), 0);
	assert_int_equal(ipi(&rc), a);
	up.port = a;
	assert_int_equal(fifo_set_priority(&vcpu[0][0], &up), 0);
	raise_port(a);
	raise_port(b);
	assert_int_equal(control()->head[2], a);
	assert_int_equal(*word(a), PENDING | LINKED);
	assert_int_equal(control()->head[EVTCHN_FIFO_PRIORITY_DEFAULT], b);
}

/* A call again and again, each time with little budget: how often. */
static int in_pieces(long (*call)(uint64_t), uint64_t mfn)
{
	int n = 0;
	long rc;

	do {
		this_cpu()->budget = 80;
		rc = call(mfn);
		n++;
	} while (rc == -ERESTART);
	this_cpu()->budget = 1 << 30;
	assert_int_equal(rc, 0);
	return n;
}

static long init_first(uint64_t mfn)
{
	return init_control(0, mfn, 0);
}

/* Rule: what takes long is done in pieces, and done once. */
static void pieces(void **state)
{
	int rc;

	for (int i = 0; i < 500; i++)
		raise_port(ipi(&rc));
	shared[0].evtchn_pending[700 / 64] = ~0UL;	/* of no port: left alone */
	assert_true(in_pieces(init_first, CONTROL) > 5);
	assert_int_equal(init_first(CONTROL), -EINVAL);
	assert_int_equal(init_first(~0UL), -EINVAL);
	assert_int_equal(expand(~0UL), -EINVAL);
	assert_true(in_pieces(expand, ARRAY) > 5);
	assert_int_equal(dom[0].evtchn.fifo->nr_words, 1024);
	for (evtchn_port_t n = 1; n <= 500; n++)
		assert_int_equal(*word(n), PENDING | LINKED | (n < 500 ? n + 1 : 0));
	assert_int_equal(control()->head[EVTCHN_FIFO_PRIORITY_DEFAULT], 1);
	assert_int_equal(expand(ARRAY), 0);
	assert_int_equal(dom[0].evtchn.fifo->nr_words, 2048);
}

static volatile bool scribble;

static void *scribbler(void *arg)
{
	for (uint32_t x = 1; scribble; x = x * 1664525 + 1013904223)
		*word(1 + (x >> 24) % 2) = x;
	return NULL;
}

/* Rule: against a guest that never stops writing every call ends, and what it
 * wrote leads us nowhere. */
static void against_a_writer(void **state)
{
	evtchn_port_t a, b;
	unsigned long thread;
	int rc;

	assert_int_equal(init_control(0, CONTROL, 0), 0);
	assert_int_equal(expand(ARRAY), 0);
	a = ipi(&rc);
	b = ipi(&rc);
	scribble = true;
	assert_int_equal(pthread_create(&thread, NULL, scribbler, NULL), 0);
	for (int i = 0; i < 300000; i++) {
		raise_port(a);
		raise_port(b);
	}
	scribble = false;
	pthread_join(thread, NULL);
	*word(a) = *word(b) = 0;
	raise_port(a);
	raise_port(b);
	assert_int_equal(*word(a), PENDING | LINKED | b);
	assert_int_equal(*word(b), PENDING | LINKED);
	/* nothing beside the words of those two was written */
	for (evtchn_port_t n = 3; n < 1024; n++)
		assert_int_equal(*word(n), 0);
}

/* Rule: the first port that is free and in no queue is given away. */
static void linked_are_skipped(void **state)
{
	evtchn_port_t n;
	int rc;

	assert_int_equal(init_control(0, CONTROL, 0), 0);
	assert_int_equal(expand(ARRAY), 0);
	for (evtchn_port_t i = 1; i < 1024; i++)
		*word(i) = LINKED;
	n = ipi(&rc);
	assert_int_equal(rc, 0);
	assert_int_equal(n, 64);	/* as far as ports there were */
	*word(3) = MASKED | BUSY;
	assert_int_equal(ipi(&rc), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(off, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_left, setup, teardown),
		cmocka_unit_test_setup_teardown(reset, setup, teardown),
		cmocka_unit_test_setup_teardown(all_ports, setup, teardown),
		cmocka_unit_test_setup_teardown(from_afar, setup, teardown),
		cmocka_unit_test_setup_teardown(closed_before_its_word, setup, teardown),
		cmocka_unit_test_setup_teardown(last_given_away, setup, teardown),
		cmocka_unit_test_setup_teardown(pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(against_a_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(linked_are_skipped, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
