/* SPDX-License-Identifier: MIT */
/* input.h - a file on its way into memory: this process's or a domain's. */
#ifndef TOOLS_BUILD_INPUT_H
#define TOOLS_BUILD_INPUT_H

#include <stdint.h>

#include "base/reason.h"

/* Closed, and of no size, is { .fd = -1 }. */
struct input {
	int fd;
	uint64_t size;
	/* the caller's, for messages */
	const char *path;
};

int input_open(struct input *input, const char *path, struct reason *why);

/* Reads all of it, once. Fails if the file has become shorter. */
int input_read(const struct input *input, void *to, struct reason *why);
void input_close(struct input *input);

#endif
