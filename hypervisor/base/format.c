/* SPDX-License-Identifier: MIT */
/* format.c - printf into a buffer, with what our own messages need.
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
	bool zero, prefix, wide;
	int width;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_text(struct out *o, const char *text)
{
	while (*text)
		put(o, *text++);
}

static void put_number(struct out *o, const struct spec *s, uint64_t v, unsigned base,
		       const char *prefix)
{
	char digits[20];
	int n = 0, pad;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	pad = s->width - n - (int)strlen(prefix);
	if (s->zero)
		put_text(o, prefix);
	while (pad-- > 0)
		put(o, s->zero ? '0' : ' ');
	if (!s->zero)
		put_text(o, prefix);
	while (n)
		put(o, digits[--n]);
}

static const char *parse_spec(const char *f, struct spec *s)
{
	*s = (struct spec){ .width = 0 };
	for (; *f == '0' || *f == '#'; f++) {
		s->zero |= *f == '0';
		s->prefix |= *f == '#';
	}
	while (*f >= '0' && *f <= '9')
		s->width = s->width * 10 + (*f++ - '0');
	for (; *f == 'l' || *f == 'z'; f++)
		s->wide = true;
	return f;
}

static void convert(struct out *o, const struct spec *s, char verb, va_list *ap)
{
	const char *text;
	uint64_t v;
	int64_t d;

	switch (verb) {
	case 's':
		text = va_arg(*ap, const char *);
		put_text(o, text ? text : "(null)");
		break;
	case 'c':
		put(o, (char)va_arg(*ap, int));
		break;
	case 'd':
		d = s->wide ? va_arg(*ap, int64_t) : va_arg(*ap, int);
		put_number(o, s, d < 0 ? -(uint64_t)d : (uint64_t)d, 10, d < 0 ? "-" : "");
		break;
	case 'u':
	case 'x':
		v = s->wide ? va_arg(*ap, uint64_t) : va_arg(*ap, unsigned);
		put_number(o, s, v, verb == 'x' ? 16 : 10, s->prefix && v ? "0x" : "");
		break;
	default:		/* '%', or a format of ours is wrong: show it */
		put(o, verb);
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };
	struct spec s;
	va_list ap;

	va_copy(ap, args);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &s);
		if (!*fmt)
			break;
		convert(&o, &s, *fmt, &ap);
	}
	va_end(ap);
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
