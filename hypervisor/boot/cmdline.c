/* SPDX-License-Identifier: MIT */
/* cmdline.c - the hypervisor's own options.
 *
 * Options are words separated by spaces, as people write them for Xen;
 * what we do not know is named in the log and ignored.
 */
#include "base/log.h"
#include "base/string.h"
#include "boot/boot.h"

INIT_DATA struct boot_options boot_options;

/* "128M", "128M,max:128M", "min:64M,128M": the plain size counts; no unit
 * means kibibytes, as upstream. */
INIT static void parse_dom0_mem(const char *v)
{
	while (*v) {
		if (strncmp(v, "max:", 4) && strncmp(v, "min:", 4)) {
			const char *end;
			uint64_t n = parse_size(v, &end);

			if (end > v && end[-1] >= '0' && end[-1] <= '9')
				n <<= 10;
			boot_options.dom0_mem = n;
		}
		while (*v && *v != ',')
			v++;
		if (*v == ',')
			v++;
	}
}

/* The value of `word` if it is option `name` ("name=value"), else NULL. */
INIT static const char *value_of(const char *word, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(word, name, n) && word[n] == '=' ? word + n + 1 : NULL;
}

INIT static bool option(const char *w)
{
	const char *v;

	if ((v = value_of(w, "dom0_mem")))
		parse_dom0_mem(v);
	else if ((v = value_of(w, "dom0_max_vcpus")))
		boot_options.dom0_vcpus = (uint32_t)parse_size(v, &v);
	else if ((v = value_of(w, "dom0_max_event_channels")))
		boot_options.dom0_event_channels = (uint32_t)parse_size(v, &v);
	else if ((v = value_of(w, "maxcpus")))
		boot_options.max_cpus = (uint32_t)parse_size(v, &v);
	else if ((v = value_of(w, "watchdog_timeout")))
		boot_options.watchdog_seconds = (uint32_t)parse_size(v, &v);
	else if (!strcmp(w, "watchdog"))
		boot_options.watchdog = true;
	else if (CONFIG_DEBUG && (v = value_of(w, "fail-cpu")))
		boot_options.fail_cpu = (uint32_t)parse_size(v, &v) + 1;
	else if (CONFIG_DEBUG && (v = value_of(w, "hang-cpu")))
		boot_options.hang_cpu = (uint32_t)parse_size(v, &v) + 1;
	else if ((v = value_of(w, "console")))
		strlcpy(boot_options.console, v, sizeof(boot_options.console));
	else if ((v = value_of(w, "com1")))
		strlcpy(boot_options.com1, v, sizeof(boot_options.com1));
	else if (!strcmp(w, "noreboot") || !strcmp(w, "noreboot=1") || !strcmp(w, "noreboot=true"))
		boot_options.noreboot = true;
	else if ((v = value_of(w, "sched")) &&
		 (!strcmp(v, "null") || !strcmp(v, "credit2")))
		boot_options.sched_null = !strcmp(v, "null");
	else if (!strcmp(w, "no-real-mode") || !strcmp(w, "placeholder"))
		;	/* loaders add these for Xen; they mean nothing here */
	else
		return false;
	return true;
}

/* Once before the console works, and once more when it can say what is
 * unknown: the same words have the same effect again. */
INIT void options_parse(const char *line, bool report)
{
	char word[128];

	while (*line) {
		size_t n = 0;

		while (*line == ' ')
			line++;
		for (; *line && *line != ' '; line++)
			if (n < sizeof(word) - 1)
				word[n++] = *line;
		word[n] = 0;
		if (n && !option(word) && report)
			log("unknown option \"%s\" ignored", word);
	}
}
