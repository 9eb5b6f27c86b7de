/* SPDX-License-Identifier: MIT */
/* pack.c - numbers and strings as bytes, and back.
 *
 * Guards: reading never leaves the bytes given, whatever they say.
 */
#include <stdlib.h>
#include <string.h>

#include "pack.h"

static bool make_room(struct pack *p, size_t count)
{
	size_t room = p->room ? p->room : 256;
	char *bytes;

	if (p->failed)
		return false;
	if (p->used + count <= p->room)
		return true;
	while (room < p->used + count)
		room *= 2;
	bytes = realloc(p->bytes, room);
	if (!bytes) {
		p->failed = true;
		return false;
	}
	p->bytes = bytes;
	p->room = room;
	return true;
}

void pack_bytes(struct pack *p, const void *bytes, size_t count)
{
	if (!count || !make_room(p, count))
		return;
	memcpy(p->bytes + p->used, bytes, count);
	p->used += count;
}

void pack_u8(struct pack *p, uint8_t value)
{
	pack_bytes(p, &value, sizeof(value));
}

void pack_u32(struct pack *p, uint32_t value)
{
	pack_bytes(p, &value, sizeof(value));
}

void pack_u64(struct pack *p, uint64_t value)
{
	pack_bytes(p, &value, sizeof(value));
}

void pack_string(struct pack *p, const char *text)
{
	size_t length = strlen(text);

	pack_u32(p, (uint32_t)length);
	pack_bytes(p, text, length + 1);
}

void pack_free(struct pack *p)
{
	free(p->bytes);
	memset(p, 0, sizeof(*p));
}

const char *unpack_bytes(struct unpack *u, size_t count)
{
	const char *bytes = u->bytes;

	if (u->failed || count > u->left) {
		u->failed = true;
		return NULL;
	}
	u->bytes += count;
	u->left -= count;
	return bytes;
}

static uint64_t number(struct unpack *u, size_t size)
{
	const char *bytes = unpack_bytes(u, size);
	uint64_t value = 0;

	if (bytes)
		memcpy(&value, bytes, size);
	return value;
}

uint8_t unpack_u8(struct unpack *u)
{
	return (uint8_t)number(u, 1);
}

uint32_t unpack_u32(struct unpack *u)
{
	return (uint32_t)number(u, 4);
}

uint64_t unpack_u64(struct unpack *u)
{
	return number(u, 8);
}

const char *unpack_string(struct unpack *u)
{
	size_t length = unpack_u32(u);
	const char *text = unpack_bytes(u, length + 1);

	if (!text)
		return "";
	if (text[length] || strlen(text) != length) {
		u->failed = true;
		return "";
	}
	return text;
}
