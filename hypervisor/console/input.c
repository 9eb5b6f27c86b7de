/* SPDX-License-Identifier: MIT */
/* input.c - what is typed at the serial port, until the first domain reads it.
 *
 * Invariant: no byte is dropped here: when the ring is full, bytes stay in
 * the port, and reading makes room and looks at the port again.
 */
#include "console/console.h"

#include "cpu/percpu.h"
#include "sync/spinlock.h"

#define INPUT_SIZE	256U	/* a power of two */

static struct spinlock lock = SPINLOCK_INIT(CONSOLE);

/* the lock above */
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
	uint32_t before;
	bool more;

	if (!uart_received())
		return;
	spin_lock(&lock);
	before = head;
	fill();
	more = head != before;
	spin_unlock(&lock);
	if (more)
		cpu_pend(this_cpu(), CPU_CONSOLE);
}

size_t console_read(char *buf, size_t size)
{
	size_t n = 0;

	spin_lock(&lock);
	while (n < size) {
		if (head == tail)
			fill();
		if (head == tail)
			break;
		buf[n++] = ring[tail++ % INPUT_SIZE];
	}
	spin_unlock(&lock);
	return n;
}

void console_enable_input_irq(void)
{
	uart_enable_irq();
	console_poll_input();
}
