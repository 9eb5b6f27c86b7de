/* SPDX-License-Identifier: MIT */
/* refusal.h - where a call is refused, say by which rule.
 *
 * Declared in the lowest room and implemented by hypercall, like log.h: the
 * check that says no may be anywhere. What is said counts for the call that the
 * vCPU is making, if that call ends in an error.
 */
#ifndef PARAVANE_BASE_REFUSAL_H
#define PARAVANE_BASE_REFUSAL_H

#include "base/compiler.h"

enum refusal_rule {
#define RULE(name, text)	RULE_##name,
#include <abi/refusals.def>
};

/* Calls that are not refused keep their registers: it costs them nothing. */
RARE_CALL void refusal_because(enum refusal_rule rule);

/* The error, once the rule is noted: return REFUSE(-EINVAL, NO_FRAME); */
#define REFUSE(error, rule)	(refusal_because(RULE_##rule), (error))

#endif
