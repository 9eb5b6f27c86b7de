/* SPDX-License-Identifier: MIT */
/* string.h - the string functions a freestanding build needs.
 *
 * Hypervisor memory only: guest memory is reached through guest/access.h.
 */
#ifndef PARAVANE_BASE_STRING_H
#define PARAVANE_BASE_STRING_H

#include "compiler.h"

#include <stdarg.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
/* Copy with truncation, always terminated (size > 0); returns strlen(src). */
size_t strlcpy(char *dst, const char *src, size_t size);

/* A constant small size becomes a few moves in place, not a call. */
#define memcpy(d, s, n)		__builtin_memcpy(d, s, n)
#define memset(d, c, n)		__builtin_memset(d, c, n)
#define memcmp(a, b, n)		__builtin_memcmp(a, b, n)

/* Digits in base 10, or 16 after "0x", with an optional k/M/G/T suffix;
 * *end is left behind the last one used. */
uint64_t parse_size(const char *s, const char **end);

/* %s %c %d %u %x %%, of numbers also with l, z, a width, '0' and '#'. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) PRINTF(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) PRINTF(3, 4);

#endif
