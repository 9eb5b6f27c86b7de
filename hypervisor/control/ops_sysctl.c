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
#include "control/machine.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"
#include "mm/heap.h"

#define PIECE		128U
#define KEYS_MAX	128U

/* Budget units of copying a piece, and of one domain in a list. */
#define PIECE_UNITS	66
#define DOMAIN_UNITS(d)	(20 + 4 * (int)(d)->max_vcpus)

/* Progress: `index` is where it goes on, the padding how much is done. */
long sysctl_readconsole(struct sysctl *k)
{
	struct xen_sysctl_readconsole *r = &k->op.u.readconsole;
	uint32_t from = log_start(), end = log_end(), done = 0, n;
	char text[PIECE];

	_Static_assert(LOG_RING_SIZE < 0x10000, "two bytes count it");
	/* An index from before what is kept, or of another boot, is no use. */
	if ((r->incremental || k->resumed) && (int32_t)(r->index - from) > 0 &&
	    (int32_t)(end - r->index) >= 0)
		from = r->index;
	if (k->resumed)
		done = r->pad0 | (uint32_t)r->pad1 << 8;
	r->pad0 = r->pad1 = 0;
	while (done < MIN(r->count, LOG_RING_SIZE)) {
		n = log_read(&from, text, MIN(r->count - done, PIECE));
		if (!n)
			break;
		if (copy_to_guest((uint64_t)r->buffer.p + done, text, n))
			return -EFAULT;
		done += n;
		if (!budget_left(PIECE_UNITS)) {
			r->index = from;
			r->pad0 = (uint8_t)done;
			r->pad1 = (uint8_t)(done >> 8);
			k->reply = true;
			return -ERESTART;
		}
	}
	if (r->clear)
		log_clear(from);
	r->count = done;
	r->index = from;
	return 0;
}

/* Progress: `num_domains` is how many are done, and above them the next id. */
long sysctl_getdomaininfolist(struct sysctl *k)
{
	struct xen_sysctl_getdomaininfolist *l = &k->op.u.getdomaininfolist;
	struct xen_domctl_getdomaininfo info;
	domid_t from = k->resumed ? (domid_t)(l->num_domains >> 16) : l->first_domain;
	uint32_t n = k->resumed ? l->num_domains & 0xffff : 0;
	struct domain *d = n < l->max_domains ? domain_get_next(from) : NULL;
	long rc = 0;

	while (d && n < l->max_domains && !rc) {
		domain_describe(d, &info);
		from = (domid_t)(d->id + 1);
		if (copy_to_guest((uint64_t)(l->buffer.p + n), &info, sizeof(info)))
			rc = -EFAULT;
		else if (++n < l->max_domains && !budget_left(DOMAIN_UNITS(d)))
			rc = -ERESTART;
		d = domain_put_next(d);
	}
	if (d)
		domain_put(d);
	l->num_domains = rc ? n | (uint32_t)from << 16 : n;
	k->reply = rc == -ERESTART;
	return rc;
}

static long key_pressed(char key, domid_t *next)
{
	switch (key) {
	case 'h':
		log("keys: h this help, m memory, q domains");
		return 0;
	case 'm':
		log("memory: %lu of %lu frames free", heap_free_frames(),
		    heap_total_frames());
		return 0;
	case 'q':
		return log_domains(next);
	default:
		log("no such key; h for help");
		return 0;
	}
}

/* Progress: `nr_keys` in its low byte, the key above it, and above that the
 * domain that 'q' has come to. */
long sysctl_debug_keys(struct sysctl *k)
{
	struct xen_sysctl_debug_keys *keys = &k->op.u.debug_keys;
	uint32_t nr = keys->nr_keys, i = 0;
	domid_t next = 0;
	char key;

	if (k->resumed) {
		next = (domid_t)(nr >> 16);
		i = nr >> 8 & 0xff;
		nr &= 0xff;
	}
	if (nr > KEYS_MAX)
		return -E2BIG;
	while (i < nr) {
		long rc;

		if (copy_from_guest(&key, (uint64_t)(keys->keys.p + i), 1))
			return -EFAULT;
		rc = key_pressed(key, &next);
		if (!rc) {
			next = 0;
			i++;
		}
		if (rc || (i < nr && !budget_left(LOG_LINE_UNITS))) {
			keys->nr_keys = nr | i << 8 | (uint32_t)next << 16;
			k->reply = true;
			return -ERESTART;
		}
	}
	keys->nr_keys = nr;
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
	entry_command(k.op.cmd);
	if (k.op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return -EACCES;
	if (!v->domain->control)
		return domain_refuse();
	if (!lifecycle_trylock())
		return -ERESTART;
	k.resumed = k.op.cmd & CMD_RESUMED;
	k.op.cmd &= ~CMD_RESUMED;
	rc = perform(&k);
	lifecycle_unlock();
	if (rc == -ERESTART)
		k.op.cmd |= CMD_RESUMED;
	if ((k.reply || k.resumed || !rc) && copy_to_guest(c->arg[0], &k.op, sizeof(k.op)))
		rc = -EFAULT;
	return rc;
}
