/* SPDX-License-Identifier: MIT */
/* ops_sysctl.c - the machine as a whole: the front of sysctl; the log.
 *
 * Guards: the block is copied once; then version (EACCES) and rights (EPERM)
 * are checked, before any command looks at its argument.
 * Not here: the other commands (ops_sysctl_*.c).
 */
#include "control/sysctl.h"

#include "base/errno.h"
#include "console/console.h"
#include "control/domctl.h"
#include "control/lifecycle.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "mm/heap.h"

#define PIECE		128U
#define KEYS_MAX	128U

long sysctl_readconsole(struct sysctl *k)
{
	struct xen_sysctl_readconsole *r = &k->op.u.readconsole;
	uint32_t from = log_start(), end = log_end(), done = 0, n;
	char text[PIECE];

	/* An index from before what is kept, or of another boot, is no use. */
	if (r->incremental && (int32_t)(r->index - from) > 0 &&
	    (int32_t)(end - r->index) >= 0)
		from = r->index;
	while (done < r->count) {
		n = log_read(&from, text, MIN(r->count - done, PIECE));
		if (!n)
			break;
		if (copy_to_guest((uint64_t)r->buffer.p + done, text, n))
			return -EFAULT;
		done += n;
	}
	if (r->clear)
		log_clear(from);
	r->count = done;
	r->index = from;
	return 0;
}

long sysctl_getdomaininfolist(struct sysctl *k)
{
	struct xen_sysctl_getdomaininfolist *l = &k->op.u.getdomaininfolist;
	struct xen_domctl_getdomaininfo info;
	domid_t from = l->first_domain;
	struct domain *d;
	uint32_t n = 0;

	while (n < l->max_domains && (d = domain_get_next(from))) {
		domain_describe(d, &info);
		from = (domid_t)(d->id + 1);
		domain_put(d);
		if (copy_to_guest((uint64_t)(l->buffer.p + n), &info, sizeof(info)))
			return -EFAULT;
		n++;
	}
	l->num_domains = n;
	return 0;
}

static void key_pressed(char key)
{
	switch (key) {
	case 'h':
		log("keys: h this help, m memory, q domains");
		break;
	case 'm':
		log("memory: %lu of %lu frames free", heap_free_frames(),
		    heap_total_frames());
		break;
	case 'q':
		log_domains();
		break;
	default:
		log("no such key; h for help");
		break;
	}
}

long sysctl_debug_keys(struct sysctl *k)
{
	const struct xen_sysctl_debug_keys *keys = &k->op.u.debug_keys;
	char key;

	if (keys->nr_keys > KEYS_MAX)
		return -E2BIG;
	for (uint32_t i = 0; i < keys->nr_keys; i++) {
		if (copy_from_guest(&key, (uint64_t)(keys->keys.p + i), 1))
			return -EFAULT;
		key_pressed(key);
	}
	return 0;
}

/* Commands for what we lack. */
static long refused(uint32_t cmd)
{
	switch (cmd) {
	case XEN_SYSCTL_psr_cmt_op:
	case XEN_SYSCTL_psr_alloc:
	case XEN_SYSCTL_pcitopoinfo:
		return -ENODEV;
	case XEN_SYSCTL_tbuf_op:
	case XEN_SYSCTL_page_offline_op:
	case XEN_SYSCTL_cpu_hotplug:
	case XEN_SYSCTL_coverage_op:
	case XEN_SYSCTL_get_pmstat:
	case XEN_SYSCTL_pm_op:
		return -EOPNOTSUPP;
	default:
		return -ENOSYS;
	}
}

static long perform(struct sysctl *k)
{
	switch (k->op.cmd) {
#define SYSCTL(name)	case XEN_SYSCTL_##name: return sysctl_##name(k);
#include "control/sysctl.def"
#undef SYSCTL
	default:
		return refused(k->op.cmd);
	}
}

long hc_sysctl(struct vcpu *v, struct hcall *c)
{
	struct sysctl k = { .reply = false };
	long rc;

	if (copy_from_guest(&k.op, c->arg[0], sizeof(k.op)))
		return -EFAULT;
	if (k.op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return -EACCES;
	if (!v->domain->control)
		return domain_refuse();
	if (!lifecycle_trylock())
		return -ERESTART;
	rc = perform(&k);
	lifecycle_unlock();
	if ((k.reply || !rc) && copy_to_guest(c->arg[0], &k.op, sizeof(k.op)))
		rc = -EFAULT;
	return rc;
}
