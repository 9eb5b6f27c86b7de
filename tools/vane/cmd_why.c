/* SPDX-License-Identifier: MIT */
/* cmd_why.c - vane why: the last calls of a domain that the hypervisor refused.
 *
 * Names are those of libs/calls, rules those of abi/refusals.def; the hypervisor
 * keeps numbers only.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "calls/calls.h"
#include "json.h"
#include "vane.h"

#include <xen/paravane.h>

/* More than any hypervisor of this interface keeps for all vCPUs. */
#define REFUSALS_MAX	1024

static const char *const rules[] = {
#define RULE(name, text)	text,
#include <abi/refusals.def>
};

/* What an error means where no rule says more. */
static const struct {
	int number;
	const char *meaning;
} errors[] = {
	{ EPERM, "the caller may not do this" },
	{ ENOENT, "there is no such thing" },
	{ ESRCH, "there is no such domain, or vCPU of it" },
	{ E2BIG, "the list or structure is too long" },
	{ EAGAIN, "it was changed meanwhile: try again" },
	{ ENOMEM, "there is no memory for it" },
	{ EACCES, "the caller has no right to it, or uses another interface version" },
	{ EFAULT,
	  "an argument points to memory that is not mapped, not writable, or not the guest's" },
	{ EBUSY, "it is in use" },
	{ EEXIST, "it is there already" },
	{ ENODEV, "there is no such device" },
	{ EINVAL, "an argument has a value that the call does not take" },
	{ ENOSPC, "a limit of the domain is reached" },
	{ ENOSYS, "this call, or this command of it, is not offered" },
	{ EOPNOTSUPP, "this is not supported for such a domain" },
};

static const char *error_text(const struct paravane_refusal *r, char number[16])
{
	const char *name = error_name(r->error);

	if (name)
		return name;
	snprintf(number, 16, "error %u", r->error);
	return number;
}

static const char *rule(const struct paravane_refusal *r)
{
	if (r->rule && r->rule < sizeof(rules) / sizeof(rules[0]))
		return rules[r->rule];
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].number == r->error)
			return errors[i].meaning;
	return "the error is all there is to say";
}

/* Of a list, the hypervisor leaves behind how much of it was not done. */
static uint64_t argument(const struct paravane_refusal *r, unsigned int i)
{
	bool list = r->call == __HYPERVISOR_mmu_update ||
		    r->call == __HYPERVISOR_mmuext_op;

	return list && i == 1 ? r->arg[i] & CALL_LIST_LENGTH : r->arg[i];
}

static bool has_structure(const struct paravane_refusal *r)
{
	return r->item[0] || r->item[1];
}

static void print_one(const struct paravane_refusal *r)
{
	const struct call *call = call_find(r->call);
	unsigned int arguments = call ? call->arguments : 6;
	char command[64], number[16];

	command_name(call, command_number(r->call, r->arg[0], r->item[0]),
		     command, sizeof(command));
	printf("%.3f s ago, vCPU %u: ", (double)(r->now_ns - r->when_ns) / 1e9,
	       r->vcpu);
	if (call)
		printf("%s%s%s", call->name, command[0] ? " " : "", command);
	else
		printf("call %u, which does not exist", r->call);
	printf(" -> %s\n    rule: %s\n    arguments:", error_text(r, number),
	       rule(r));
	for (unsigned int i = 0; i < arguments; i++)
		printf(" %#" PRIx64, argument(r, i));
	if (has_structure(r))
		printf(", the structure begins %#" PRIx64 " %#" PRIx64,
		       (uint64_t)r->item[0], (uint64_t)r->item[1]);
	printf("; returned to %#" PRIx64 "\n", (uint64_t)r->rip);
}

static void print_object(struct json *j, const struct paravane_refusal *r)
{
	const struct call *call = call_find(r->call);
	unsigned int arguments = call ? call->arguments : 6;
	char command[64], number[16];

	command_name(call, command_number(r->call, r->arg[0], r->item[0]),
		     command, sizeof(command));
	json_open(j, NULL, '{');
	json_number(j, "vcpu", r->vcpu);
	json_number(j, "number", r->number);
	json_number(j, "when_ns", r->when_ns);
	json_number(j, "ago_ns", r->now_ns - r->when_ns);
	json_number(j, "call", r->call);
	json_string(j, "call_name", call ? call->name : "");
	json_string(j, "command", command);
	json_string(j, "error", error_text(r, number));
	json_string(j, "rule", rule(r));
	json_open(j, "arguments", '[');
	for (unsigned int i = 0; i < arguments; i++)
		json_hex(j, NULL, argument(r, i));
	json_close(j, ']');
	json_open(j, "structure", '[');
	for (unsigned int i = 0; i < 2 && has_structure(r); i++)
		json_hex(j, NULL, r->item[i]);
	json_close(j, ']');
	json_hex(j, "rip", r->rip);
	json_close(j, '}');
}

static int by_time(const void *a, const void *b)
{
	const struct paravane_refusal *x = a, *y = b;

	return x->when_ns < y->when_ns ? -1 : x->when_ns > y->when_ns;
}

/* All that is kept of one vCPU, behind the *count there are. */
static int collect(struct vane *v, domid_t id, uint32_t vcpu,
		   struct paravane_refusal *all, size_t *count)
{
	struct paravane_sysctl request = { .op = PARAVANE_OP_refusal };
	uint64_t next = 0;

	while (*count < REFUSALS_MAX) {
		int rc;

		request.u.refusal = (struct paravane_refusal){
			.domain = id, .vcpu = vcpu, .number = next,
		};
		rc = ctl_paravane(v->ctl, &request);
		if (rc == -EAGAIN)
			continue;
		if (rc == -ESRCH)
			return 0;
		if (rc || !request.u.refusal.error)
			return rc;
		next = request.u.refusal.number + 1;
		all[(*count)++] = request.u.refusal;
	}
	return 0;
}

static void print_all(struct vane *v, const struct paravane_refusal *all,
		      size_t count)
{
	struct json j = { .out = stdout };

	if (option_given(v, "json")) {
		json_open(&j, NULL, '[');
		for (size_t i = 0; i < count; i++)
			print_object(&j, &all[i]);
		json_close(&j, ']');
		return;
	}
	for (size_t i = 0; i < count; i++)
		print_one(&all[i]);
	if (!count)
		printf("the hypervisor has refused this domain nothing\n");
}

int cmd_why(struct vane *v)
{
	struct xen_domctl_getdomaininfo info;
	struct paravane_refusal *all;
	struct reason why = { 0 };
	size_t count = 0;
	int rc = need_domain(v, v->arguments[0], &info);

	if (rc)
		return rc;
	all = calloc(REFUSALS_MAX, sizeof(*all));
	if (!all) {
		refuse(&why, -ENOMEM, "the control domain lacks memory");
		return complain(&why);
	}
	if (info.max_vcpu_id != XEN_INVALID_MAX_VCPU_ID)
		for (uint32_t i = 0; !rc && i <= info.max_vcpu_id; i++)
			rc = collect(v, info.domain, i, all, &count);
	if (rc == -ENOSYS)
		refuse(&why, rc, "this hypervisor does not keep refused calls: only Paravane does");
	else if (rc)
		refuse_errno(&why, rc, "the hypervisor does not say what it refused");
	if (rc) {
		rc = complain(&why);
	} else {
		qsort(all, count, sizeof(*all), by_time);
		print_all(v, all, count);
	}
	free(all);
	return rc;
}
