/* SPDX-License-Identifier: MIT */
/* policy.h - the CPU that guests see, as the tools read it.
 */
#ifndef PARAVANE_CONTROL_POLICY_H
#define PARAVANE_CONTROL_POLICY_H

#include "base/types.h"

/* Feature words, in the tools' order. */
#define FEATURE_WORDS	16
void policy_features(uint32_t words[FEATURE_WORDS]);

/* CPUID answers into the caller's array with room for *n. -ENOBUFS, -EFAULT;
 * a NULL array asks for the number only. *n becomes what was or would be
 * written. */
MUST_CHECK long policy_give_leaves(uint64_t array, uint32_t *n);
MUST_CHECK long policy_give_msrs(uint64_t array, uint32_t *n);

#endif
