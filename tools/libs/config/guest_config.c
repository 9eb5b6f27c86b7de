/* SPDX-License-Identifier: MIT */
/* guest_config.c - the keys of a domain file.
 *
 * Guards: a `struct guest_config` is complete and in range.
 * Not here: the syntax (config.c), and whether the files exist.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/guest_config.h"

#define MEMORY_MAX_MIB (1ULL << 24)

static const char *const action_names[] = {
	[ACTION_DESTROY] = "destroy",
	[ACTION_RESTART] = "restart",
	[ACTION_PRESERVE] = "preserve",
	[ACTION_RENAME_RESTART] = "rename-restart",
	[ACTION_COREDUMP_DESTROY] = "coredump-destroy",
	[ACTION_COREDUMP_RESTART] = "coredump-restart",
};

#define ACTIONS ((int)(sizeof(action_names) / sizeof(action_names[0])))

const char *shutdown_action_name(enum shutdown_action action)
{
	return action_names[action];
}

int shutdown_action_parse(const char *text, enum shutdown_action *action)
{
	for (int i = 0; i < ACTIONS; i++) {
		if (!strcmp(text, action_names[i])) {
			*action = (enum shutdown_action)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_string(struct config *config, const char *key, char **text,
		       struct reason *why)
{
	struct setting *s = config_find(config, key);
	const char *value;
	int rc;

	if (!s)
		return 0;
	rc = setting_string(s, &value, why);
	if (rc)
		return rc;
	*text = strdup(value);
	return *text ? 0 : refuse(why, -ENOMEM, "out of memory");
}

static int read_number(struct config *config, const char *key,
		       uint64_t *number, uint64_t min, uint64_t max,
		       struct reason *why)
{
	struct setting *s = config_find(config, key);

	return s ? setting_number(s, number, min, max, why) : 0;
}

static int read_action(struct config *config, const char *key,
		       enum shutdown_action *action, struct reason *why)
{
	struct setting *s = config_find(config, key);
	const char *text;
	int rc;

	if (!s)
		return 0;
	rc = setting_string(s, &text, why);
	if (rc)
		return rc;
	if (!shutdown_action_parse(text, action))
		return 0;
	return refuse(why, -EINVAL,
		      "%s:%u:%u: %s= takes \"destroy\", \"restart\", \"rename-restart\", \"preserve\", \"coredump-destroy\" or \"coredump-restart\", not \"%s\"",
		      s->file, s->line, s->column, key, text);
}

int guest_name_check(const char *name, struct reason *why)
{
	size_t length = strlen(name);

	if (!length)
		return refuse(why, -EINVAL, "a name may not be empty");
	if (length > GUEST_NAME_MAX)
		return refuse(why, -EINVAL,
			      "the name \"%s\" is too long: at most %d characters",
			      name, GUEST_NAME_MAX);
	if (strspn(name, "0123456789") == length)
		return refuse(why, -EINVAL,
			      "the name \"%s\" would read as a domain id; use a letter in it",
			      name);
	for (size_t i = 0; i < length; i++)
		if (name[i] == '/' || !isgraph((unsigned char)name[i]))
			return refuse(why, -EINVAL,
				      "the name \"%s\" has a character that names may not have: only printable ones, no blank and no '/'",
				      name);
	if (name[0] == '.')
		return refuse(why, -EINVAL,
			      "the name \"%s\" starts with a dot, which names may not",
			      name);
	return 0;
}

static int check_type(struct config *config, struct reason *why)
{
	struct setting *s = config_find(config, "type");
	const char *type = "pv";
	int rc = s ? setting_string(s, &type, why) : 0;

	if (rc)
		return rc;
	if (strcmp(type, "pv"))
		return refuse(why, -EOPNOTSUPP,
			      "%s:%u:%u: type=\"%s\" is not supported: guests are type=\"pv\" here",
			      s->file, s->line, s->column, type);
	return 0;
}

/* xl's rule: cmdline= alone, or else root= then extra=. */
static int read_cmdline(struct guest_config *g, struct config *config,
			guest_config_warn *warn, struct reason *why)
{
	char *root = NULL, *extra = NULL;
	int rc = read_string(config, "cmdline", &g->cmdline, why);

	if (!rc)
		rc = read_string(config, "root", &root, why);
	if (!rc)
		rc = read_string(config, "extra", &extra, why);
	if (rc)
		goto out;
	if (g->cmdline) {
		if (root)
			warn(config_find(config, "root"),
			     "ignored, because cmdline= is set");
		if (extra)
			warn(config_find(config, "extra"),
			     "ignored, because cmdline= is set");
		goto out;
	}
	if (asprintf(&g->cmdline, "%s%s%s%s", root ? "root=" : "",
		     root ? root : "", root && extra ? " " : "",
		     extra ? extra : "") < 0) {
		g->cmdline = NULL;
		rc = refuse(why, -ENOMEM, "out of memory");
	}
out:
	free(root);
	free(extra);
	return rc;
}

static int read_memory(struct guest_config *g, struct config *config,
		       struct reason *why)
{
	uint64_t memory = 0, maximum = 0;
	int rc = read_number(config, "memory", &memory, 1, MEMORY_MAX_MIB,
			     why);

	if (rc)
		return rc;
	if (!memory)
		return refuse(why, -EINVAL,
			      "the domain file does not say memory= (MiB)");
	rc = read_number(config, "maxmem", &maximum, 1, MEMORY_MAX_MIB, why);
	if (rc)
		return rc;
	if (!maximum)
		maximum = memory;
	if (maximum < memory)
		return refuse(why, -EINVAL,
			      "maxmem=%llu is less than memory=%llu",
			      (unsigned long long)maximum,
			      (unsigned long long)memory);
	g->memory_kib = memory << 10;
	g->max_kib = maximum << 10;
	return 0;
}

static int read_vcpus(struct guest_config *g, struct config *config,
		      struct reason *why)
{
	uint64_t vcpus = 1, max_vcpus = 0;
	int rc = read_number(config, "vcpus", &vcpus, 1, GUEST_VCPUS_MAX, why);

	if (rc)
		return rc;
	rc = read_number(config, "maxvcpus", &max_vcpus, vcpus,
			 GUEST_VCPUS_MAX, why);
	if (rc)
		return rc;
	g->vcpus_online = (uint32_t)vcpus;
	g->vcpus = (uint32_t)(max_vcpus ? max_vcpus : vcpus);
	return 0;
}

static int read_event_channels(struct guest_config *g, struct config *config,
			       struct reason *why)
{
	uint64_t highest = GUEST_EVENT_CHANNELS;
	int rc = read_number(config, "max_event_channels", &highest, 1,
			     GUEST_EVENT_CHANNELS_MAX, why);

	g->event_channels = (uint32_t)highest;
	return rc;
}

static int read_share(struct guest_config *g, struct config *config,
		      struct reason *why)
{
	uint64_t weight = 0, cap = 0;
	int rc = read_number(config, "cpu_weight", &weight, 1,
			     GUEST_WEIGHT_MAX, why);

	if (!rc)
		rc = read_number(config, "cap", &cap, 0,
				 100 * (uint64_t)g->vcpus, why);
	g->weight = (uint32_t)weight;
	g->cap = (uint32_t)cap;
	return rc;
}

static int read_tsc_mode(struct guest_config *g, struct config *config,
			 struct reason *why)
{
	static const char *const words[] = {
		"default", "always_emulate", "native",
	};
	struct setting *s = config_find(config, "tsc_mode");
	const char *text = words[0];
	int rc = s ? setting_string(s, &text, why) : 0;

	if (rc)
		return rc;
	for (g->tsc_mode = 0; g->tsc_mode < sizeof(words) / sizeof(words[0]); g->tsc_mode++)
		if (!strcmp(text, words[g->tsc_mode]))
			return 0;
	return refuse(why, -EINVAL,
		      "%s:%u:%u: tsc_mode= takes \"default\", \"always_emulate\" or \"native\", not \"%s\"",
		      s->file, s->line, s->column, text);
}

/* A string is for all vCPUs, a list has one string for each. */
static int read_cpus(const struct guest_config *g, struct config *config,
		     const char *key, struct cpu_set **sets, uint32_t *count,
		     struct reason *why)
{
	struct setting *s = config_find(config, key);
	struct reason inner = { 0 };

	if (!s)
		return 0;
	*sets = calloc(g->vcpus, sizeof(**sets));
	if (!*sets)
		return refuse(why, -ENOMEM, "out of memory");
	for (uint32_t i = 0; i < g->vcpus; i++) {
		const char *text = s->text;

		if (s->kind == SETTING_LIST && i == s->item_count)
			break;
		if (s->kind == SETTING_LIST)
			text = s->items[i];
		if (cpu_set_parse(&(*sets)[i], text, &inner))
			return refuse(why, -EINVAL, "%s:%u:%u: %s=: %s",
				      s->file, s->line, s->column, key,
				      inner.text);
		(*count)++;
	}
	return 0;
}

static void warn_of_unknown(struct config *config, guest_config_warn *warn)
{
	for (struct setting *s = config->first; s; s = s->next)
		if (!s->used)
			warn(s, "unknown key, ignored");
}

static int read_all(struct guest_config *g, struct config *config,
		    guest_config_warn *warn, struct reason *why)
{
	int rc = check_type(config, why);

	if (!rc)
		rc = read_string(config, "name", &g->name, why);
	if (!rc)
		rc = g->name ? guest_name_check(g->name, why) :
		     refuse(why, -EINVAL,
			    "the domain file does not say name=");
	if (!rc)
		rc = read_string(config, "kernel", &g->kernel, why);
	if (!rc && !g->kernel)
		rc = refuse(why, -EINVAL,
			    "the domain file does not say kernel=");
	if (!rc)
		rc = read_string(config, "ramdisk", &g->ramdisk, why);
	if (!rc)
		rc = read_cmdline(g, config, warn, why);
	if (!rc)
		rc = read_memory(g, config, why);
	if (!rc)
		rc = read_vcpus(g, config, why);
	if (!rc)
		rc = read_event_channels(g, config, why);
	if (!rc)
		rc = read_share(g, config, why);
	if (!rc)
		rc = read_cpus(g, config, "cpus", &g->cpus, &g->cpus_count,
			       why);
	if (!rc)
		rc = read_cpus(g, config, "cpus_soft", &g->cpus_soft,
			       &g->cpus_soft_count, why);
	if (!rc)
		rc = read_tsc_mode(g, config, why);
	if (!rc)
		rc = read_action(config, "on_poweroff", &g->on_poweroff, why);
	if (!rc)
		rc = read_action(config, "on_reboot", &g->on_reboot, why);
	if (!rc)
		rc = read_action(config, "on_crash", &g->on_crash, why);
	return rc;
}

int guest_config_read(struct guest_config *g, struct config *config,
		      guest_config_warn *warn, struct reason *why)
{
	int rc;

	memset(g, 0, sizeof(*g));
	g->on_poweroff = ACTION_DESTROY;
	g->on_reboot = ACTION_RESTART;
	g->on_crash = ACTION_DESTROY;
	rc = read_all(g, config, warn, why);
	if (rc) {
		guest_config_free(g);
		return rc;
	}
	warn_of_unknown(config, warn);
	return 0;
}

void guest_config_free(struct guest_config *g)
{
	free(g->name);
	free(g->kernel);
	free(g->ramdisk);
	free(g->cmdline);
	free(g->cpus);
	free(g->cpus_soft);
	memset(g, 0, sizeof(*g));
}
