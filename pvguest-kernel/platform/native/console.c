/* SPDX-License-Identifier: MIT */
/* console.c - the first serial port, 115200 8n1: output by waiting, input by
 * interrupt.
 *
 * Invariant: nothing written is lost: the writer waits for the port. Limit: a
 * machine without the port would wait for ever; this one always has it.
 */
#include "core/console.h"

#include "platform/native/native.h"
#include "platform/platform.h"

#define COM1 0x3f8
#define DATA (COM1 + 0)
#define INTERRUPTS (COM1 + 1)
#define FIFO (COM1 + 2)
#define LINE_CONTROL (COM1 + 3)
#define MODEM_CONTROL (COM1 + 4)
#define LINE_STATUS (COM1 + 5)
#define HAS_INPUT 0x01
#define CAN_SEND 0x20

void native_console_init(void)
{
	outb(LINE_CONTROL, 0x80);
	outb(DATA, 1);
	outb(INTERRUPTS, 0);
	outb(LINE_CONTROL, 0x03);
	outb(FIFO, 0x07);
	outb(MODEM_CONTROL, 0x0b);
	outb(INTERRUPTS, 0x01);
}

void platform_console_write(const char *buf, size_t len)
{
	while (len--) {
		while (!(inb(LINE_STATUS) & CAN_SEND))
			;
		outb(DATA, (uint8_t)*buf++);
	}
}

void native_console_poll(void)
{
	while (inb(LINE_STATUS) & HAS_INPUT) {
		char c = (char)inb(DATA);

		tty_console_input(&c, 1);
	}
}
