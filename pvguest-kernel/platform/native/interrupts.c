/* SPDX-License-Identifier: MIT */
/* interrupts.c - the two old interrupt controllers, and waiting for them.
 *
 * Only the timer and the serial line are let through. Which of them it was is
 * asked of the controller, so one entry serves both.
 */
#include "platform/native/native.h"
#include "platform/platform.h"

#define PIC1 0x20
#define PIC2 0xa0
#define PIC_INIT 0x11
#define PIC_READ_ISR 0x0b
#define PIC_EOI 0x20
#define PIC_8086_MODE 1

void wait_for_interrupt(void);

void native_interrupts_init(void)
{
	outb(PIC1, PIC_INIT);
	outb(PIC2, PIC_INIT);
	outb(PIC1 + 1, VECTOR_IRQ_BASE);
	outb(PIC2 + 1, VECTOR_IRQ_BASE + 8);
	outb(PIC1 + 1, 1 << 2);
	outb(PIC2 + 1, 2);
	outb(PIC1 + 1, PIC_8086_MODE);
	outb(PIC2 + 1, PIC_8086_MODE);
	outb(PIC1 + 1, (uint8_t)~(1 << IRQ_TIMER | 1 << IRQ_SERIAL));
	outb(PIC2 + 1, 0xff);
}

void platform_handle_interrupts(void)
{
	uint8_t in_service;

	outb(PIC1, PIC_READ_ISR);
	in_service = inb(PIC1);
	if (!in_service)
		return;
	outb(PIC1, PIC_EOI);
	if (in_service & (1 << IRQ_TIMER))
		native_timer_tick();
	if (in_service & (1 << IRQ_SERIAL))
		native_console_poll();
}

void platform_idle(void)
{
	wait_for_interrupt();
}
