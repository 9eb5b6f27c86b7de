/* SPDX-License-Identifier: MIT */
/* ops_policy.c - the CPU that guests see, for the tools to read and confirm.
 *
 * Guards: there is one policy, the same for every domain. A tool may read it
 * and may set exactly it; a policy that differs in a feature is refused with
 * the leaf that differs, because it would not be enforced.
 * Not here: what CPUID answers (emul/cpuid.c).
 */
#include "control/machine.h"

#include "base/errno.h"
#include "control/domctl.h"
#include "emul/emul.h"
#include "guest/access.h"

#define LEAF_EXTENDED	0x80000000U
#define LEAVES_MAX	64U
#define SUBLEAVES_MAX	64U
#define MSRS_MAX	2U		/* the tools allocate what we say here */

static struct cpuid_regs answer(uint32_t leaf, uint32_t subleaf)
{
	return emul_cpuid_leaf(control_domain, leaf, subleaf);
}

void policy_features(uint32_t words[FEATURE_WORDS])
{
	const struct cpuid_regs l1 = answer(1, 0), l7 = answer(7, 0), l71 = answer(7, 1);
	const struct cpuid_regs l72 = answer(7, 2), ld = answer(0xd, 1);
	const struct cpuid_regs e1 = answer(LEAF_EXTENDED + 1, 0);
	const uint32_t all[FEATURE_WORDS] = {
		l1.d, l1.c, e1.d, e1.c, ld.a, l7.b, l7.c,
		answer(LEAF_EXTENDED + 7, 0).d, answer(LEAF_EXTENDED + 8, 0).b,
		l7.d, l71.a, answer(LEAF_EXTENDED + 0x21, 0).a, l71.b, l72.d, l71.c, l71.d,
	};

	for (unsigned i = 0; i < FEATURE_WORDS; i++)
		words[i] = all[i];
}

/* How many answers a leaf has; 0: one, whatever the subleaf. */
static uint32_t subleaves(uint32_t leaf)
{
	switch (leaf) {
	case 4:
		return 4;
	case 7:
		return MIN(answer(7, 0).a + 1, 3U);
	case 0xb:
		return 2;
	case 0xd:
		return SUBLEAVES_MAX;
	default:
		return 0;
	}
}

struct writer {
	uint64_t array;
	uint32_t room, n;
};

/* Beyond the room only the count goes on. */
static long put_leaf(struct writer *w, uint32_t leaf, uint32_t subleaf)
{
	uint32_t asked = subleaf == XEN_CPUID_NO_SUBLEAF ? 0 : subleaf;
	const struct cpuid_regs r = answer(leaf, asked);
	const xen_cpuid_leaf_t out = { leaf, subleaf, r.a, r.b, r.c, r.d };

	if (subleaf != XEN_CPUID_NO_SUBLEAF && subleaf && !(r.a | r.b | r.c | r.d))
		return 0;
	if (w->array && w->n < w->room &&
	    copy_to_guest(w->array + w->n * sizeof(out), &out, sizeof(out)))
		return -EFAULT;
	w->n++;
	return 0;
}

static long put_range(struct writer *w, uint32_t first)
{
	uint32_t last = answer(first, 0).a;
	long rc = 0;

	if (last < first || last - first > LEAVES_MAX)
		last = first;
	for (uint32_t leaf = first; leaf <= last && !rc; leaf++) {
		uint32_t n = subleaves(leaf);

		if (!n)
			rc = put_leaf(w, leaf, XEN_CPUID_NO_SUBLEAF);
		for (uint32_t i = 0; i < n && !rc; i++)
			rc = put_leaf(w, leaf, i);
	}
	return rc;
}

long policy_give_leaves(uint64_t array, uint32_t *n)
{
	struct writer w = { array, *n, 0 };
	long rc = put_range(&w, 0);

	if (!rc)
		rc = put_range(&w, LEAF_EXTENDED);
	if (rc)
		return rc;
	rc = array && w.n > *n ? -ENOBUFS : 0;
	*n = w.n;
	return rc;
}

/* No MSR differs between guests, so none is listed. */
long policy_give_msrs(uint64_t array, uint32_t *n)
{
	*n = array ? 0 : MSRS_MAX;
	return 0;
}

long domctl_get_cpu_policy(struct domctl *k)
{
	struct xen_domctl_cpu_policy *p = &k->op.u.cpu_policy;
	long rc;

	if (!p->leaves.p || !p->msrs.p)
		return -EFAULT;
	rc = policy_give_leaves((uint64_t)p->leaves.p, &p->nr_leaves);
	return rc ? rc : policy_give_msrs((uint64_t)p->msrs.p, &p->nr_msrs);
}

/* Does the leaf ask for a feature set other than ours? */
static bool differs(const xen_cpuid_leaf_t *l)
{
	uint32_t subleaf = l->subleaf == XEN_CPUID_NO_SUBLEAF ? 0 : l->subleaf;
	const struct cpuid_regs r = answer(l->leaf, subleaf);

	switch (l->leaf) {
	case 0:
	case LEAF_EXTENDED:
		return l->a > r.a;
	case 1:
	case LEAF_EXTENDED + 1:
		return l->c != r.c || l->d != r.d;
	case 7:
		return subleaf < 3 && (l->b != r.b || l->c != r.c || l->d != r.d);
	case 0xd:
		return subleaf == 1 && l->a != r.a;
	default:
		return false;
	}
}

long domctl_set_cpu_policy(struct domctl *k)
{
	struct xen_domctl_cpu_policy *p = &k->op.u.cpu_policy;
	uint64_t at = (uint64_t)p->leaves.p;
	xen_cpuid_leaf_t leaf;

	if (k->d == k->caller->domain || p->nr_leaves > LEAVES_MAX + SUBLEAVES_MAX ||
	    p->nr_msrs > MSRS_MAX)
		return -EINVAL;
	p->err_leaf = p->err_subleaf = p->err_msr = XEN_CPUID_NO_SUBLEAF;
	k->reply = true;	/* the leaf at fault */
	for (uint32_t i = 0; i < p->nr_leaves; i++, at += sizeof(leaf)) {
		if (copy_from_guest(&leaf, at, sizeof(leaf)))
			return -EFAULT;
		if (differs(&leaf)) {
			p->err_leaf = leaf.leaf;
			p->err_subleaf = leaf.subleaf;
			return -EINVAL;
		}
	}
	return 0;
}
