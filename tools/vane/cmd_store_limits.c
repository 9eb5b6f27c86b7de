/* SPDX-License-Identifier: MIT */
/* cmd_store_limits.c - vane store limits: what each domain may have in the
 * store, and has.
 *
 * The daemon tells by the control command "quota": lines of NAME : NUMBER, the
 * limits without an argument, and what a domain has of them with its id.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_store.h"
#include "json.h"

#define LIMITS_MAX 32

struct limit {
	char name[32];
	unsigned long number;
	char help[80];
};

struct limits {
	struct limit rows[LIMITS_MAX];
	int count;
};

static bool ask(struct vane *v, const char *domid, struct limits *limits)
{
	char *answer = xs_control_command(v->store, "quota", (void *)domid,
					  domid ? strlen(domid) + 1 : 0);
	char *rest = answer, *line;

	limits->count = 0;
	while (answer && limits->count < LIMITS_MAX &&
	       (line = strsep(&rest, "\n"))) {
		struct limit *l = &limits->rows[limits->count];

		l->help[0] = '\0';
		if (sscanf(line, "%31[^: ] : %lu %79[^\n]", l->name,
			   &l->number, l->help) >= 2)
			limits->count++;
	}
	free(answer);
	return answer;
}

static const struct limit *find(const struct limits *limits, const char *name)
{
	for (int i = 0; i < limits->count; i++)
		if (!strcmp(limits->rows[i].name, name))
			return &limits->rows[i];
	return NULL;
}

static void print_domain(const char *domid, const struct limits *limits,
			 const struct limits *used)
{
	for (int i = 0; i < used->count; i++) {
		const struct limit *limit = find(limits, used->rows[i].name);

		printf("%5s  %-18s %10lu ", domid, used->rows[i].name,
		       used->rows[i].number);
		if (limit && strcmp(domid, "0"))
			printf("%10lu\n", limit->number);
		else
			printf("%10s\n", "-");
	}
}

static void print_domain_json(struct json *j, const char *domid,
			      const struct limits *limits,
			      const struct limits *used)
{
	for (int i = 0; i < used->count; i++) {
		const struct limit *limit = find(limits, used->rows[i].name);

		json_open(j, NULL, '{');
		json_number(j, "domid", strtoul(domid, NULL, 10));
		json_string(j, "quota", used->rows[i].name);
		json_number(j, "used", used->rows[i].number);
		if (limit && strcmp(domid, "0"))
			json_number(j, "limit", limit->number);
		json_close(j, '}');
	}
}

/* What holds for each node or transaction, not for a domain's sum. */
static void print_others(const struct limits *limits, const struct limits *used)
{
	for (int i = 0; i < limits->count; i++)
		if (!find(used, limits->rows[i].name))
			printf("  each  %-18s %10s %10lu  %s\n",
			       limits->rows[i].name, "", limits->rows[i].number,
			       limits->rows[i].help);
}

static int print_all(struct vane *v, char **domids, unsigned int count,
		     const struct limits *limits)
{
	struct json j = { .out = stdout };
	bool json = option_given(v, "json");
	struct limits used = { .count = 0 };
	struct reason why = { 0 };

	if (json)
		json_open(&j, NULL, '[');
	else
		printf("%5s  %-18s %10s %10s\n", "ID", "Quota", "Used",
		       "Limit");
	for (unsigned int i = 0; i < count; i++) {
		/* One that has not been introduced has nothing to count. */
		if (!ask(v, domids[i], &used)) {
			if (errno == ENOENT)
				continue;
			refuse_errno(&why, -errno,
				     "xenstored does not tell what domain %s has",
				     domids[i]);
			return complain(&why);
		}
		if (json)
			print_domain_json(&j, domids[i], limits, &used);
		else
			print_domain(domids[i], limits, &used);
	}
	if (json)
		json_close(&j, ']');
	else
		print_others(limits, &used);
	return EXIT_DONE;
}

/* Names become ids; an id need not be alive, nor a hypervisor be there. */
static int resolve(struct vane *v)
{
	for (int i = 0; i < v->argument_count; i++) {
		struct xen_domctl_getdomaininfo info;
		const char *text = v->arguments[i];
		int status;

		if (text[strspn(text, "0123456789")] == '\0')
			continue;
		status = need_domain(v, text, &info);
		if (status)
			return status;
		if (asprintf(&v->arguments[i], "%u", info.domain) < 0)
			return EXIT_REFUSED;
	}
	return EXIT_DONE;
}

int cmd_store_limits(struct vane *v)
{
	char **domids;
	unsigned int count = v->argument_count;
	struct limits limits;
	int status = need_store(v);

	if (!status)
		status = resolve(v);
	if (status)
		return status;
	domids = v->arguments;
	if (!ask(v, NULL, &limits)) {
		fprintf(stderr,
			"vane: the store's daemon does not tell its limits (%s): it may be another than xenstored\n",
			strerror(errno));
		return EXIT_REFUSED;
	}
	if (!count)
		domids = xs_directory(v->store, XBT_NULL, "/local/domain",
				      &count);
	if (!domids && errno != ENOENT)
		return store_refused("/local/domain", "listed");
	if (!domids)
		count = 0;
	status = print_all(v, domids, count, &limits);
	if (domids != v->arguments)
		free(domids);
	return status;
}
