/* SPDX-License-Identifier: MIT */
/* cmd_vcpu_list.c - vane vcpu-list: xl's columns, and what a vCPU did with all
 * its time, where the hypervisor tells.
 */
#include <errno.h>
#include <stdlib.h>

#include <xen/vcpu.h>

#include "domains.h"
#include "json.h"

/* What is known of one vCPU. */
struct row {
	struct xen_domctl_getvcpuinfo info;
	char hard[CPU_SET_TEXT];
	char soft[CPU_SET_TEXT];
	/* only Paravane knows */
	bool timed;
	struct paravane_vcpu_times times;
};

struct printer {
	struct ctl *ctl;
	struct xs_handle *store;
	unsigned int nr_cpus;
	/* for tables */
	bool timed;
	/* for JSON, else NULL */
	struct json *json;
};

static int look(const struct printer *p, domid_t id, uint32_t vcpu,
		struct row *r)
{
	struct cpu_set hard = { 0 }, soft = { 0 };
	int rc = ctl_vcpu_info(p->ctl, id, vcpu, &r->info);

	if (!rc)
		rc = ctl_vcpu_affinity(p->ctl, id, vcpu, &hard, &soft);
	if (rc)
		return rc;
	cpu_set_format(&hard, p->nr_cpus, r->hard);
	cpu_set_format(&soft, p->nr_cpus, r->soft);
	r->timed = !ctl_vcpu_times(p->ctl, id, vcpu, &r->times);
	return 0;
}

/* xl's letters: on a CPU, waiting for an event, taken off by its guest. */
static void letters(const struct row *r, char text[4])
{
	text[0] = r->info.online && r->info.running ? 'r' : '-';
	text[1] = r->info.online && r->info.blocked ? 'b' : '-';
	text[2] = r->info.online ? '-' : 'p';
	text[3] = '\0';
}

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static void print_heading(const struct printer *p)
{
	printf("%-32s %5s %5s %5s %5s %9s %s", "Name", "ID", "VCPU", "CPU",
	       "State", "Time(s)", "Affinity (Hard / Soft)");
	if (p->timed)
		printf(" %12s %12s %12s %12s", "Running(s)", "Runnable(s)",
		       "Blocked(s)", "Offline(s)");
	printf("\n");
}

static void print_row(const struct printer *p, domid_t id, const char *name,
		      const struct row *r)
{
	char state[4], cpu[12] = "-";
	int width;

	letters(r, state);
	if (r->info.online)
		snprintf(cpu, sizeof(cpu), "%u", r->info.cpu);
	printf("%-32s %5u %5u %5s %5s %9.1f ", name, id, r->info.vcpu, cpu,
	       state, seconds(r->info.cpu_time));
	width = printf("%s / %s", r->hard, r->soft);
	if (p->timed && r->timed) {
		printf("%*s", width < 22 ? 22 - width : 0, "");
		for (int i = 0; i < 4; i++)
			printf(" %12.6f", seconds(r->times.time_ns[i]));
	}
	printf("\n");
}

static void print_object(const struct printer *p, domid_t id, const char *name,
			 const struct row *r)
{
	static const char *const states[] = {
		[RUNSTATE_running] = "running_ns",
		[RUNSTATE_runnable] = "runnable_ns",
		[RUNSTATE_blocked] = "blocked_ns",
		[RUNSTATE_offline] = "offline_ns",
	};
	struct json *j = p->json;
	char state[4];

	letters(r, state);
	json_open(j, NULL, '{');
	json_number(j, "domid", id);
	json_string(j, "name", name);
	json_number(j, "vcpu", r->info.vcpu);
	json_bool(j, "online", r->info.online);
	json_string(j, "state", state);
	json_number(j, "cpu", r->info.cpu);
	json_number(j, "cpu_time_ns", r->info.cpu_time);
	json_string(j, "hard_affinity", r->hard);
	json_string(j, "soft_affinity", r->soft);
	if (r->timed) {
		for (int i = 0; i < 4; i++)
			json_number(j, states[i], r->times.time_ns[i]);
		json_number(j, "elapsed_ns",
			    r->times.now_ns - r->times.made_ns);
	}
	json_close(j, '}');
}

/* A domain, or a vCPU, that is gone since is left out. */
static int print_domain(const struct printer *p,
			const struct xen_domctl_getdomaininfo *d,
			struct reason *why)
{
	char name[GUEST_NAME_MAX + 1];
	struct row r;

	if (d->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID)
		return 0;
	tree_name(p->store, d, name);
	for (uint32_t vcpu = 0; vcpu <= d->max_vcpu_id; vcpu++) {
		int rc = look(p, d->domain, vcpu, &r);

		if (rc == -ESRCH)
			continue;
		if (rc)
			return refuse_errno(why, rc,
					    "cannot examine vCPU %u of domain %u",
					    vcpu, d->domain);
		if (p->json)
			print_object(p, d->domain, name, &r);
		else
			print_row(p, d->domain, name, &r);
	}
	return 0;
}

static int print_all(struct vane *v, const struct domain_list *list,
		     struct reason *why)
{
	struct xen_sysctl_physinfo machine;
	struct paravane_vcpu_times ignored;
	struct json json = { .out = stdout };
	struct printer p = { .ctl = v->ctl, .store = v->store };
	int rc = ctl_physinfo(v->ctl, &machine);

	if (rc)
		return refuse_errno(why, rc,
				    "cannot ask the hypervisor for its CPUs");
	p.nr_cpus = machine.max_cpu_id + 1;
	p.timed = !ctl_vcpu_times(v->ctl, 0, 0, &ignored);
	if (option_given(v, "json")) {
		p.json = &json;
		json_open(p.json, NULL, '[');
	} else {
		print_heading(&p);
	}
	for (unsigned int i = 0; !rc && i < list->count; i++)
		rc = print_domain(&p, &list->items[i], why);
	if (p.json)
		json_close(p.json, ']');
	return rc;
}

int cmd_vcpu_list(struct vane *v)
{
	struct domain_list list = { 0 };
	struct reason why = { 0 };
	int rc = collect_domains(v, &list);

	if (!rc && print_all(v, &list, &why))
		rc = complain(&why);
	free(list.items);
	return rc;
}
