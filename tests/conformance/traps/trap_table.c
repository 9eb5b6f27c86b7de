/* SPDX-License-Identifier: MIT */
/* trap_table.c - the arguments of set_trap_table. */
#include "traps.h"

#define VECTOR	0x90
SNIPPET(int_90, "int $0x90; ud2")
SNIPPET(int_80, "int $0x80; ud2")

static struct trap_info row(const void *address)
{
	return (struct trap_info){ VECTOR, 3, FLAT_KERNEL_CS, (unsigned long)address };
}

static bool registered(void)
{
	return enter(KERNEL, int_90) == VECTOR;
}

/* Only #GP's gate, the one that says that another is not there. */
static void forget(void)
{
	struct trap_info t[2] = {
		{ 13, 0, FLAT_KERNEL_CS, (unsigned long)entry_stub(13) }
	};

	want(call(set_trap_table, 0), 0);
	want(call(set_trap_table, t), 0);
}

static void bad_pointers(void)
{
	rule("set_trap_table of a bad address is EFAULT");
	want(call(set_trap_table, NOWHERE), -XEN_EFAULT);
	want(call(set_trap_table, BAD_POINTER), -XEN_EFAULT);
	want(call(set_trap_table, HYPERVISOR_POINTER), -XEN_EFAULT);
	want(call(set_trap_table, 1), -XEN_EFAULT);
	want(call(set_trap_table, ~0ul), -XEN_EFAULT);
	rule("set_trap_table needs no alignment");
	{
		static char bytes[3 + 2 * sizeof(struct trap_info)];
		struct trap_info t = row(entry_stub(VECTOR));

		forget();
		memcpy(bytes + 3, &t, sizeof(t));
		want(call(set_trap_table, bytes + 3), 0);
		want_true(registered());
	}
}

static PAGE struct trap_info end[2][256];

static void partly(void)
{
	struct trap_info *last = &end[0][255];

	rule("what comes before a row that cannot be read is set, and the answer is EFAULT");
	forget();
	*last = row(entry_stub(VECTOR));
	want(call(update_va_mapping, end[1], 0, UVMF_INVLPG), 0);
	want(call(set_trap_table, last), -XEN_EFAULT);
	want_true(registered());
	map_frame(end[1], virt_to_mfn(end[1]), PTE_PRESENT | PTE_WRITE | PTE_USER);
	rule("what comes before a row of a bad address is set, and the answer is EINVAL");
	forget();
	{
		struct trap_info t[] = {
			row(entry_stub(VECTOR)), row(BAD_POINTER), row(entry_stub(3)), row(0)
		};

		want(call(set_trap_table, t), -XEN_EINVAL);
		want_true(registered());
	}
	rule("a row of address 0 ends the table, whatever else it says");
	forget();
	{
		struct trap_info t[] = {
			row(entry_stub(VECTOR)), row(0), row(entry_stub(3)), row(0)
		};

		want(call(set_trap_table, t), 0);
		want_true(registered());
	}
	rule("a table of no rows changes nothing");
	{
		struct trap_info none = row(0);

		want(call(set_trap_table, &none), 0);
		want_true(registered());
	}
}

static void many(void)
{
	static struct trap_info t[300];

	rule("of two rows for a vector the last counts");
	t[0] = row(entry_stub(3));
	t[1] = row(entry_stub(VECTOR));
	t[2] = row(0);
	want(call(set_trap_table, t), 0);
	want_true(registered());
	rule("a table may have more rows than there are vectors");
	forget();
	for (unsigned int i = 0; i < 299; i++)
		t[i] = row(entry_stub(i == 298 ? VECTOR : 3));
	want(call(set_trap_table, t), 0);
	want_true(registered());
}

static void reset(void)
{
	struct trap_info t = row(entry_stub(VECTOR));

	rule("NULL takes every gate away: INT 80 and INT 90 are #GP");
	end[0][0] = t;
	end[0][1] = row(0);
	want(call(set_trap_table, end[0]), 0);
	want_true(registered());
	forget();
	want(enter(KERNEL, int_80), 13);
	want(trapped.error, 0x80 << 3 | 2);
	want(trapped.rip, (long)int_80);
	want(enter(USER, int_80), 13);
	want(trapped.error, 0x80 << 3 | 2);
	want(enter(KERNEL, int_90), 13);
	want(trapped.error, VECTOR << 3 | 2);
	rule("gates that are set afterwards work");
	reset_gates();
	want(enter(KERNEL, int_80), 0x80);
	want(enter(USER, "\x0f\x0b"), 6);
}

void trap_table(void)
{
	bad_pointers();
	partly();
	many();
	reset();
	reset_gates();
}
