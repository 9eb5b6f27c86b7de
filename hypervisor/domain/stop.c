/* SPDX-License-Identifier: MIT */
/* stop.c - a domain stops, by itself or because it cannot go on.
 *
 * Guards: the first reason is the one that is kept and reported.
 * Invariant: only state and pending bits change here; the caller leaves by
 * the normal exit, which runs somebody else and tells the control domain.
 */
#include "domain/domain.h"

#include <public/sched.h>

#include "base/log.h"
#include "base/string.h"
#include "console/console.h"

static void report_crash(struct domain *d)
{
	struct vcpu *v = current();

	log("domain %u crashed: %s", d->id, d->crash_reason);
	if (!v || v->domain != d)
		return;
	log("  vCPU %u in guest %s mode", v->id, v->kernel_mode ? "kernel" : "user");
	log_registers(&v->frame);
	log("  cr2 %016lx cr3 %016lx", v->emul.cr2,
	    v->kernel_mode ? v->mm.cr3_kernel : v->mm.cr3_user);
}

void domain_shutdown(struct domain *d, uint8_t reason)
{
	spin_lock(&d->lock);
	if (!d->shutdown) {
		if (d->shutdown_code == SHUTDOWN_CODE_NONE)
			d->shutdown_code = reason;
		d->shutdown = true;
		__atomic_store_n(&d->stop_unseen, true, __ATOMIC_RELEASE);
	}
	spin_unlock(&d->lock);
	cpu_pend(this_cpu(), CPU_DOM_EXC | CPU_RESCHED);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
	char reason[sizeof(d->crash_reason)];
	va_list ap;
	bool first;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);

	spin_lock(&d->lock);
	first = !d->shutdown && !d->crash_reason[0];
	if (first)
		strlcpy(d->crash_reason, reason, sizeof(d->crash_reason));
	spin_unlock(&d->lock);
	if (first)
		report_crash(d);
	domain_shutdown(d, SHUTDOWN_crash);
}
