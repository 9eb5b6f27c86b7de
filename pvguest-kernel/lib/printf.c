/* SPDX-License-Identifier: MIT */
/* printf.c - formatting into a buffer.
 *
 * Invariant: never writes beyond `size`, terminates when size > 0, and returns
 * the length that the whole text would have had.
 */
#include "lib/string.h"

struct sink {
	char *buf;
	size_t size;
	size_t len;		/* of the whole text, stored or not */
};

struct spec {
	bool left, zero, upper;
	int width, precision;	/* -1: not given */
	unsigned longs;
};

static void put(struct sink *s, char c)
{
	if (s->len + 1 < s->size)
		s->buf[s->len] = c;
	s->len++;
}

static void put_many(struct sink *s, char c, int n)
{
	while (n-- > 0)
		put(s, c);
}

static void put_padded(struct sink *s, const struct spec *sp, const char *text, int len)
{
	if (!sp->left)
		put_many(s, ' ', sp->width - len);
	for (int i = 0; i < len; i++)
		put(s, text[i]);
	if (sp->left)
		put_many(s, ' ', sp->width - len);
}

static void put_number(struct sink *s, const struct spec *sp, uint64_t value, unsigned base,
		       bool negative, const char *prefix)
{
	const char *digits = sp->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char reversed[24];
	int n = 0, total, zeroes = 0, prefix_len = (int)strlen(prefix);

	do {
		reversed[n++] = digits[value % base];
		value /= base;
	} while (value);
	if (sp->precision > n)
		zeroes = sp->precision - n;
	total = n + zeroes + prefix_len + negative;
	if (sp->zero && !sp->left && sp->precision < 0 && sp->width > total) {
		zeroes += sp->width - total;
		total = sp->width;
	}
	if (!sp->left)
		put_many(s, ' ', sp->width - total);
	if (negative)
		put(s, '-');
	while (*prefix)
		put(s, *prefix++);
	put_many(s, '0', zeroes);
	while (n)
		put(s, reversed[--n]);
	if (sp->left)
		put_many(s, ' ', sp->width - total);
}

static int parse_count(const char **fmt, va_list *ap)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*ap, int);
	}
	while (**fmt >= '0' && **fmt <= '9')
		n = n * 10 + (*(*fmt)++ - '0');
	return n;
}

static const char *parse_spec(const char *fmt, struct spec *sp, va_list *ap)
{
	*sp = (struct spec){ .precision = -1 };
	for (;; fmt++) {
		if (*fmt == '-')
			sp->left = true;
		else if (*fmt == '0')
			sp->zero = true;
		else if (*fmt != '#')
			break;
	}
	sp->width = parse_count(&fmt, ap);
	if (sp->width < 0) {
		sp->left = true;
		sp->width = -sp->width;
	}
	if (*fmt == '.') {
		fmt++;
		sp->precision = parse_count(&fmt, ap);
	}
	for (; *fmt == 'l' || *fmt == 'z'; fmt++)
		sp->longs++;
	return fmt;
}

static void put_string(struct sink *s, const struct spec *sp, const char *text)
{
	size_t max = sp->precision < 0 ? SIZE_MAX : (size_t)sp->precision;

	if (!text)
		text = "(null)";
	put_padded(s, sp, text, (int)strnlen(text, max));
}

static void put_conversion(struct sink *s, const struct spec *sp, char conv, bool alt,
			   va_list *ap)
{
	struct spec hex = *sp;
	int64_t value;
	char c;

	switch (conv) {
	case 'd':
	case 'i':
		value = sp->longs ? va_arg(*ap, int64_t) : va_arg(*ap, int);
		put_number(s, sp, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, value < 0, "");
		break;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		hex.upper = conv == 'X';
		put_number(s, &hex, sp->longs ? va_arg(*ap, uint64_t) : va_arg(*ap, unsigned),
			   conv == 'u' ? 10 : conv == 'o' ? 8 : 16, false,
			   alt && conv != 'u' ? (conv == 'o' ? "0" : "0x") : "");
		break;
	case 'p':
		put_number(s, sp, (uint64_t)va_arg(*ap, void *), 16, false, "0x");
		break;
	case 's':
		put_string(s, sp, va_arg(*ap, const char *));
		break;
	case 'c':
		c = (char)va_arg(*ap, int);
		put_padded(s, sp, &c, 1);
		break;
	default:
		put(s, conv);
		break;
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct sink s = { buf, size, 0 };
	struct spec sp;
	va_list args;

	va_copy(args, ap);
	while (*fmt) {
		const char *start;

		if (*fmt != '%') {
			put(&s, *fmt++);
			continue;
		}
		start = ++fmt;
		fmt = parse_spec(fmt, &sp, &args);
		if (!*fmt)
			break;
		put_conversion(&s, &sp, *fmt, memchr(start, '#', (size_t)(fmt - start)), &args);
		fmt++;
	}
	va_end(args);
	if (size)
		buf[s.len < size ? s.len : size - 1] = '\0';
	return (int)s.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
