/* SPDX-License-Identifier: MIT */
/* pack.h - numbers and strings as bytes, and back. */
#ifndef XENSTORED_PACK_H
#define XENSTORED_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Grows as needed. `failed`: memory ran out, and it is not whole. */
struct pack {
	char *bytes;
	size_t used;
	size_t room;
	bool failed;
};

void pack_bytes(struct pack *p, const void *bytes, size_t count);
void pack_u8(struct pack *p, uint8_t value);
void pack_u32(struct pack *p, uint32_t value);
void pack_u64(struct pack *p, uint64_t value);

/* A string with its length before it and its zero behind it. */
void pack_string(struct pack *p, const char *text);
void pack_free(struct pack *p);

/* What is left to read. `failed`: something was not there. */
struct unpack {
	const char *bytes;
	size_t left;
	bool failed;
};

/* NULL and failed when there are fewer. */
const char *unpack_bytes(struct unpack *u, size_t count);
uint8_t unpack_u8(struct unpack *u);
uint32_t unpack_u32(struct unpack *u);
uint64_t unpack_u64(struct unpack *u);

/* "" and failed when there is none. */
const char *unpack_string(struct unpack *u);

#endif
