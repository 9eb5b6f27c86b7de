/* SPDX-License-Identifier: MIT */
/* hypercall_page.c - the machine code of the hypercall page.
 *
 * Invariant: a stub keeps rcx and r11, which SYSCALL loses, so that a guest
 * may treat a call like any function. The iret stub does not return: it
 * pushes the first three words of the frame that the call pops.
 */
#include "control/hypercall_page.h"

#include <public/xen.h>

#include "base/string.h"
#include "base/types.h"

#define STUB_SIZE	32

#define PUSH_RAX	0x50
#define PUSH_RCX	0x51
#define PUSH_R11	0x41, 0x53
#define POP_RCX		0x59
#define POP_R11		0x41, 0x5b
#define MOV_EAX(n)	0xb8, (n) & 0xff, (n) >> 8, 0, 0
#define SYSCALL		0x0f, 0x05
#define RET		0xc3
#define INT3		0xcc

void hypercall_page_fill(void *page)
{
	static const uint8_t iret[] = {
		PUSH_RCX, PUSH_R11, PUSH_RAX, MOV_EAX(__HYPERVISOR_iret), SYSCALL,
	};
	uint8_t *stub = page;

	memset(page, INT3, PAGE_SIZE);
	for (unsigned n = 0; n < PAGE_SIZE / STUB_SIZE; n++, stub += STUB_SIZE) {
		const uint8_t call[] = {
			PUSH_RCX, PUSH_R11, MOV_EAX(n), SYSCALL,
			POP_R11, POP_RCX, RET,
		};

		if (n == __HYPERVISOR_iret)
			memcpy(stub, iret, sizeof(iret));
		else
			memcpy(stub, call, sizeof(call));
	}
}
