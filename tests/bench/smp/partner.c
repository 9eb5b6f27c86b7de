/* SPDX-License-Identifier: MIT */
/* partner.c - a second domain, for what two domains cost beside one: it counts
 * its turns and gives each away again. Its one page is its program, and ours to
 * look at.
 */
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/sched.h>

#include "smp.h"

#define PARTNER		90
#define FRAMES		16u
#define BASE		0x400000ul	/* of its page, in the lower half */
#define TURNS		0xff8ul		/* where in it the count is */

/* yield, which is command 0 of call 29, again and again */
extern const char partner_code[], partner_code_end[];
asm(".pushsection .rodata\n"
    "partner_code:	incq	0x400ff8\n"
    "		mov	$29, %eax\n"
    "		xor	%edi, %edi\n"
    "		xor	%esi, %esi\n"
    "		syscall\n"
    "		jmp	partner_code\n"
    "partner_code_end:\n"
    ".popsection");

/* Its memory, in the order of the levels: the page, then L1 to L4. */
static unsigned long frames[FRAMES];
static char seen[4096] PAGE;
static struct vcpu_guest_context context;

static void show(unsigned long mfn)
{
	want(call(update_va_mapping_otherdomain, seen, mfn << 12 | RW,
		  UVMF_INVLPG | UVMF_LOCAL, PARTNER), 0);
}

static void fill(void)
{
	static const unsigned int slot[] = { 0, BASE >> 12 & 511, BASE >> 21 & 511, 0, 0 };

	for (unsigned int level = 4; level; level--) {
		show(frames[level]);
		memset(seen, 0, sizeof(seen));
		((uint64_t *)seen)[slot[level]] = frames[level - 1] << 12 |
						 PTE_PRESENT | PTE_WRITE | PTE_USER;
	}
	show(frames[0]);
	memset(seen, 0, sizeof(seen));
	memcpy(seen, partner_code, (size_t)(partner_code_end - partner_code));
}

void partner_begin(void)
{
	make_domain(PARTNER, FRAMES, frames);
	fill();
	context.flags = VGCF_in_kernel | VGCF_online;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.user_regs.rip = BASE;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.ctrlreg[3] = frames[4] << 12;
	memset(&op, 0, sizeof(op));
	op.u.vcpucontext.ctxt.p = &context;
	want(domctl(XEN_DOMCTL_setvcpucontext, PARTNER), 0);
	memset(&op, 0, sizeof(op));
	want(domctl(XEN_DOMCTL_unpausedomain, PARTNER), 0);
}

/* With one CPU for both: n times it runs and we do again. */
void partner_turns(unsigned int n)
{
	const volatile uint64_t *turns = (void *)(seen + TURNS);

	for (unsigned int i = 0; i < n; i++) {
		uint64_t before = *turns;

		do {
			call(sched_op, SCHEDOP_yield, NULL);
		} while (*turns == before);
	}
}

void partner_end(void)
{
	want(call(update_va_mapping, seen, 0, UVMF_INVLPG | UVMF_LOCAL), 0);
	destroy_domain(PARTNER);
}
