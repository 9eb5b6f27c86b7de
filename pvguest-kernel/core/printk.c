/* SPDX-License-Identifier: MIT */
/* printk.c - the log ring, and the console for what people should see.
 *
 * Guards: a line is cut at LINE_MAX, never written beyond it.
 * Invariant: the ring keeps the newest LOG_SIZE bytes; positions count all
 * bytes ever written, so a reader that fell behind goes on at the oldest kept.
 */
#include "core/printk.h"

#include "core/console.h"
#include "core/time.h"
#include "lib/string.h"
#include "platform/platform.h"

#define LOG_SIZE 16384
#define LINE_MAX 256

static char ring[LOG_SIZE];
static uint64_t ring_end;	/* bytes ever written */

void console_write(const char *buf, size_t len)
{
	platform_console_write(buf, len);
}

static void log_line(const char *text, size_t len)
{
	while (len--)
		ring[ring_end++ % LOG_SIZE] = *text++;
}

static void console_line(const char *text, size_t len)
{
	for (size_t start = 0, i = 0; i <= len; i++) {
		if (i < len && text[i] != '\n')
			continue;
		console_write(text + start, i - start);
		if (i < len)
			console_write("\r\n", 2);
		start = i + 1;
	}
}

static size_t format(char *line, const char *fmt, va_list ap)
{
	int n = vsnprintf(line, LINE_MAX, fmt, ap);

	return min_u64((uint64_t)n, LINE_MAX - 1);
}

void klog(const char *fmt, ...)
{
	char line[LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	log_line(line, format(line, fmt, ap));
	va_end(ap);
}

void printk(const char *fmt, ...)
{
	char line[LINE_MAX];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	len = format(line, fmt, ap);
	va_end(ap);
	log_line(line, len);
	console_line(line, len);
}

void panic(const char *fmt, ...)
{
	char line[LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	format(line, fmt, ap);
	va_end(ap);
	printk("\nkernel panic: %s\n", line);
	platform_end(PLATFORM_CRASH);
}

size_t klog_read(uint64_t *pos, char *buf, size_t len)
{
	size_t n = 0;

	if (ring_end > LOG_SIZE && *pos < ring_end - LOG_SIZE)
		*pos = ring_end - LOG_SIZE;
	while (n < len && *pos < ring_end)
		buf[n++] = ring[(*pos)++ % LOG_SIZE];
	return n;
}
