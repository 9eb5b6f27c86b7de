/* SPDX-License-Identifier: MIT */
/* format.c - printf into a buffer.
 *
 * Invariant: never writes beyond `size`, always terminates when size > 0,
 * and returns the length the whole text would have had.
 * Not here: where text goes (console/log.c).
 */
#include "base/string.h"

struct out {
	char *buf;
	size_t size, len;	/* room; characters produced so far */
};

/* One conversion, as its letters between '%' and the verb say. */
struct spec {
	bool left, zero, alternate, upper;
	int width, precision;	/* precision < 0: none */
	int longs;		/* 0 int, 1 and more 64 bits */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text, int n)
{
	if (!s->left)
		pad(o, ' ', s->width - n);
	for (int i = 0; i < n; i++)
		put(o, text[i]);
	if (s->left)
		pad(o, ' ', s->width - n);
}

static void put_number(struct out *o, const struct spec *s, uint64_t v,
		       unsigned base, bool negative)
{
	const char *letters = s->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	const char *prefix = negative ? "-" : "";
	char digits[20];
	int n = 0, length, zeros = 0;

	if (base == 16 && s->alternate && v)
		prefix = "0x";
	do {
		digits[n++] = letters[v % base];
		v /= base;
	} while (v);

	length = n + (int)strlen(prefix);
	if (s->precision >= 0)
		zeros = s->precision - n;
	else if (s->zero && !s->left)
		zeros = s->width - length;
	if (zeros < 0)
		zeros = 0;

	if (!s->left)
		pad(o, ' ', s->width - length - zeros);
	for (const char *p = prefix; *p; p++)
		put(o, *p);
	pad(o, '0', zeros);
	while (n)
		put(o, digits[--n]);
	if (s->left)
		pad(o, ' ', s->width - length - zeros);
}

static const char *parse_number(const char *f, int *out)
{
	int v = 0;

	while (*f >= '0' && *f <= '9')
		v = v * 10 + (*f++ - '0');
	*out = v;
	return f;
}

static const char *parse_spec(const char *f, struct spec *s)
{
	*s = (struct spec){ .precision = -1 };
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '0')
			s->zero = true;
		else if (*f == '#')
			s->alternate = true;
		else
			break;
	}
	f = parse_number(f, &s->width);
	if (*f == '.')
		f = parse_number(f + 1, &s->precision);
	for (; *f == 'l' || *f == 'z' || *f == 'h'; f++)
		if (*f != 'h')
			s->longs++;
	return f;
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	size_t max = s->precision >= 0 ? (size_t)s->precision : 4096;

	if (!text)
		text = "(null)";
	put_text(o, s, text, (int)strnlen(text, max));
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { buf, size, 0 };
	struct spec s;
	int64_t d;
	char c;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &s);
		switch (*fmt) {
		case 's':
			put_string(&o, &s, va_arg(ap, const char *));
			break;
		case 'c':
			c = (char)va_arg(ap, int);
			put_text(&o, &s, &c, 1);
			break;
		case 'd':
		case 'i':
			d = s.longs ? va_arg(ap, int64_t) : va_arg(ap, int);
			put_number(&o, &s, d < 0 ? -(uint64_t)d : (uint64_t)d, 10, d < 0);
			break;
		case 'u':
			put_number(&o, &s, s.longs ? va_arg(ap, uint64_t) :
				   va_arg(ap, unsigned), 10, false);
			break;
		case 'p':
		case 'X':
		case 'x':
			s.alternate |= *fmt == 'p';
			s.longs += *fmt == 'p';
			s.upper = *fmt == 'X';
			put_number(&o, &s, s.longs ? va_arg(ap, uint64_t) :
				   va_arg(ap, unsigned), 16, false);
			break;
		case '%':
			put(&o, '%');
			break;
		default:	/* a format string of ours is wrong: show it */
			put(&o, '%');
			if (!*fmt)
				fmt--;
			else
				put(&o, *fmt);
			break;
		}
	}
	if (size)
		buf[MIN(o.len, size - 1)] = 0;
	return (int)o.len;
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
