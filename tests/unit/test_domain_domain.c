/* SPDX-License-Identifier: MIT */
/* test_domain_domain.c - ids, references, and when a domain may be freed.
 */
/* link: hypervisor/base/string.c hypervisor/sync/spinlock.c */
#include "domain/domain.h"

#include "base/errno.h"
#include "cpu/features.h"
#include "mm/mm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct cpu_features cpu_features = { .xstate_size = 576 };
static int pages, refuse_page_nr;
static int mm_answer;

void *page_alloc(void)
{
	if (refuse_page_nr && !--refuse_page_nr)
		return NULL;
	pages++;
	return calloc(1, PAGE_SIZE);
}

void page_free(void *page)
{
	pages--;
	free(page);
}

int mm_vcpu_init(struct vcpu *v)
{
	return mm_answer;
}

static struct domain *make(domid_t id)
{
	struct domain *d;

	assert_int_equal(domain_alloc(id, 2, &d), 0);
	assert_true(domain_publish(d));
	return d;
}

static void end(struct domain *d)
{
	d->life = DOMAIN_DEAD;
	assert_true(domain_unlink(d));
	domain_free(d);
}

static void lookup_finds_and_holds(void **state)
{
	struct domain *a = make(1), *b = make(1 + 64), *found;

	assert_null(domain_get_by_id(2));
	found = domain_get_by_id(1);
	assert_ptr_equal(found, a);
	assert_int_equal(a->refs, 2);
	domain_put(found);
	found = domain_get_by_id(65);	/* the same bucket */
	assert_ptr_equal(found, b);
	domain_put(found);
	end(a);
	assert_null(domain_get_by_id(1));
	end(b);
}

static void an_id_is_taken_once(void **state)
{
	struct domain *a = make(7), *b;

	assert_int_equal(domain_alloc(7, 1, &b), 0);
	assert_false(domain_publish(b));
	domain_free(b);
	end(a);
}

static void next_goes_up(void **state)
{
	struct domain *a = make(0), *b = make(300), *c = make(5), *d;
	domid_t seen[3], from = 0;
	int n = 0;

	while ((d = domain_get_next(from))) {
		seen[n++] = d->id;
		from = (domid_t)(d->id + 1);
		domain_put(d);
	}
	assert_int_equal(n, 3);
	assert_int_equal(seen[0], 0);
	assert_int_equal(seen[1], 5);
	assert_int_equal(seen[2], 300);
	n = 0;
	for_each_domain(d)
		assert_int_equal(d->id, seen[n++]);
	assert_int_equal(n, 3);
	end(c);			/* from the middle, the end, the beginning */
	d = domain_get_next(1);
	assert_ptr_equal(d, b);
	domain_put(d);
	end(b);
	assert_null(domain_get_next(1));
	end(a);
	assert_null(domain_get_next(0));
}

static void ended_are_found(void **state)
{
	struct domain *a = make(4), *b = make(2), *c = make(9), *d;

	assert_null(domain_get_next_ended(0));
	c->shutdown = true;
	b->life = DOMAIN_DEAD;
	d = domain_get_next_ended(0);
	assert_ptr_equal(d, b);
	domain_put(d);
	d = domain_get_next_ended(3);
	assert_ptr_equal(d, c);
	domain_put(d);
	assert_null(domain_get_next_ended(10));
	end(a);
	end(b);
	end(c);
}

/* Freed only when nobody refers to it, and the last put says so. */
static void references_keep_it(void **state)
{
	struct domain *a = make(9);

	this_cpu()->pending = 0;
	domain_hold(a);
	a->life = DOMAIN_DEAD;
	assert_false(domain_unlink(a));
	assert_int_equal(this_cpu()->pending, 0);
	domain_put(a);
	assert_int_equal(this_cpu()->pending, CPU_REAP);
	end(a);
	assert_null(domain_get_by_id(9));
}

static void targets_need_power(void **state)
{
	struct domain *control = make(0), *guest = make(3), *out;
	struct vcpu v = { .domain = guest };

	control->control = true;
	assert_int_equal(domain_get_target(&v, DOMID_SELF, &out), 0);
	assert_ptr_equal(out, guest);
	domain_put(out);
	assert_int_equal(domain_get_target(&v, 3, &out), 0);
	domain_put(out);
	assert_int_equal(domain_get_target(&v, 0, &out), -EPERM);
	assert_int_equal(domain_get_target(&v, 4, &out), -ESRCH);
	assert_int_equal(control->refs, 1);
	assert_int_equal(guest->refs, 1);

	v.domain = control;
	assert_int_equal(domain_get_target(&v, 3, &out), 0);
	assert_ptr_equal(out, guest);
	domain_put(out);
	end(guest);
	end(control);
}

static void limits_of_a_domain(void **state)
{
	struct domain *d;

	assert_int_equal(domain_alloc(1, 0, &d), -EINVAL);
	assert_int_equal(domain_alloc(1, MAX_VCPUS + 1, &d), -EINVAL);
	refuse_page_nr = 1;
	assert_int_equal(domain_alloc(1, 1, &d), -ENOMEM);
}

static void vcpus_are_whole_or_absent(void **state)
{
	struct domain *d = make(1);
	struct vcpu *v;

	for (int i = 1; i <= 3; i++) {
		refuse_page_nr = i;
		assert_int_equal(vcpu_alloc(d, 0, &v), -ENOMEM);
		assert_null(domain_vcpu(d, 0));
	}
	mm_answer = -ENOMEM;
	assert_int_equal(vcpu_alloc(d, 0, &v), -ENOMEM);
	assert_int_equal(pages, 1);
	mm_answer = 0;
	assert_int_equal(vcpu_alloc(d, 1, &v), 0);
	assert_null(domain_vcpu(d, 1));
	vcpu_publish(v);
	assert_ptr_equal(domain_vcpu(d, 1)->domain, d);
	assert_ptr_equal(domain_vcpu(d, 1), v);
	assert_null(domain_vcpu(d, 0));
	assert_null(domain_vcpu(d, 2));
	assert_null(domain_vcpu(d, ~0UL));
	end(d);
	assert_int_equal(pages, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup_finds_and_holds),
		cmocka_unit_test(an_id_is_taken_once),
		cmocka_unit_test(next_goes_up),
		cmocka_unit_test(ended_are_found),
		cmocka_unit_test(references_keep_it),
		cmocka_unit_test(targets_need_power),
		cmocka_unit_test(limits_of_a_domain),
		cmocka_unit_test(vcpus_are_whole_or_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
