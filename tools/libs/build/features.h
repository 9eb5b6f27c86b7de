/* SPDX-License-Identifier: MIT */
/* features.h - the names of the ABI's feature bits. */
#ifndef TOOLS_BUILD_FEATURES_H
#define TOOLS_BUILD_FEATURES_H

#include <stdint.h>

#include "base/reason.h"

/* Reads "a|!b|c" and sets the bits of those with '!', which the kernel cannot
 * do without. An unknown one of these is refused by its name. */
int features_parse(const char *text, const char *kernel, uint32_t *required,
		   struct reason *why);

/* The name of one feature bit; a fixed phrase if it has none. */
const char *feature_name(unsigned int bit);

#endif
