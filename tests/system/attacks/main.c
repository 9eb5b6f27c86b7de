/* SPDX-License-Identifier: MIT */
/* main.c - which class of attack the command line names, and common tools. */
#include <xen/sched.h>

#include "attack.h"

const char suite_name[] = "attack";

PAGE table page, spare, tables[4];

static const struct {
	const char *name;
	void (*run)(void);
} classes[] = {
	{ "page-types", attack_page_types },
	{ "fast-path", attack_fast_path },
	{ "superpages", attack_superpages },
	{ "descriptors", attack_descriptors },
	{ "returns", attack_returns },
	{ "debug", attack_debug },
	{ "emulation", attack_emulation },
	{ "leaks", attack_leaks },
	{ "events", attack_events },
	{ "reset", attack_reset },
	{ "fifo", attack_fifo },
	{ "fifo-reset", attack_fifo_reset },
	{ "grants", attack_grants },
	{ "grants2", attack_grants2 },
	{ "reservations", attack_reservations },
	{ "continuations", attack_continuations },
	{ "vcpus", attack_vcpus },
	{ "console", attack_console },
	{ "interrupts", attack_interrupts },
	{ "control", attack_control },
};

volatile uint64_t *seen_at(uint64_t machine)
{
	unsigned long pfn = ((unsigned long *)MACH2PHYS_VIRT_START)[machine >> 12];

	return (uint64_t *)(VIRT_BASE + (pfn << 12) + (machine & 4095));
}

uint64_t entry_at(const volatile void *va, int level)
{
	uint64_t t = maddr((void *)start_info->pt_base);

	for (int l = 4; ; l--) {
		uint64_t at = t | ((uint64_t)va >> (3 + 9 * l) & 511) << 3;

		if (l == level)
			return at;
		t = *seen_at(at) & FRAME_BITS;
	}
}

long update(uint64_t ptr, uint64_t value)
{
	struct mmu_update u = { ptr, value };

	return call(mmu_update, &u, 1, 0, DOMID_SELF);
}

long extended(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
	struct mmuext_op op = { .cmd = cmd };

	op.arg1.mfn = arg1;
	op.arg2.src_mfn = arg2;
	return call(mmuext_op, &op, 1, 0, DOMID_SELF);
}

long memory(unsigned int cmd, unsigned long *list, unsigned long n, unsigned int order)
{
	struct xen_memory_reservation r = {
		.nr_extents = n, .extent_order = order, .domid = DOMID_SELF,
	};

	r.extent_start.p = list;
	return call(memory_op, cmd, &r);
}

void *grant_table(void)
{
	static PAGE char shown[4096];
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 1 };
	uint64_t frame = 0;

	set_xen_guest_handle(s.frame_list, &frame);
	call(grant_table_op, GNTTABOP_setup_table, &s, 1);
	want(map_frame(shown, frame, PTE_PRESENT | PTE_WRITE), 0);
	return shown;
}

void tree_clear(void)
{
	want(read_write(page), 0);
	want(read_write(spare), 0);
	memset(page, 0, sizeof(page));
	memset(spare, 0, sizeof(spare));
	for (unsigned int i = 0; i < 4; i++) {
		want(read_write(tables[i]), 0);
		memset(tables[i], 0, sizeof(tables[i]));
	}
}

void tree_make(uint64_t leaf)
{
	tree_clear();
	for (unsigned int i = 0; i < 4; i++) {
		tables[i][0] = leaf;
		leaf = maddr(tables[i]) | PTE_PRESENT | PTE_WRITE | PTE_USER;
		want(read_only(tables[i]), 0);
	}
}

static void store(void *at)
{
	*(volatile uint8_t *)at = *(volatile uint8_t *)at;
}

static void load(void *at)
{
	(void)*(volatile uint8_t *)at;
}

bool store_traps(volatile void *at)
{
	return traps(store, (void *)at);
}

bool load_traps(const volatile void *at)
{
	return traps(load, (void *)at);
}

uint64_t random_number(void)
{
	static uint64_t x = 88172645463325252ul;

	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

static void (*volatile step)(void);
static volatile bool stepping;

/* It says that it is at work before it looks whether it is to be. */
static void second(void)
{
	for (;;) {
		void (*now)(void);

		stepping = true;
		__sync_synchronize();
		now = step;
		if (now) {
			now();
		} else {
			stepping = false;
			yield();
		}
	}
}

void beside(void (*fn)(void))
{
	static bool started;

	step = fn;
	if (!started)
		want(second_start(second), 0);
	started = true;
}

void beside_stop(void)
{
	step = NULL;
	__sync_synchronize();
	while (stepping)
		yield();
}

void yield(void)
{
	call(sched_op, SCHEDOP_yield, 0);
}

void suite_main(void)
{
	const char *wanted = (const char *)start_info->cmd_line;

	for (unsigned int i = 0; i < COUNT(classes); i++)
		if (strlen(wanted) == strlen(classes[i].name) &&
		    !memcmp(wanted, classes[i].name, strlen(wanted)))
			classes[i].run();
}
