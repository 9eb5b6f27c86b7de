/* SPDX-License-Identifier: MIT */
/* decode.c - a recorded call as its caller would have written it.
 *
 * Guards: whatever a guest put into its registers and structures, the text ends
 * within its room, and shows nothing but printable characters.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <xen/callback.h>
#include <xen/domctl.h>
#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "calls/calls.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

struct member {
	const char *command;
	const char *name;
	size_t offset, size, of;
	char kind;
};

static const struct member members[] = {
#define MEMBER(command, structure, member, kind)			\
	{ #command, #member, offsetof(structure, member),		\
	  sizeof(((structure *)0)->member), sizeof(structure), #kind[0] },
#include "members.def"
};

static const struct {
	const char *call;
	const char *letters;
} arguments[] = {
#define ARGUMENTS(call, letters)	{ #call, letters },
#include "arguments.def"
};

struct text {
	char *at;
	size_t room;
};

__attribute__((format(printf, 2, 3)))
static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at, t->room, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n >= t->room)
		n = t->room ? (int)t->room - 1 : 0;
	t->at += n;
	t->room -= (size_t)n;
}

static void add_name(struct text *t, const char *const *names, size_t count,
		     uint64_t number)
{
	if (number < count && names[number])
		add(t, "%s", names[number]);
	else
		add(t, "%" PRIu64, number);
}

static void add_hex(struct text *t, uint64_t value)
{
	add(t, value ? "%#" PRIx64 : "0", value);
}

static void add_domain(struct text *t, uint64_t id)
{
	static const char *const names[] = {
		"DOMID_SELF", "DOMID_IO", "DOMID_XEN", "DOMID_COW",
		"DOMID_INVALID",
	};

	if (id - DOMID_SELF < COUNT(names))
		add(t, "%s", names[id - DOMID_SELF]);
	else if (id > 0xffff)	/* mmu_update: two of them */
		add_hex(t, id);
	else
		add(t, "%" PRIu64, id);
}

static void add_value(struct text *t, char kind, uint64_t value)
{
	if (kind == 'D')
		add_domain(t, value);
	else if (kind == 'N')
		add(t, "%" PRIu64, value);
	else if (kind == 'I')
		add(t, "%" PRId64, (int64_t)value);
	else
		add_hex(t, value);
}

/* One structure, of which `have` bytes at `from` are known; its size, or 0 if
 * nothing is said of it here. */
static size_t add_structure(struct text *t, const char *command, bool named,
			    const uint8_t *from, size_t have)
{
	const char *comma = "";
	size_t size = 0;

	add(t, "{");
	if (named) {
		add(t, "%s", command);
		comma = ", ";
	}
	for (size_t i = 0; i < COUNT(members); i++) {
		const struct member *m = &members[i];
		const char *dot = strrchr(m->name, '.');
		uint64_t value = 0;

		if (strcmp(m->command, command))
			continue;
		size = m->of;
		if (m->offset + m->size > have)
			continue;
		memcpy(&value, from + m->offset, m->size);
		if (m->kind == 'I' && value >> (8 * m->size - 1))
			value |= ~0UL << (8 * m->size - 1);
		add(t, "%s%s=", comma, dot ? dot + 1 : m->name);
		add_value(t, m->kind, value);
		comma = ", ";
	}
	add(t, "}");
	return size;
}

static bool known(const char *command)
{
	for (size_t i = 0; i < COUNT(members); i++)
		if (!strcmp(members[i].command, command))
			return true;
	return false;
}

static bool command_inside(uint32_t call)
{
	switch (call) {
	case __HYPERVISOR_mmu_update:
	case __HYPERVISOR_mmuext_op:
	case __HYPERVISOR_domctl:
	case __HYPERVISOR_sysctl:
	case __HYPERVISOR_platform_op:
		return true;
	}
	return false;
}

/* mmuext_op's list has one command for each item: so has mmu_update's. */
static void item_command(const struct paravane_trace_record *r,
			 const uint8_t *item, char command[CALL_NAME_ROOM])
{
	uint64_t word = 0;

	memcpy(&word, item, sizeof(uint32_t));
	command_name(call_find(r->call),
		     command_number(r->call, r->arg[0], word), command,
		     CALL_NAME_ROOM);
}

static void add_list(struct text *t, const struct paravane_trace_record *r,
		     const char *first, uint64_t length)
{
	bool inside = command_inside(r->call);
	const uint8_t *at = (const uint8_t *)r->item;
	size_t left = sizeof(r->item), size = 0;
	char command[CALL_NAME_ROOM];
	uint64_t done = 0;

	snprintf(command, sizeof(command), "%s", first);
	add(t, "[");
	do {
		if (done++)
			add(t, ", ");
		size = add_structure(t, command, inside, at, left);
		left = size < left ? left - size : 0;
		at += size;
		if (inside && size <= left)
			item_command(r, at, command);
	} while (done < length && size && size <= left);
	add(t, done < length ? ", ...]" : "]");
}

static void add_domctl(struct text *t, const char *command,
		       const struct paravane_trace_record *r)
{
	domid_t id;

	memcpy(&id, (const uint8_t *)r->item + offsetof(struct xen_domctl, domain),
	       sizeof(id));
	add(t, "{%s, domain=", command);
	add_domain(t, id);
	add(t, "}");
}

/* What the address in a register points at, as far as it is known. */
static void add_pointer(struct text *t, const struct paravane_trace_record *r,
			unsigned int i, char letter, const char *command,
			uint64_t length)
{
	if (!r->arg[i])
		add(t, "NULL");
	else if (!(r->flags & PARAVANE_TRACE_ITEM))
		add_hex(t, r->arg[i]);
	else if (letter == 'L' && length)
		add_list(t, r, command, length);
	else if (r->call == __HYPERVISOR_domctl)
		add_domctl(t, command, r);
	else if (letter == 'S' && (known(command) || command_inside(r->call)))
		add_structure(t, command, command_inside(r->call),
			      (const uint8_t *)r->item, sizeof(r->item));
	else
		add_hex(t, r->arg[i]);
}

static void add_text(struct text *t, const struct paravane_trace_record *r,
		     unsigned int i, uint64_t length)
{
	const uint8_t *from = (const uint8_t *)r->item;
	size_t have = length < sizeof(r->item) ? (size_t)length : sizeof(r->item);

	if (!(r->flags & PARAVANE_TRACE_ITEM)) {
		add_hex(t, r->arg[i]);
		return;
	}
	add(t, "\"");
	for (size_t n = 0; n < have; n++) {
		if (from[n] == '\n')
			add(t, "\\n");
		else if (from[n] == '\r')
			add(t, "\\r");
		else if (from[n] == '"' || from[n] == '\\')
			add(t, "\\%c", from[n]);
		else if (from[n] < 0x7f && isprint(from[n]))
			add(t, "%c", from[n]);
		else
			add(t, "\\x%02x", from[n]);
	}
	add(t, have < length ? "\"..." : "\"");
}

static void add_flush(struct text *t, uint64_t flags)
{
	static const char *const kinds[] = { "UVMF_NONE", "UVMF_TLB_FLUSH",
					     "UVMF_INVLPG" };

	add_name(t, kinds, COUNT(kinds), flags & UVMF_FLUSHTYPE_MASK);
	flags &= ~UVMF_FLUSHTYPE_MASK;
	if (flags & UVMF_ALL)
		add(t, "|UVMF_ALL");
	if (flags & ~UVMF_ALL)
		add(t, "|%#" PRIx64, flags & ~UVMF_ALL);
}

static const char *const segment_bases[] = {
	"SEGBASE_FS", "SEGBASE_GS_USER", "SEGBASE_GS_KERNEL",
	"SEGBASE_GS_USER_SEL",
};
static const char *const assist_commands[] = { "enable", "disable" };
static const char *const assist_types[] = {
	"4gb_segments", "4gb_segments_notify", "writable_pagetables",
	"pae_extended_cr3", "architectural_iopl", "runstate_update_flag",
	[32] = "m2p_strict",
};

static void add_argument(struct text *t, const struct paravane_trace_record *r,
			 unsigned int i, const char *letters,
			 const char *command)
{
	const char *count = strchr(letters, 'n');
	uint64_t length = count ? r->arg[count - letters] & CALL_LIST_LENGTH : 0;

	switch (letters[i]) {
	case 'C':
		add(t, "%s", command);
		break;
	case 'S':
	case 'L':
		add_pointer(t, r, i, letters[i], command, length);
		break;
	case 'T':
		add_text(t, r, i, r->arg[i - 1]);
		break;
	case 'P':
		if (r->arg[i])
			add_hex(t, r->arg[i]);
		else
			add(t, "NULL");
		break;
	case 'n':
		add(t, "%" PRIu64, length);
		break;
	case 'F':
		add_flush(t, r->arg[i]);
		break;
	case 'G':
		add_name(t, segment_bases, COUNT(segment_bases), r->arg[i]);
		break;
	case 'A':
		add_name(t, assist_commands, COUNT(assist_commands), r->arg[i]);
		break;
	case 'V':
		add_name(t, assist_types, COUNT(assist_types), r->arg[i]);
		break;
	default:
		add_value(t, letters[i], r->arg[i]);
	}
}

unsigned int record_arguments(const struct paravane_trace_record *r)
{
	const struct call *call = call_find(r->call);

	return call && call->arguments < COUNT(r->arg) ? call->arguments :
							 COUNT(r->arg);
}

static const char *letters_of(const struct paravane_trace_record *r)
{
	static const char plain[] = "HHHH";
	const struct call *call = call_find(r->call);

	_Static_assert(sizeof(plain) - 1 == COUNT(r->arg), "one for each register");
	for (size_t i = 0; call && i < COUNT(arguments); i++)
		if (!strcmp(arguments[i].call, call->name))
			return arguments[i].letters;
	return plain + COUNT(r->arg) - record_arguments(r);
}

void record_name(const struct paravane_trace_record *r,
		 char name[CALL_NAME_ROOM], char command[CALL_NAME_ROOM])
{
	const struct call *call = call_find(r->call);
	bool inside = command_inside(r->call);

	if (call)
		snprintf(name, CALL_NAME_ROOM, "%s", call->name);
	else
		snprintf(name, CALL_NAME_ROOM, "call %" PRIu32, r->call);
	command[0] = '\0';
	if (!inside || (r->flags & PARAVANE_TRACE_ITEM))
		command_name(call, command_number(r->call, r->arg[0], r->item[0]),
			     command, CALL_NAME_ROOM);
}

void record_call(const struct paravane_trace_record *r,
		 char text[CALL_TEXT_ROOM])
{
	const char *letters = letters_of(r);
	char name[CALL_NAME_ROOM], command[CALL_NAME_ROOM];
	struct text t = { text, CALL_TEXT_ROOM };

	record_name(r, name, command);
	add(&t, "%s(", name);
	for (unsigned int i = 0; letters[i]; i++) {
		if (i)
			add(&t, ", ");
		add_argument(&t, r, i, letters, command);
	}
	add(&t, ")");
}

bool record_again(const struct paravane_trace_record *r)
{
	return (int64_t)r->result == -XEN_ERESTART;
}

bool record_failed(const struct paravane_trace_record *r)
{
	return (int64_t)r->result < 0 && (int64_t)r->result > -4096 &&
	       !record_again(r) && r->result != PARAVANE_TRACE_NONE;
}

void record_result(const struct paravane_trace_record *r,
		   char text[CALL_RESULT_ROOM])
{
	const char *name;

	if (record_again(r) || r->result == PARAVANE_TRACE_NONE) {
		snprintf(text, CALL_RESULT_ROOM, "?");
	} else if (record_failed(r)) {
		name = error_name((unsigned int)-r->result);
		if (name)
			snprintf(text, CALL_RESULT_ROOM, "-%s", name);
		else
			snprintf(text, CALL_RESULT_ROOM, "%" PRId64,
				 (int64_t)r->result);
	} else {
		snprintf(text, CALL_RESULT_ROOM,
			 r->result < 65536 ? "%" PRIu64 : "%#" PRIx64,
			 (uint64_t)r->result);
	}
}
