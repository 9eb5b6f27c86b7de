/* SPDX-License-Identifier: MIT */
/* json.h - writing JSON, indented by four. */
#ifndef VANE_JSON_H
#define VANE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	int depth;
	/* the next member is the first of its object or array */
	bool first;
};

/* A NULL key is for members of an array and for the outermost value. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_string(struct json *j, const char *key, const char *text);
void json_number(struct json *j, const char *key, uint64_t number);
/* A string, since JSON has no such numbers. */
void json_hex(struct json *j, const char *key, uint64_t number);
void json_bool(struct json *j, const char *key, bool value);

#endif
