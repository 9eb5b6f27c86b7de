/* SPDX-License-Identifier: MIT */
/* ops_sysctl_machine.c - sysctl: CPUs, nodes and memory in numbers.
 *
 * Invariant: a list is asked for with a null array first to learn its
 * length, and what does not fit is left out, never written beyond.
 */
#include "control/sysctl.h"

#include "base/errno.h"
#include "base/string.h"
#include "control/about.h"
#include "control/machine.h"
#include "guest/access.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "time/time.h"

#define LOCAL_DISTANCE	10	/* as ACPI counts: ten is next to nothing */

long sysctl_physinfo(struct sysctl *k)
{
	struct xen_sysctl_physinfo *p = &k->op.u.physinfo;
	uint32_t words[FEATURE_WORDS];

	memset(p, 0, sizeof(*p));
	p->threads_per_core = 1;
	p->cores_per_socket = nr_cpus();
	p->nr_cpus = nr_cpus();
	p->max_cpu_id = nr_cpus() - 1;
	p->nr_nodes = NR_NODES;
	p->max_node_id = NR_NODES - 1;
	p->cpu_khz = (uint32_t)(time_tsc_hz() / 1000);
	p->capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1;
	p->total_pages = boot_ram_frames;
	p->free_pages = heap_free_frames();
	p->max_mfn = max_mfn;
	policy_features(words);
	memcpy(p->hw_cap, words, sizeof(p->hw_cap));
	return 0;
}

long sysctl_getcpuinfo(struct sysctl *k)
{
	struct xen_sysctl_getcpuinfo *g = &k->op.u.getcpuinfo;
	uint32_t n = MIN(g->max_cpus, nr_cpus());

	for (uint32_t i = 0; i < n; i++) {
		const struct xen_sysctl_cpuinfo info = { .idletime = sched_idle_time(i) };

		if (copy_to_guest((uint64_t)(g->info.p + i), &info, sizeof(info)))
			return -EFAULT;
	}
	g->nr_cpus = n;
	return 0;
}

/* Frames are kept in one pool: a width below all RAM or a node that is not
 * there gets none, any other question the whole. */
long sysctl_availheap(struct sysctl *k)
{
	struct xen_sysctl_availheap *a = &k->op.u.availheap;
	bool none = a->node > 0 ||
		    (a->min_bitwidth && a->min_bitwidth < 64 &&
		     max_mfn << PAGE_SHIFT <= 1UL << a->min_bitwidth);

	a->avail_bytes = none ? 0 : heap_free_frames() << PAGE_SHIFT;
	return 0;
}

long sysctl_cputopoinfo(struct sysctl *k)
{
	struct xen_sysctl_cputopoinfo *t = &k->op.u.cputopoinfo;
	uint32_t n = t->cputopo.p ? MIN(t->num_cpus, nr_cpus()) : nr_cpus();

	for (uint32_t i = 0; t->cputopo.p && i < n; i++) {
		const struct xen_sysctl_cputopo topo = {
			/* Upstream has the number from CPUID, which does not
			 * speak of cores where there is only one. */
			.core = nr_cpus() > 1 ? i : XEN_INVALID_CORE_ID,
		};

		if (copy_to_guest((uint64_t)(t->cputopo.p + i), &topo, sizeof(topo)))
			return -EFAULT;
	}
	t->num_cpus = n;
	return 0;
}

long sysctl_numainfo(struct sysctl *k)
{
	struct xen_sysctl_numainfo *n = &k->op.u.numainfo;
	const struct xen_sysctl_meminfo memory = {
		.memsize = max_mfn << PAGE_SHIFT,
		.memfree = heap_free_frames() << PAGE_SHIFT,
	};
	bool lists = n->meminfo.p || n->distance.p;
	uint32_t nodes = lists ? MIN(n->num_nodes, NR_NODES) : NR_NODES;

	if (nodes && n->meminfo.p &&
	    copy_to_guest((uint64_t)n->meminfo.p, &memory, sizeof(memory)))
		return -EFAULT;
	if (nodes && n->distance.p &&
	    guest_write_u32((uint64_t)n->distance.p, LOCAL_DISTANCE))
		return -EFAULT;
	n->num_nodes = nodes;
	return 0;
}

long sysctl_get_cpu_featureset(struct sysctl *k)
{
	struct xen_sysctl_cpu_featureset *f = &k->op.u.cpu_featureset;
	uint32_t words[FEATURE_WORDS], n = MIN(f->nr_features, (uint32_t)FEATURE_WORDS);

	if (!f->features.p) {
		f->nr_features = FEATURE_WORDS;
		return 0;
	}
	if (f->index == XEN_SYSCTL_cpu_featureset_hvm ||
	    f->index == XEN_SYSCTL_cpu_featureset_hvm_max)
		return -EOPNOTSUPP;
	if (f->index > XEN_SYSCTL_cpu_featureset_hvm_max)
		return -EINVAL;
	policy_features(words);
	if (copy_to_guest((uint64_t)f->features.p, words, n * sizeof(words[0])))
		return -EFAULT;
	f->nr_features = n;
	k->reply = true;	/* what did fit, with -ENOBUFS too */
	return n < FEATURE_WORDS ? -ENOBUFS : 0;
}

long sysctl_get_cpu_policy(struct sysctl *k)
{
	struct xen_sysctl_cpu_policy *p = &k->op.u.cpu_policy;
	long rc;

	if (p->index > XEN_SYSCTL_cpu_policy_hvm_default)
		return -EINVAL;
	if (p->index == XEN_SYSCTL_cpu_policy_hvm_max ||
	    p->index == XEN_SYSCTL_cpu_policy_hvm_default)
		return -EOPNOTSUPP;
	rc = policy_give_leaves((uint64_t)p->leaves.p, &p->nr_leaves);
	return rc ? rc : policy_give_msrs((uint64_t)p->msrs.p, &p->nr_msrs);
}
