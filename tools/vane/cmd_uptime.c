/* SPDX-License-Identifier: MIT */
/* cmd_uptime.c - vane uptime: how long ago domains were made. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "domains.h"

/* The control domain's own, by its kernel. -1 when it does not say. */
static int64_t own_seconds(void)
{
	FILE *f = fopen("/proc/uptime", "re");
	double seconds = -1;

	if (f && fscanf(f, "%lf", &seconds) != 1)
		seconds = -1;
	if (f)
		fclose(f);
	return (int64_t)seconds;
}

static int64_t seconds_of(struct vane *v,
			  const struct xen_domctl_getdomaininfo *d)
{
	int64_t began;

	if (!d->domain)
		return own_seconds();
	began = v->store ? tree_start_time(v->store, d) : -1;
	return began < 0 ? -1 : (int64_t)time(NULL) - began;
}

/* "2 days, 3:04:05", or without the seconds. */
static void format(int64_t seconds, bool brief, char text[64])
{
	long long days = seconds / 86400;
	int hours = (int)(seconds / 3600 % 24);
	int minutes = (int)(seconds / 60 % 60);
	int at = 0;

	if (seconds < 0) {
		snprintf(text, 64, "unknown");
		return;
	}
	if (days)
		at = snprintf(text, 64, "%lld day%s, ", days,
			      days == 1 ? "" : "s");
	if (brief)
		snprintf(text + at, (size_t)(64 - at), "%2d:%02d", hours,
			 minutes);
	else
		snprintf(text + at, (size_t)(64 - at), "%2d:%02d:%02d", hours,
			 minutes, (int)(seconds % 60));
}

int cmd_uptime(struct vane *v)
{
	bool brief = option_given(v, "short");
	struct domain_list list = { 0 };
	char clock[16], up[64], name[GUEST_NAME_MAX + 1];
	time_t now = time(NULL);
	struct tm tm;
	int rc = collect_domains(v, &list);

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	if (!rc && !brief)
		printf("%-33s %4s %s\n", "Name", "ID", "Uptime");
	for (unsigned int i = 0; !rc && i < list.count; i++) {
		const struct xen_domctl_getdomaininfo *d = &list.items[i];

		tree_name(v->store, d, name);
		format(seconds_of(v, d), brief, up);
		if (brief)
			printf(" %s up %s, %s (%u)\n", clock, up, name,
			       d->domain);
		else
			printf("%-33s %4u %s\n", name, d->domain, up);
	}
	free(list.items);
	return rc;
}
