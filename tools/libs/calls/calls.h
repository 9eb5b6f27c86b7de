/* SPDX-License-Identifier: MIT */
/* calls.h - hypercalls in words. The library's door.
 *
 * Names are those of abi/hypercalls.def; what the arguments are called is in
 * arguments.def and members.def here. A call, command or error without a name
 * is shown by its number.
 */
#ifndef TOOLS_CALLS_CALLS_H
#define TOOLS_CALLS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/paravane.h>

struct call {
	uint32_t number;
	const char *name;
	unsigned int arguments;
};

/* NULL if there is none. */
const struct call *call_find(uint32_t number);
const struct call *call_find_name(const char *name, size_t length);

/* The call that has a command of this name; NULL if none has. */
const struct call *command_find_name(const char *name, size_t length);

/* Which command a call was for, from its first register and the first word of
 * its structure. */
uint32_t command_number(uint32_t call, uint64_t register0, uint64_t word0);

/* "" if the call has no commands; a number if it has none of that number. */
void command_name(const struct call *call, uint32_t number, char *text,
		  size_t room);

/* "EINVAL", for a positive number; NULL if it has no name. */
const char *error_name(unsigned int number);

/* Of the argument that is a list's length: the hypervisor has a mark of its own in
 * the highest bit. */
#define CALL_LIST_LENGTH 0x7fffffffU

/* A record in the words of its caller. */
#define CALL_NAME_ROOM 64
#define CALL_TEXT_ROOM 640
#define CALL_RESULT_ROOM 32

/* How many of its registers are arguments: of an unknown call, all that are kept. */
unsigned int record_arguments(const struct paravane_trace_record *r);
/* Its name, "call 77" if it has none; and its command, or "". */
void record_name(const struct paravane_trace_record *r,
		 char name[CALL_NAME_ROOM], char command[CALL_NAME_ROOM]);
/* NAME(ARGUMENTS), cut at what is known of the structure. */
void record_call(const struct paravane_trace_record *r,
		 char text[CALL_TEXT_ROOM]);
/* -EINVAL, a number, "?" when the call gave none or is to be made again. */
void record_result(const struct paravane_trace_record *r,
		   char text[CALL_RESULT_ROOM]);
bool record_again(const struct paravane_trace_record *r);
bool record_failed(const struct paravane_trace_record *r);

#endif
