/* SPDX-License-Identifier: MIT */
/* cmd_top.c - vane top: who uses the CPUs and the memory, again and again.
 *
 * At a terminal the picture is redrawn until the person types q; otherwise, or
 * with --batch, pictures follow each other and nothing but text is written.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "domains.h"
#include "numbers.h"

#define DELAY_S 3

/* What a percentage is made from: CPU time then and now. */
struct look {
	struct domain_list list;
	uint64_t at_ns;
	struct xen_sysctl_physinfo machine;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int take_look(struct vane *v, struct look *l)
{
	struct reason why = { 0 };
	int rc;

	memset(l, 0, sizeof(*l));
	rc = collect_domains(v, &l->list);
	if (rc)
		return rc;
	l->at_ns = now_ns();
	rc = ctl_physinfo(v->ctl, &l->machine);
	if (!rc)
		return 0;
	refuse_errno(&why, rc, "the hypervisor refused to describe the machine");
	return complain(&why);
}

/* Percent of one CPU since the look before; 0 for a domain that is new. */
static double cpu_percent(const struct look *before, const struct look *now,
			  const struct xen_domctl_getdomaininfo *d)
{
	for (unsigned int i = 0; i < before->list.count; i++) {
		const struct xen_domctl_getdomaininfo *old =
			&before->list.items[i];

		if (old->domain == d->domain && now->at_ns > before->at_ns &&
		    !memcmp(old->handle, d->handle, sizeof(d->handle)))
			return 100.0 * (double)(d->cpu_time - old->cpu_time) /
			       (double)(now->at_ns - before->at_ns);
	}
	return 0;
}

static void print_summary(const struct look *l)
{
	unsigned int running = 0, blocked = 0, paused = 0, dying = 0, down = 0;

	for (unsigned int i = 0; i < l->list.count; i++) {
		uint32_t flags = l->list.items[i].flags;

		running += !!(flags & XEN_DOMINF_running);
		blocked += !!(flags & XEN_DOMINF_blocked);
		paused += !!(flags & XEN_DOMINF_paused);
		dying += !!(flags & XEN_DOMINF_dying);
		down += !!(flags & XEN_DOMINF_shutdown);
	}
	printf("%u domains: %u running, %u blocked, %u paused, %u shut down, %u dying\n",
	       l->list.count, running, blocked, paused, down, dying);
	printf("Mem: %lluk total, %lluk used, %lluk free    CPUs: %u @ %uMHz\n",
	       (unsigned long long)l->machine.total_pages * 4,
	       (unsigned long long)(l->machine.total_pages -
				    l->machine.free_pages) * 4,
	       (unsigned long long)l->machine.free_pages * 4,
	       l->machine.nr_cpus, l->machine.cpu_khz / 1000);
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_picture(struct vane *v, const struct look *before,
			  const struct look *l)
{
	uint64_t total = l->machine.total_pages;

	print_summary(l);
	printf("%20s %6s %10s %6s %10s %6s %10s %6s\n", "NAME", "STATE",
	       "CPU(sec)", "CPU(%)", "MEM(k)", "MEM(%)", "MAXMEM(k)", "VCPUS");
	for (unsigned int i = 0; i < l->list.count; i++) {
		const struct xen_domctl_getdomaininfo *d = &l->list.items[i];
		char name[GUEST_NAME_MAX + 1], state[7];

		tree_name(v->store, d, name);
		domain_letters(d, state);
		printf("%20s %6s %10llu %6.1f %10llu %6.1f ", name, state,
		       (unsigned long long)d->cpu_time / 1000000000,
		       cpu_percent(before, l, d),
		       (unsigned long long)d->tot_pages * 4,
		       share(d->tot_pages, total));
		/* the first domain's limit is none */
		if (d->max_pages < total)
			printf("%10llu", (unsigned long long)d->max_pages * 4);
		else
			printf("%10s", "no limit");
		printf(" %6u\n", d->nr_online_vcpus);
	}
}

/* True if the person wants to leave. */
static bool pause_for_key(unsigned int seconds, bool live)
{
	struct pollfd set = { live ? STDIN_FILENO : -1, POLLIN, 0 };
	char key;

	if (poll(&set, 1, (int)seconds * 1000) < 0 && errno != EINTR)
		return true;
	return set.revents && (read(STDIN_FILENO, &key, 1) != 1 ||
			       key == 'q' || key == 'Q' || key == 3);
}

static int loop(struct vane *v, unsigned int delay, unsigned int rounds,
		bool live)
{
	struct look before = { 0 }, now;
	int rc = EXIT_DONE;

	for (unsigned int i = 0; !rounds || i < rounds; i++) {
		if (i && pause_for_key(delay, live))
			break;
		rc = take_look(v, &now);
		if (!rc) {
			if (live)
				printf("\033[H\033[J");
			else if (i)
				printf("\n");
			print_picture(v, &before, &now);
			if (fflush(stdout))
				rc = EXIT_REFUSED;
		}
		free(before.list.items);
		before = now;
		if (rc)
			break;
	}
	free(before.list.items);
	return rc;
}

int cmd_top(struct vane *v)
{
	const char *delay_text = option_value(v, "delay");
	const char *rounds_text = option_value(v, "iterations");
	unsigned int delay = DELAY_S, rounds = 0;
	struct reason why = { 0 };
	struct termios found, raw;
	bool live;
	int rc = 0;

	if (delay_text)
		rc = read_number(delay_text, "the delay", 1, 3600, &delay,
				 &why);
	if (!rc && rounds_text)
		rc = read_number(rounds_text, "the number of iterations", 1,
				 1000000, &rounds, &why);
	if (rc)
		return complain(&why);
	live = !option_given(v, "batch") && isatty(STDOUT_FILENO) &&
	       !tcgetattr(STDIN_FILENO, &found);
	if (live) {
		raw = found;
		/* keys come at once and unseen; Ctrl-C is one of them */
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	rc = loop(v, delay, rounds, live);
	if (live)
		tcsetattr(STDIN_FILENO, TCSANOW, &found);
	return rc;
}
