/* SPDX-License-Identifier: MIT */
/* fuzz_domain_file.c - domain files and KEY=VALUE words, and what is read of
 * them.
 *
 * An input that starts with a zero byte is a command-line word, any other a
 * file. A refusal has a sentence, an acceptance has none, and what is accepted
 * keeps guest_config.h's promises. Leaks are the sanitizer's business.
 */
/* link: tools/libs/config/config.c tools/libs/config/lexer.c */
/* link: tools/libs/config/guest_config.c tools/libs/base/reason.c */
/* link: tools/libs/base/cpu_set.c */
#include <ctype.h>
#include <string.h>

#include "check.h"
#include "config/config.h"
#include "config/guest_config.h"

static void warn(const struct setting *setting, const char *text)
{
	CHECK(setting->key && text);
}

static void check_settings(struct config *c)
{
	size_t n = 0;

	for (struct setting *s = c->first; s; s = s->next) {
		const char *text;
		struct reason why;
		uint64_t number;

		CHECK(s->key[0] && s->line && s->column);
		CHECK((s->kind == SETTING_LIST) == !s->text);
		CHECK(s->kind == SETTING_LIST || !s->item_count);
		for (size_t i = 0; i < s->item_count; i++)
			CHECK(s->items[i]);
		CHECK(config_find(c, s->key));
		reason_clear(&why);
		(void)setting_string(s, &text, &why);
		if (!setting_number(s, &number, 5, 1000, &why))
			CHECK(number >= 5 && number <= 1000);
		if (++n == 100)		/* config_find makes this quadratic */
			break;
	}
}

static void check_sets(const struct cpu_set *sets, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		CHECK(sets[i].named <= CPU_SET_MAX);
}

static void check_guest(const struct guest_config *g)
{
	CHECK(g->name && *g->name && strlen(g->name) <= GUEST_NAME_MAX);
	CHECK(!strchr(g->name, '/'));
	for (const char *p = g->name; *p; p++)
		CHECK(!iscntrl((unsigned char)*p));
	CHECK(g->name[strspn(g->name, "0123456789")]);
	CHECK(g->kernel && g->cmdline);
	CHECK(g->memory_kib && g->max_kib >= g->memory_kib);
	CHECK(g->vcpus && g->vcpus <= GUEST_VCPUS_MAX);
	CHECK(g->cpus_count <= g->vcpus && g->cpus_soft_count <= g->vcpus);
	check_sets(g->cpus, g->cpus_count);
	check_sets(g->cpus_soft, g->cpus_soft_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guest_config guest;
	struct config config;
	struct reason why;
	char *copy;
	int rc;

	reason_clear(&why);
	config_init(&config);
	if (size && !data[0]) {
		copy = strndup((const char *)data + 1, size - 1);
		rc = config_override(&config, copy, &why);
	} else {
		copy = malloc(size ? size : 1);
		memcpy(copy, data, size);
		rc = config_parse(&config, copy, size, "file", &why);
	}
	free(copy);
	CHECK(!rc == !why.text[0]);
	check_settings(&config);
	if (!rc) {
		rc = guest_config_read(&guest, &config, warn, &why);
		CHECK(!rc == !why.text[0]);
		if (!rc) {
			check_guest(&guest);
			guest_config_free(&guest);
		}
	}
	config_free(&config);
	return 0;
}
