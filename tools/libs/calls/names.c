/* SPDX-License-Identifier: MIT */
/* names.c - which call, command or error a number is, and back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "calls/calls.h"

/* The bits of memory_op's first argument that say what to do. */
#define MEMORY_COMMAND	0x3f

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

struct command_of {
	const char *call;
	const char *name;
	uint32_t number;
};

static const struct call calls[] = {
#define HYPERCALL(number, name, front, arguments, caller, purpose) \
	{ number, #name, arguments },
#include <abi/hypercalls.def>
};

static const struct command_of commands_of[] = {
#define SUBCALL(call, command, number, argument, caller, purpose) \
	{ #call, #command, number },
#include <abi/hypercalls.def>
};

static const struct {
	unsigned int number;
	const char *name;
} errors[] = {
#define XEN_ERRNO(name, number) { number, #name },
#include <xen/errno.h>
};

static bool is(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && !memcmp(name, text, length);
}

const struct call *call_find(uint32_t number)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

const struct call *call_find_name(const char *name, size_t length)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		if (is(calls[i].name, name, length))
			return &calls[i];
	return NULL;
}

const struct call *command_find_name(const char *name, size_t length)
{
	for (size_t i = 0; i < COUNT(commands_of); i++)
		if (is(commands_of[i].name, name, length))
			return call_find_name(commands_of[i].call,
					      strlen(commands_of[i].call));
	return NULL;
}

uint32_t command_number(uint32_t call, uint64_t register0, uint64_t word0)
{
	switch (call) {
	case __HYPERVISOR_mmu_update:
		return word0 & 3;
	case __HYPERVISOR_mmuext_op:
	case __HYPERVISOR_domctl:
	case __HYPERVISOR_sysctl:
	case __HYPERVISOR_platform_op:
		return (uint32_t)word0;
	case __HYPERVISOR_memory_op:
		return register0 & MEMORY_COMMAND;
	}
	return (uint32_t)register0;
}

void command_name(const struct call *call, uint32_t number, char *text,
		  size_t room)
{
	bool any = false;

	text[0] = '\0';
	for (size_t i = 0; call && i < COUNT(commands_of); i++) {
		const struct command_of *c = &commands_of[i];

		if (strcmp(c->call, call->name))
			continue;
		any = true;
		if (c->number == number) {
			snprintf(text, room, "%s", c->name);
			return;
		}
	}
	if (any)
		snprintf(text, room, "command %" PRIu32, number);
}

const char *error_name(unsigned int number)
{
	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i].number == number)
			return errors[i].name;
	return NULL;
}
