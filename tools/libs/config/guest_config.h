/* SPDX-License-Identifier: MIT */
/* guest_config.h - what a domain file says about a PV guest, checked. */
#ifndef TOOLS_CONFIG_GUEST_CONFIG_H
#define TOOLS_CONFIG_GUEST_CONFIG_H

#include <stdint.h>

#include "base/cpu_set.h"
#include "config/config.h"

/* What becomes of a domain that has shut down. */
enum shutdown_action {
	ACTION_DESTROY,
	ACTION_RESTART,
	ACTION_PRESERVE,
	/* kept under another name, and made anew beside it */
	ACTION_RENAME_RESTART,
	/* first its memory is written to a file */
	ACTION_COREDUMP_DESTROY,
	ACTION_COREDUMP_RESTART,
};

#define GUEST_NAME_MAX 64
#define GUEST_VCPUS_MAX 64
#define GUEST_WEIGHT_MAX 65535
#define GUEST_EVENT_CHANNELS 1023
#define GUEST_EVENT_CHANNELS_MAX 131071

struct guest_config {
	/* no '/', no control characters, at most GUEST_NAME_MAX bytes, and
	 * not a plain number, which would read as a domain id */
	char *name;
	char *kernel;
	/* NULL for none */
	char *ramdisk;
	/* cmdline=, or root= and extra= put together; never NULL */
	char *cmdline;
	uint64_t memory_kib;
	uint64_t max_kib;
	/* what it has, and how many of them it is told to use at its start */
	uint32_t vcpus;
	uint32_t vcpus_online;
	/* the highest one it may have; above 4095 FIFO delivery is on */
	uint32_t event_channels;
	/* where vCPU n may run, and is better to run, for each n below the
	 * count; it is at most vcpus, and 0 where nothing is said */
	struct cpu_set *cpus;
	uint32_t cpus_count;
	struct cpu_set *cpus_soft;
	uint32_t cpus_soft_count;
	/* 0: the hypervisor's default */
	uint32_t weight;
	/* percent of one CPU, 0: none; at most 100 for each vCPU */
	uint32_t cap;
	/* as settscinfo has it: 0 default, 1 always emulated, 2 native */
	uint32_t tsc_mode;
	enum shutdown_action on_poweroff;
	enum shutdown_action on_reboot;
	enum shutdown_action on_crash;
};

/* Called for every setting that is without effect. */
typedef void guest_config_warn(const struct setting *setting,
			       const char *text);

/* Reads all keys of `config`. -EINVAL or -ERANGE with a sentence. */
int guest_config_read(struct guest_config *guest, struct config *config,
		      guest_config_warn *warn, struct reason *why);
void guest_config_free(struct guest_config *guest);

const char *shutdown_action_name(enum shutdown_action action);
/* -EINVAL if it is none. */
int shutdown_action_parse(const char *text, enum shutdown_action *action);

/* What a domain may be called: as `name` above. */
int guest_name_check(const char *name, struct reason *why);

#endif
