/* SPDX-License-Identifier: MIT */
/* meddle.c - what a control domain can do to a running domain's vCPUs, thousands
 * of times: pause, pin, weigh, ask, take out their registers and put them back,
 * map frames. Runs in the control domain: meddle DOMID ROUNDS SEED.
 *
 * Rule: the domain must not feel it, but by the clock. It ends when the domain
 * is gone, or after so many rounds: "meddle: R rounds, S contexts".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"

#define VCPUS 4

static struct ctl *ctl;
static domid_t id;
static unsigned long contexts;

static unsigned int chance(unsigned int n)
{
	return (unsigned int)rand() % n;
}

static int context(uint32_t vcpu, uint32_t cmd, struct vcpu_guest_context *at)
{
	struct xen_domctl op = { .cmd = cmd, .domain = id };

	op.u.vcpucontext.vcpu = vcpu;
	op.u.vcpucontext.ctxt.p = (void *)at;
	return ctl_domctl(ctl, &op);
}

/* All registers out and in again, of a vCPU that is not running meanwhile. */
static int round_trip(uint32_t vcpu)
{
	struct vcpu_guest_context *c = ctl_payload(ctl);
	int rc = ctl_domain_pause(ctl, id);

	if (rc)
		return rc;
	rc = context(vcpu, XEN_DOMCTL_getvcpucontext, c);
	if (!rc && !context(vcpu, XEN_DOMCTL_setvcpucontext, c))
		contexts++;
	ctl_domain_unpause(ctl, id);
	return rc == -ENODATA ? 0 : rc;
}

static int map_some(void)
{
	struct xen_domctl_getdomaininfo info;
	int rc = ctl_domain_info(ctl, id, &info);
	uint64_t mfn = info.shared_info_frame;
	void *shown;

	if (rc)
		return rc;
	shown = ctl_foreign_map(ctl, id, &mfn, 1, NULL);
	if (shown)
		ctl_foreign_unmap(ctl, shown, 1);
	return 0;
}

static int pin(uint32_t vcpu)
{
	struct cpu_set set;

	memset(&set, 0, sizeof(set));
	set.bytes[0] = (uint8_t)(1 + chance(3));
	return chance(2) ? ctl_vcpu_pin(ctl, id, vcpu, &set, NULL, chance(2)) :
			   ctl_vcpu_pin(ctl, id, vcpu, NULL, &set, chance(2));
}

static int meddle(void)
{
	struct xen_domctl_sched_credit2 share = { 0 };
	struct xen_domctl_getvcpuinfo info;
	struct paravane_vcpu_times times;
	uint32_t vcpu = chance(VCPUS);
	int rc;

	switch (chance(8)) {
	case 0:
		rc = ctl_domain_pause(ctl, id);
		return rc ? rc : ctl_domain_unpause(ctl, id);
	case 1:
		return round_trip(vcpu);
	case 2:
		rc = context(vcpu, XEN_DOMCTL_getvcpucontext, ctl_payload(ctl));
		return rc == -ENODATA ? 0 : rc;
	case 3:
		return pin(vcpu);
	case 4:
		share.weight = (uint16_t)(1 + chance(1000));
		return ctl_domain_set_share(ctl, id, &share);
	case 5:
		return ctl_vcpu_info(ctl, id, vcpu, &info);
	case 6:
		return ctl_vcpu_times(ctl, id, vcpu, &times);
	}
	return map_some();
}

int main(int argc, char **argv)
{
	struct reason why = { 0 };
	unsigned long rounds = 0, most;
	int rc = 0;

	if (argc != 4 || ctl_open(&ctl, &why)) {
		fprintf(stderr, "meddle: DOMID ROUNDS SEED, as control domain: %s\n", why.text);
		return 2;
	}
	id = (domid_t)atoi(argv[1]);
	most = strtoul(argv[2], NULL, 10);
	srand((unsigned int)atoi(argv[3]));
	while (rounds < most && !rc) {
		rc = meddle();
		rounds++;
	}
	printf("meddle: %lu rounds, %lu contexts\n", rounds, contexts);
	if (!rc || rc == -ESRCH)
		return 0;
	printf("meddle: %s\n", strerror(-rc));
	return 1;
}
