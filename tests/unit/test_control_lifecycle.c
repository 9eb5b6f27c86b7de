/* SPDX-License-Identifier: MIT */
/* test_control_lifecycle.c - what is made at creation is undone, in the
 * opposite order, however far creation came.
 */
/* link: hypervisor/base/string.c hypervisor/sync/spinlock.c hypervisor/domain/domain.c */
#include "control/lifecycle.h"

#include "base/errno.h"
#include "control/poweroff.h"
#include "control/trace.h"
#include "cpu/cpus.h"
#include "cpu/features.h"
#include "emul/emul.h"
#include "evtchn/evtchn.h"
#include "grant/grant.h"
#include "mm/mm.h"
#include "sched/sched.h"
#include "time/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct cpu_features cpu_features = { .xstate_size = 576 };

/* Everything that happened, one letter a step: capitals make, small undo. */
static char trace[200];
static int pages, fail_at, steps, restarts, virqs, updates, kicks[3];

static int made(char letter)
{
	if (fail_at && ++steps == fail_at)
		return -ENOMEM;
	trace[strlen(trace)] = letter;
	return 0;
}

/* For steps that cannot fail. */
static void stands(char letter)
{
	trace[strlen(trace)] = letter;
}

static int undone(char letter)
{
	if (restarts) {
		restarts--;
		return -ERESTART;
	}
	trace[strlen(trace)] = letter;
	return 0;
}

void *page_alloc(void)
{
	pages++;
	return calloc(1, PAGE_SIZE);
}

void page_free(void *page) { pages--; free(page); }
int mm_domain_init(struct domain *d) { return made('M'); }
void mm_domain_free(struct domain *d) { stands('m'); }
int mm_domain_teardown(struct domain *d) { return undone('f'); }
int mm_vcpu_init(struct vcpu *v) { return made('V'); }
void frame_lend(void *page, struct domain *d, bool writable) { stands('L'); }
void frame_unlend(void *page) { stands('l'); page_free(page); }
int grant_domain_init(struct domain *d, uint32_t f, uint32_t m) { return made('G'); }
int grant_domain_release(struct domain *d) { return undone('r'); }
int grant_domain_free(struct domain *d) { return undone('g'); }
int evtchn_domain_init(struct domain *d, uint32_t max) { return made('E'); }
void evtchn_vcpu_init(struct vcpu *v) { }
int evtchn_domain_destroy(struct domain *d) { return undone('e'); }
void evtchn_virq_global(struct domain *d, unsigned virq) { virqs++; }
void time_domain_init(struct domain *d) { stands('T'); }
void time_vcpu_init(struct vcpu *v) { }
void time_domain_stop(struct domain *d) { stands('t'); }
void wallclock_publish(struct domain *d) { }
void sched_domain_init(struct domain *d) { stands('S'); }
void sched_vcpu_init(struct vcpu *v) { }
int sched_domain_stop(struct domain *d) { return undone('s'); }
void trace_end(struct domain *d) { }
void sched_domain_update(struct domain *d) { updates++; }
void emul_vcpu_init(struct vcpu *v) { }
void cpu_kick(struct cpu *c, uint32_t bits)
{
	assert_int_equal(bits, CPU_QUIESCE);
	for (unsigned i = 0; i < 3; i++)
		kicks[i] += c == cpu_of(i);
}
void machine_end(const struct domain *d) { fail(); abort(); }

static const struct domain_plan plan = { .id = 3, .max_vcpus = 2, .ssidref = 9 };

static int setup(void **state)
{
	memset(trace, 0, sizeof(trace));
	memset(kicks, 0, sizeof(kicks));
	pages = fail_at = steps = restarts = virqs = updates = 0;
	this_cpu()->pending = 0;
	this_cpu()->budget = BUDGET_PER_ENTRY;
	control_domain = NULL;
	return 0;
}

static bool is_gone(domid_t id)
{
	struct domain *d = domain_get_by_id(id);

	if (d)
		domain_put(d);
	return !d;
}

/* Capitals in order, then the same letters small, backwards. */
static void check_mirror(void)
{
	char made_letters[100] = "", undone_letters[100] = "";

	for (char *p = trace; *p; p++) {
		if (*p == 'V')
			continue;
		if (*p >= 'A' && *p <= 'Z')
			made_letters[strlen(made_letters)] = (char)(*p + 32);
		else if (*p != 'f' && *p != 'r')	/* have no making */
			undone_letters[strlen(undone_letters)] = *p;
	}
	assert_int_equal(strlen(made_letters), strlen(undone_letters));
	for (size_t i = 0, n = strlen(made_letters); i < n; i++)
		assert_int_equal(made_letters[i], undone_letters[n - 1 - i]);
}

static void a_life(void **state)
{
	struct domain *d;

	assert_int_equal(lifecycle_create(&plan, &d), 0);
	assert_int_equal(d->pause_count, 1);
	assert_int_equal(d->ssidref, 9);
	assert_int_equal(d->shared->vcpu_info[31].evtchn_upcall_mask, 1);
	assert_int_equal(lifecycle_make_vcpus(d), 0);
	assert_non_null(domain_vcpu(d, 1));
	assert_int_equal(lifecycle_destroy(d), 0);
	assert_int_equal(d->life, DOMAIN_DEAD);
	assert_null(d->shared);		/* the page is free: nobody may find it */
	assert_int_equal(lifecycle_destroy(d), 0);

	/* Held by the creator, it stays; then it goes, and is told of. */
	lifecycle_reap();
	assert_false(is_gone(3));
	this_cpu()->pending = 0;
	domain_put(d);
	assert_true(this_cpu()->pending & CPU_REAP);
	lifecycle_reap();
	assert_true(is_gone(3));
	assert_true(this_cpu()->pending & CPU_DOM_EXC);
	assert_int_equal(pages, 0);
	check_mirror();
}

/* Rule: whatever step fails, everything before it is undone. */
static void failures_leave_nothing(void **state)
{
	struct domain *d;
	int n = 0, rc;

	do {
		setup(NULL);
		fail_at = ++n;
		rc = lifecycle_create(&plan, &d);
		if (rc) {
			assert_int_equal(rc, -ENOMEM);
			assert_true(is_gone(3));
			assert_int_equal(pages, 0);
			check_mirror();
		}
	} while (rc);
	assert_int_equal(n, 4);		/* three steps can fail */
	domain_put(d);
	assert_int_equal(lifecycle_destroy(d), 0);
	lifecycle_reap();
	assert_int_equal(pages, 0);
}

static void a_taken_id_leaves_nothing(void **state)
{
	struct domain *d, *other;
	int before;

	assert_int_equal(lifecycle_create(&plan, &d), 0);
	before = pages;
	assert_int_equal(lifecycle_create(&plan, &other), -EEXIST);
	assert_int_equal(pages, before);
	domain_put(d);
	assert_int_equal(lifecycle_destroy(d), 0);
	lifecycle_reap();
	assert_int_equal(pages, 0);
}

/* Every step may ask for more time, and nothing is done twice. */
static void destruction_restarts(void **state)
{
	struct domain *d;
	int entries = 0;

	assert_int_equal(lifecycle_create(&plan, &d), 0);
	domain_put(d);
	for (;;) {
		int rc;

		this_cpu()->budget = 1;	/* one step an entry */
		restarts = entries++ % 2;
		rc = lifecycle_destroy(d);
		restarts = 0;
		if (!rc)
			break;
		assert_int_equal(rc, -ERESTART);
		assert_int_equal(d->life, DOMAIN_DYING);
		assert_true(entries < 100);
	}
	assert_true(entries > 8);
	lifecycle_reap();
	assert_true(is_gone(3));
	assert_int_equal(pages, 0);
	check_mirror();
}

static void frames_of_others_keep_it(void **state)
{
	struct domain *d;

	assert_int_equal(lifecycle_create(&plan, &d), 0);
	domain_hold(d);			/* as mm does while frames are left */
	domain_put(d);
	assert_int_equal(lifecycle_destroy(d), 0);
	lifecycle_reap();
	assert_false(is_gone(3));
	this_cpu()->pending = 0;
	lifecycle_reap();		/* looking does not ask for another look */
	assert_false(this_cpu()->pending & CPU_REAP);
	domain_put(d);
	assert_true(this_cpu()->pending & CPU_REAP);
	lifecycle_reap();
	assert_true(is_gone(3));
	assert_int_equal(pages, 0);
}

static void the_control_domain_is_told(void **state)
{
	struct domain_plan first = { .id = 0, .max_vcpus = 1, .control = true };
	struct domain *d, *guest;

	assert_int_equal(lifecycle_create(&first, &d), 0);
	assert_int_equal(lifecycle_create(&plan, &guest), 0);
	control_domain = d;
	guest->shutdown = guest->stop_unseen = true;
	lifecycle_domain_stopped();
	assert_int_equal(virqs, 1);
	assert_int_equal(updates, 1);
	lifecycle_domain_stopped();	/* known already */
	assert_int_equal(virqs, 2);
	assert_int_equal(updates, 1);
	control_domain = NULL;
	domain_put(d);
	domain_put(guest);
	assert_int_equal(lifecycle_destroy(d), 0);
	assert_int_equal(lifecycle_destroy(guest), 0);
	lifecycle_reap();
	assert_int_equal(pages, 0);
}

/* Rule: a CPU that is halted refers to nothing, and is left alone. */
static void a_resting_cpu_is_not_asked(void **state)
{
	struct domain *d;

	cpus_online = 3;
	cpu_of(1)->resting = true;
	assert_int_equal(lifecycle_create(&plan, &d), 0);
	domain_put(d);
	assert_int_equal(lifecycle_destroy(d), 0);
	lifecycle_reap();
	assert_int_equal(kicks[1], 0);
	assert_true(is_gone(3));
	cpu_of(1)->resting = false;
	cpus_online = 1;
}

/* Rule: nothing is freed before every CPU was at its exit after the death, and
 * one round of asking does for all that died before it, not for later ones. */
static void freeing_waits_for_every_cpu(void **state)
{
	struct domain_plan later = { .id = 4, .max_vcpus = 1 };
	struct domain *d, *e;

	cpus_online = 7;
	assert_int_equal(lifecycle_create(&plan, &d), 0);
	assert_int_equal(lifecycle_create(&later, &e), 0);
	domain_put(d);
	domain_put(e);
	assert_int_equal(lifecycle_destroy(d), 0);
	this_cpu()->pending = 0;
	lifecycle_reap();
	assert_int_equal(this_cpu()->pending, 0);	/* nor does it wait by looking again */
	assert_int_equal(kicks[1], 1);
	assert_int_equal(kicks[2], 1);
	assert_false(is_gone(3));

	assert_int_equal(lifecycle_destroy(e), 0);
	this_cpu()->pending = 0;
	this_cpu()->id = 1;
	lifecycle_quiesced();
	assert_false(this_cpu()->pending & CPU_REAP);
	lifecycle_reap();
	assert_false(is_gone(3));
	this_cpu()->id = 2;
	lifecycle_quiesced();
	assert_true(this_cpu()->pending & CPU_REAP);
	lifecycle_reap();
	assert_true(is_gone(3));
	assert_false(is_gone(4));	/* asked for now: of CPUs 0 and 1 */
	assert_int_equal(kicks[0] + kicks[1] + kicks[2], 4);

	for (this_cpu()->id = 0; this_cpu()->id < 2; this_cpu()->id++)
		lifecycle_quiesced();
	lifecycle_reap();
	assert_true(is_gone(4));
	assert_int_equal(pages, 0);
	this_cpu()->id = 0;
	cpus_online = 1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_life, setup),
		cmocka_unit_test_setup(failures_leave_nothing, setup),
		cmocka_unit_test_setup(a_taken_id_leaves_nothing, setup),
		cmocka_unit_test_setup(destruction_restarts, setup),
		cmocka_unit_test_setup(frames_of_others_keep_it, setup),
		cmocka_unit_test_setup(the_control_domain_is_told, setup),
		cmocka_unit_test_setup(a_resting_cpu_is_not_asked, setup),
		cmocka_unit_test_setup(freeing_waits_for_every_cpu, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
