/* SPDX-License-Identifier: MIT */
/* input.c - what is typed at the serial port, until the first domain reads it.
 *
 * Invariant: no byte is dropped here: when the ring is full, bytes stay in
 * the port, and reading makes room and looks at the port again.
 */
#include "console/console.h"

#include "cpu/percpu.h"

#define INPUT_SIZE	256U	/* a power of two */

/* this CPU only (the one that runs the first domain and takes IRQ 4) */
static char ring[INPUT_SIZE];
static uint32_t head, tail;	/* next to write, next to read */

static void fill(void)
{
	char c;

	while (head - tail < INPUT_SIZE && uart_getc(&c))
		ring[head++ % INPUT_SIZE] = c;
}

void console_poll_input(void)
{
	uint32_t before = head;

	fill();
	if (head != before)
		cpu_pend(this_cpu(), CPU_CONSOLE);
}

size_t console_read(char *buf, size_t size)
{
	size_t n = 0;

	while (n < size) {
		if (head == tail)
			fill();
		if (head == tail)
			break;
		buf[n++] = ring[tail++ % INPUT_SIZE];
	}
	return n;
}

void console_enable_input_irq(void)
{
	uart_enable_irq();
	console_poll_input();
}
