/* SPDX-License-Identifier: MIT */
/* ends.c - what ends a list before its end, and what does not. */
#include "multicall.h"

static void unreadable(void)
{
	rule("a list at a bad address is EFAULT");
	want(multicall(BAD_POINTER, 1), -XEN_EFAULT);
	want(multicall(HYPERVISOR_POINTER, 1), -XEN_EFAULT);
	want(multicall(0x1000, 1), -XEN_EFAULT);
	want(multicall(NULL, 1), -XEN_EFAULT);
	rule("a list that runs into nothing is EFAULT, and made up to there");
	versions(128);
	want(map_frame(list + 64, 0, 0), 0);
	want(multicall(list + 60, 8), -XEN_EFAULT);
	for (unsigned int i = 60; i < 64; i++)
		want_true(made(i));
	want(list[59].result, MADE);
	rule("an entry that is half there is not made");
	versions(64);
	memcpy((char *)list + 4096 - 32, list, 32);
	want(multicall((char *)list + 4096 - 32, 1), -XEN_EFAULT);
	rule("a list of as many as can be counted is made up to where nothing is mapped");
	versions(64);
	want(multicall(list + 62, ~0u), -XEN_EFAULT);
	want_true(made(62) && made(63));
	want(map_frame(list + 64, virt_to_mfn(list + 64),
		       PTE_PRESENT | PTE_WRITE | PTE_USER), 0);
}

static void unwritable(void)
{
	evtchn_port_t port = ipi_port(0);
	static struct evtchn_send s;

	rule("a result that cannot be stored is EFAULT, after its call");
	s.port = port;
	forget_events();
	for (unsigned int i = 0; i < 3; i++)
		entry(i, __HYPERVISOR_event_channel_op, EVTCHNOP_send,
		      (unsigned long)&s, 0, 0);
	want(map_frame(list, virt_to_mfn(list), PTE_PRESENT | PTE_USER), 0);
	want(multicall(list, 3), -XEN_EFAULT);
	want(list[0].result, MADE);
	want(port_pending(port), 1);
	want(map_frame(list, virt_to_mfn(list),
		       PTE_PRESENT | PTE_WRITE | PTE_USER), 0);
	want(close_port(port), 0);
	forget_events();
	rule("an entry that takes the list's mapping away ends the list");
	versions(4);
	entry(1, __HYPERVISOR_update_va_mapping, (unsigned long)list, 0,
	      UVMF_INVLPG, 0);
	want(multicall(list, 4), -XEN_EFAULT);
	want(map_frame(list, virt_to_mfn(list),
		       PTE_PRESENT | PTE_WRITE | PTE_USER), 0);
	want_true(made(0));
	want(list[1].result, MADE);
	want(list[2].result, MADE);
}

/* Makes the list in rdi and rsi with, on the stack, what iret takes: back to
 * behind the call, with rax as pushed. */
long iret_in_list(struct multicall_entry *entries, long n);
asm(".pushsection .text\n"
    "iret_in_list:\n"
    "	mov	%rsp, %rdx\n"
    "	mov	%ss, %ecx\n"
    "	push	%rcx\n"
    "	push	%rdx\n"
    "	pushf\n"
    "	mov	%cs, %ecx\n"
    "	and	$~3, %ecx\n"			/* to the kernel */
    "	push	%rcx\n"
    "	lea	1f(%rip), %rcx\n"
    "	push	%rcx\n"
    "	push	$0\n"			/* flags */
    "	push	$0\n"			/* rcx */
    "	push	$0\n"			/* r11 */
    "	push	$0x77\n"		/* rax */
    "	mov	$13, %eax\n"
    "	syscall\n"
    "	ud2\n"
    "1:	ret\n"
    ".popsection");

static void iret(void)
{
	long rc;

	rule("an iret ends its list: what follows is not made");
	versions(4);
	entry(1, __HYPERVISOR_iret, 0, 0, 0, 0);
	rc = iret_in_list(list, 4);
	want_true(made(0));
	want(list[2].result, MADE);
	want(list[3].result, MADE);
	rule("after an iret in a list RAX is what the iret made it");
	want(rc, 0x77);
	rule("an iret as the last entry is no different");
	versions(2);
	entry(1, __HYPERVISOR_iret, 0, 0, 0, 0);
	want(iret_in_list(list, 2), 0x77);
	want_true(made(0));
	rule("after an iret in a list another list can be made");
	versions(1);
	want(multicall(list, 1), 0);
	want_true(made(0));
}

void ends(void)
{
	unreadable();
	unwritable();
	iret();
}

/* In this order: a list that is long, and one that is long and interrupted. */
void interrupted(void)
{
	static struct multicall_entry many[4096];
	static struct evtchn_send s;
	evtchn_port_t port = ipi_port(0);
	unsigned int before, wrong = 0;

	rule("four thousand calls are made, each once");
	for (unsigned int i = 0; i < 4096; i++)
		many[i] = (struct multicall_entry){
			.op = __HYPERVISOR_xen_version, .result = MADE };
	want(multicall(many, 4096), 0);
	for (unsigned int i = 0; i < 4096; i++)
		wrong += (long)many[i].result >> 16 != 4;
	want(wrong, 0);
	rule("a list that timers interrupt is made all the same");
	events_unmask();
	timer_clear();
	before = upcalls;
	wrong = 0;
	for (int round = 0; round < 10; round++) {
		unsigned int start = upcalls;

		for (unsigned int i = 0; i < 4096; i++)
			many[i].result = MADE;
		call(set_timer_op, now() + MS / 10);
		want(multicall(many, 4096), 0);
		for (unsigned int i = 0; i < 4096; i++)
			wrong += (long)many[i].result >> 16 != 4;
		while (upcalls == start)
			call(sched_op, SCHEDOP_yield, 0);
	}
	want(wrong, 0);
	want(upcalls, before + 10);
	rule("an event that an entry raises comes once, by the list's end");
	before = upcalls;
	s.port = port;
	versions(64);
	entry(20, __HYPERVISOR_event_channel_op, EVTCHNOP_send,
	      (unsigned long)&s, 0, 0);
	want(multicall(list, 64), 0);
	want(upcalls, before + 1);
	want(last_port, port);
	rule("the rest of a list is made after an entry that raises an event");
	for (unsigned int i = 0; i < 64; i++)
		want_true(i == 20 ? !list[i].result : made(i));
	rule("a block in a list lets the rest be made after it woke");
	versions(4);
	entry(1, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0);
	events_mask();			/* until the block */
	timer_clear();
	call(set_timer_op, now() + 10 * MS);
	want(multicall(list, 4), 0);
	want(list[1].result, 0);
	want_true(made(2) && made(3));
	events_mask();
	want(close_port(port), 0);
}
