/* SPDX-License-Identifier: MIT */
/* multicall - a list of calls: each is made as if alone, in order, and leaves
 * its result in its entry.
 */
#include "multicall.h"

const char suite_name[] = "multicall";

struct multicall_entry list[128] PAGE;

void entry(unsigned int i, unsigned int op, unsigned long a, unsigned long b,
	   unsigned long c, unsigned long d)
{
	list[i] = (struct multicall_entry){ .op = op, .result = MADE,
					    .args = { a, b, c, d, 5, 6 } };
}

void versions(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		entry(i, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);
}

bool made(unsigned int i)
{
	return (long)list[i].result >> 16 == 4;
}

static void counts(void)
{
	rule("no calls are no error, and the list is not read");
	want(multicall(NULL, 0), 0);
	want(multicall(0x1000, 0), 0);
	rule("a list of no calls has to lie where a list may");
	want(multicall(BAD_POINTER, 0), -XEN_EFAULT);
	want(multicall(HYPERVISOR_POINTER, 0), -XEN_EFAULT);
	rule("one call is made");
	versions(2);
	want(multicall(list, 1), 0);
	want_true(made(0));
	want(list[1].result, MADE);
	rule("a page of calls is made, to the last");
	versions(64);
	want(multicall(list, 64), 0);
	for (int i = 0; i < 64; i++)
		want_true(made((unsigned int)i));
	rule("the count is 32 bits of its argument");
	versions(1);
	want(multicall(list, 1ul << 32), 0);
	want(list[0].result, MADE);
	rule("a list need not be aligned");
	memcpy((char *)list + 1028, list, 64);
	want(multicall((char *)list + 1028, 1), 0);
	memcpy(list, (char *)list + 1028, 64);
	want_true(made(0));
}

/* Each entry's result is what the call alone would answer. */
static void results(void)
{
	static struct sched_poll past = { .nr_ports = 0, .timeout = 1 };
	static struct sched_poll many = { .nr_ports = 129, .timeout = 1 };
	static const struct {
		const char *rule;
		unsigned int op;
		unsigned long a, b;
		long wanted;
	} entries[] = {
		{ "a result of 0 is 0", __HYPERVISOR_set_timer_op, 0, 0, 0 },
		{ "a number without a call is ENOSYS in its entry",
		  55, 0, 0, -XEN_ENOSYS },
		{ "the first number beyond all calls is ENOSYS in its entry",
		  64, 0, 0, -XEN_ENOSYS },
		{ "the largest number is ENOSYS in its entry",
		  ~0u, 0, 0, -XEN_ENOSYS },
		{ "an unknown command is that call's error",
		  __HYPERVISOR_sched_op, 99, 0, -XEN_ENOSYS },
		{ "a bad argument is that call's error",
		  __HYPERVISOR_sched_op, SCHEDOP_poll,
		  (unsigned long)BAD_POINTER, -XEN_EFAULT },
		{ "a refused argument is that call's error",
		  __HYPERVISOR_sched_op, SCHEDOP_poll, (unsigned long)&many,
		  -XEN_EINVAL },
		{ "a list within a list is EINVAL",
		  __HYPERVISOR_multicall, 0, 0, -XEN_EINVAL },
		{ "a call may give the CPU away",
		  __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0 },
		{ "a call may sleep",
		  __HYPERVISOR_sched_op, SCHEDOP_poll, (unsigned long)&past, 0 },
		{ "a call of a number that has been superseded is made",
		  __HYPERVISOR_sched_op_compat, SCHEDOP_yield, 0, 0 },
	};
	const unsigned int n = sizeof(entries) / sizeof(entries[0]);

	for (unsigned int i = 0; i < n; i++) {
		entry(2 * i, entries[i].op, entries[i].a, entries[i].b, 0, 0);
		entry(2 * i + 1, __HYPERVISOR_xen_version, XENVER_version, 0,
		      0, 0);
	}
	rule("a list answers 0, whatever its entries do");
	want(multicall(list, 2 * n), 0);
	for (unsigned int i = 0; i < n; i++) {
		rule(entries[i].rule);
		want((long)list[2 * i].result, entries[i].wanted);
	}
	rule("whatever an entry answers, the next is made");
	for (unsigned int i = 0; i < n; i++)
		want_true(made(2 * i + 1));
	rule("an entry's number and arguments are left as they were");
	for (unsigned int i = 0; i < n; i++) {
		want(list[2 * i].op, entries[i].op);
		want(list[2 * i].args[0], entries[i].a);
		want(list[2 * i].args[1], entries[i].b);
		want(list[2 * i].args[4], 5);
		want(list[2 * i].args[5], 6);
	}
}

/* What Linux does by lists: entries act at once and in order. */
static void order(void)
{
	static PAGE volatile uint64_t page[512], other[512];
	evtchn_port_t port = ipi_port(0);
	static struct evtchn_close c;
	static struct evtchn_send s;

	rule("entries act in order: a port is sent on, closed, and sent on");
	s.port = c.port = port;
	entry(0, __HYPERVISOR_event_channel_op, EVTCHNOP_send,
	      (unsigned long)&s, 0, 0);
	entry(1, __HYPERVISOR_event_channel_op, EVTCHNOP_close,
	      (unsigned long)&c, 0, 0);
	entry(2, __HYPERVISOR_event_channel_op, EVTCHNOP_send,
	      (unsigned long)&s, 0, 0);
	want(multicall(list, 3), 0);
	want(list[0].result, 0);
	want(list[1].result, 0);
	want((long)list[2].result, -XEN_EINVAL);
	forget_events();
	rule("a mapping made by an entry is there for the next");
	page[0] = 1;
	other[0] = 2;
	entry(0, __HYPERVISOR_update_va_mapping, (unsigned long)page,
	      virt_to_mfn(other) << 12 | 7, UVMF_INVLPG, 0);
	entry(1, __HYPERVISOR_xen_version, XENVER_extraversion,
	      (unsigned long)page, 0, 0);
	entry(2, __HYPERVISOR_update_va_mapping, (unsigned long)page,
	      virt_to_mfn(page) << 12 | 7, UVMF_INVLPG, 0);
	want(multicall(list, 3), 0);
	want(list[0].result, 0);
	want(list[1].result, 0);
	want(list[2].result, 0);
	want(page[0], 1);
	want_true(other[0] != 2);
	rule("a switch of process is one list");
	entry(0, __HYPERVISOR_stack_switch, FLAT_KERNEL_SS,
	      kernel_entry_stack(), 0, 0);
	entry(1, __HYPERVISOR_fpu_taskswitch, 1, 0, 0, 0);
	entry(2, __HYPERVISOR_set_segment_base, SEGBASE_FS, 0x1000, 0, 0);
	entry(3, __HYPERVISOR_fpu_taskswitch, 0, 0, 0, 0);
	want(multicall(list, 4), 0);
	for (int i = 0; i < 4; i++)
		want(list[i].result, 0);
}

/* Who calls is asked for each entry. */
static void privileges(void)
{
	bool first = is_first_domain();

	rule("the control domain's calls are refused to others in a list too");
	entry(0, __HYPERVISOR_console_io, 0, 0, (unsigned long)list, 0);
	entry(1, __HYPERVISOR_sched_op, SCHEDOP_pin_override,
	      (unsigned long)BAD_POINTER, 0, 0);
	entry(2, __HYPERVISOR_platform_op, (unsigned long)BAD_POINTER, 0, 0, 0);
	entry(3, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);
	want(multicall(list, 4), 0);
	want((long)list[0].result, first ? 0 : -XEN_EPERM);
	want((long)list[1].result, first ? -XEN_EFAULT : -XEN_EPERM);
	want((long)list[2].result, -XEN_EFAULT);
	want_true(made(3));
}

void suite_main(void)
{
	rule("the timer's interrupt can be bound");
	want(timer_open(), 0);
	counts();
	results();
	order();
	privileges();
	ends();
	interrupted();
}
