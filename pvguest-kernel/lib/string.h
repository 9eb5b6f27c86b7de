/* SPDX-License-Identifier: MIT */
/* string.h - bytes, strings and formatting, as in the C library. */
#ifndef KERNEL_LIB_STRING_H
#define KERNEL_LIB_STRING_H

#include <stdarg.h>

#include "core/types.h"

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

/* Copies what fits and always ends `dst` with a zero byte; returns strlen(src). */
size_t strlcpy(char *dst, const char *src, size_t size);

/* base 0 accepts 0x and 0 prefixes; *end (may be NULL) is the first byte not used. */
uint64_t strtou64(const char *s, const char **end, unsigned base);

/* %c %s %d %i %u %x %X %o %p %%, with l/ll/z, width, precision, '-', '0' and '*'.
 * Returns the length the whole text would have had. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
