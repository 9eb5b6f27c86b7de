/* SPDX-License-Identifier: MIT */
/* cmd_list.c - vane list: for people as xl prints it, for programs as JSON. */
#include <stdlib.h>
#include <string.h>

#include "domains.h"
#include "json.h"

static void print_verbose(const struct xen_domctl_getdomaininfo *d)
{
	char uuid[UUID_TEXT];

	uuid_format(d->handle, uuid);
	printf(" %s", uuid);
	if (domain_shutdown_reason(d) >= 0)
		printf(" %8x", (unsigned int)domain_shutdown_reason(d));
	else
		printf(" %8s", "-");
	printf(" %16s", "-");
}

static void print_table(struct vane *v, const struct domain_list *list)
{
	bool verbose = option_given(v, "verbose");

	printf("Name                                        ID   Mem VCPUs\tState\tTime(s)%s\n",
	       verbose ? "   UUID                            Reason-Code\tSecurity Label" :
			 "");
	for (unsigned int i = 0; i < list->count; i++) {
		const struct xen_domctl_getdomaininfo *d = &list->items[i];
		char name[GUEST_NAME_MAX + 1], state[7];

		tree_name(v->store, d, name);
		domain_letters(d, state);
		printf("%-40s %5u %5llu %5u     %s  %8.1f", name, d->domain,
		       (unsigned long long)d->tot_pages * 4 / 1024,
		       d->nr_online_vcpus, state, (double)d->cpu_time / 1e9);
		if (verbose)
			print_verbose(d);
		printf("\n");
	}
}

static void print_flat(struct vane *v, const struct domain_list *list)
{
	struct json j = { .out = stdout };

	json_open(&j, NULL, '[');
	for (unsigned int i = 0; i < list->count; i++) {
		const struct xen_domctl_getdomaininfo *d = &list->items[i];
		char name[GUEST_NAME_MAX + 1], state[7], uuid[UUID_TEXT];

		tree_name(v->store, d, name);
		domain_letters(d, state);
		uuid_format(d->handle, uuid);
		json_open(&j, NULL, '{');
		json_number(&j, "domid", d->domain);
		json_string(&j, "name", name);
		json_string(&j, "uuid", uuid);
		json_number(&j, "memory_kib", d->tot_pages * 4);
		json_number(&j, "max_memory_kib", d->max_pages * 4);
		json_number(&j, "vcpus", d->nr_online_vcpus);
		json_string(&j, "state", state);
		if (domain_shutdown_reason(d) >= 0)
			json_number(&j, "shutdown_reason",
				    (uint64_t)domain_shutdown_reason(d));
		json_number(&j, "cpu_time_ns", d->cpu_time);
		json_close(&j, '}');
	}
	json_close(&j, ']');
}

static void print_kept(struct json *j, const struct tree_kept *kept)
{
	json_string(j, "on_poweroff", shutdown_action_name(kept->on_poweroff));
	json_string(j, "on_reboot", shutdown_action_name(kept->on_reboot));
	json_string(j, "on_crash", shutdown_action_name(kept->on_crash));
	json_string(j, "config_file", kept->config_path);
}

static void print_long(struct vane *v, const struct domain_list *list)
{
	struct json j = { .out = stdout };

	json_open(&j, NULL, '[');
	for (unsigned int i = 0; i < list->count; i++) {
		const struct xen_domctl_getdomaininfo *d = &list->items[i];
		char name[GUEST_NAME_MAX + 1], uuid[UUID_TEXT];
		struct tree_kept kept;

		tree_name(v->store, d, name);
		uuid_format(d->handle, uuid);
		json_open(&j, NULL, '{');
		json_number(&j, "domid", d->domain);
		json_open(&j, "config", '{');
		json_open(&j, "c_info", '{');
		json_string(&j, "type", "pv");
		json_string(&j, "name", name);
		json_string(&j, "uuid", uuid);
		json_close(&j, '}');
		json_open(&j, "b_info", '{');
		json_number(&j, "max_vcpus", d->max_vcpu_id + 1);
		json_number(&j, "max_memkb", d->max_pages * 4);
		json_number(&j, "target_memkb", d->tot_pages * 4);
		json_close(&j, '}');
		if (v->store && !tree_kept(v->store, d, &kept) &&
		    kept.state != TREE_FOREIGN)
			print_kept(&j, &kept);
		json_close(&j, '}');
		json_close(&j, '}');
	}
	json_close(&j, ']');
}

int cmd_list(struct vane *v)
{
	struct domain_list list = { 0 };
	int rc = collect_domains(v, &list);

	if (rc)
		goto out;
	if (option_given(v, "json"))
		print_flat(v, &list);
	else if (option_given(v, "long"))
		print_long(v, &list);
	else
		print_table(v, &list);
out:
	free(list.items);
	return rc;
}
