/* SPDX-License-Identifier: MIT */
/* string.c - copying, filling and comparing hypervisor memory.
 *
 * Invariant: large copies cost one instruction a word (REP MOVSQ, REP
 * STOSQ), small ones a few moves. The direction flag is clear, as the ABI
 * of C says and entry/ restores.
 * A name in parentheses is the function itself: string.h has a macro of it.
 * Not here: formatting (format.c); guest memory (guest/access.h).
 */
#include "base/string.h"

static inline void rep_movsq(void **d, const void **s, size_t words)
{
	__asm__ volatile("rep movsq" : "+D"(*d), "+S"(*s), "+c"(words) :: "memory");
}

static inline void rep_movsb(void **d, const void **s, size_t bytes)
{
	__asm__ volatile("rep movsb" : "+D"(*d), "+S"(*s), "+c"(bytes) :: "memory");
}

static inline void rep_stosq(void **d, uint64_t v, size_t words)
{
	__asm__ volatile("rep stosq" : "+D"(*d), "+c"(words) : "a"(v) : "memory");
}

static inline void rep_stosb(void **d, uint64_t v, size_t bytes)
{
	__asm__ volatile("rep stosb" : "+D"(*d), "+c"(bytes) : "a"(v) : "memory");
}

void *(memcpy)(void *dst, const void *src, size_t n)
{
	void *d = dst;

	rep_movsq(&d, &src, n / 8);
	rep_movsb(&d, &src, n % 8);
	return dst;
}

void *(memset)(void *dst, int c, size_t n)
{
	uint64_t pattern = 0x0101010101010101UL * (unsigned char)c;
	void *d = dst;

	rep_stosq(&d, pattern, n / 8);
	rep_stosb(&d, pattern, n % 8);
	return dst;
}

int (memcmp)(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i])
			return (unsigned char)a[i] - (unsigned char)b[i];
		if (!a[i])
			break;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (!*s)
			return NULL;
	}
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t n = strlen(src), keep = MIN(n, size - 1);

	memcpy(dst, src, keep);
	dst[keep] = 0;
	return n;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

uint64_t parse_size(const char *s, const char **end)
{
	static const char suffixes[] = "kKmMgGtT";
	const char *suffix;
	uint64_t v = 0;
	int base = 10;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit_value(s[2]) < 16) {
		base = 16;
		s += 2;
	}
	for (; digit_value(*s) < base; s++)
		v = v * (uint64_t)base + (uint64_t)digit_value(*s);

	suffix = *s ? strchr(suffixes, *s) : NULL;
	if (suffix) {
		v <<= 10 * ((suffix - suffixes) / 2 + 1);
		s++;
	}
	if (end)
		*end = s;
	return v;
}
