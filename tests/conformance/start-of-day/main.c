/* SPDX-License-Identifier: MIT */
/* start-of-day - registers, start_info, page tables and events as a PV kernel
 * finds them.
 */
#include "lib.h"

const char suite_name[] = "start-of-day";

static void registers(void)
{
	struct first_state *s = &first_state;

	rule("code and stack segments are the flat ones of ring 3");
	want(s->cs, FLAT_KERNEL_CS);
	want(s->ss, FLAT_KERNEL_SS);
	rule("data segments are null or flat");
	want_true(s->ds == 0 || s->ds == FLAT_KERNEL_DS32);
	want_true(s->es == 0 || s->es == FLAT_KERNEL_DS32);
	rule("FS and GS are null");
	want(s->fs, 0);
	want(s->gs, 0);
	rule("interrupts look enabled, direction is up, IOPL is 0");
	want(s->rflags & RFLAGS_IF, RFLAGS_IF);
	want(s->rflags & RFLAGS_DF, 0);
	want(s->rflags & RFLAGS_IOPL, 0);
	rule("RSI points at start_info, on a page of its own");
	want(s->rsi & 4095, 0);
	want((unsigned long)start_info, s->rsi);
}

static void info(void)
{
	struct start_info *si = start_info;

	rule("start_info begins with the interface's name");
	want(memcmp(si->magic, "xen-3.0-x86_64", 14), 0);
	rule("flags of the first domain: privileged and initial, or neither");
	want(!!(si->flags & SIF_PRIVILEGED), !!(si->flags & SIF_INITDOMAIN));
	rule("shared_info is the address of a whole frame");
	want_true(si->shared_info != 0);
	want(si->shared_info & 4095, 0);
	rule("the command line ends within its 1024 bytes");
	want(si->cmd_line[MAX_GUEST_CMDLINE - 1], 0);
	rule("without a ramdisk mod_start and mod_len are 0");
	if (si->mod_len)
		skip("there is a ramdisk");
	else
		want(si->mod_start, 0);
	rule("start_info follows the frame list, page tables follow it");
	want_true(si->mfn_list < (unsigned long)si);
	want_true(si->pt_base > (unsigned long)si);
	want(si->pt_base & 4095, 0);
	rule("the stack is above the page tables, inside the mapping");
	want_true(first_state.rsp > si->pt_base + si->nr_pt_frames * 4096 - 1);
}

static void frames(void)
{
	unsigned long *list = (unsigned long *)start_info->mfn_list;
	unsigned long wrong = 0, pfn;

	rule("the machine-to-physical table is the frame list's inverse");
	for (pfn = 0; pfn < start_info->nr_pages; pfn++)
		wrong += machine_to_phys_mapping[list[pfn]] != pfn;
	want(wrong, 0);
}

/* The entry of one level that maps an address, by the read-only mappings. */
static uint64_t *entry_of(unsigned long va, int level)
{
	uint64_t *table = (uint64_t *)start_info->pt_base;

	for (int l = 4; l > level; l--) {
		uint64_t e = table[va >> (12 + 9 * (l - 1)) & 511];

		table = (uint64_t *)(VIRT_BASE +
			(machine_to_phys_mapping[(e >> 12) & 0xfffffffffful]
			 << 12));
	}
	return &table[va >> (12 + 9 * (level - 1)) & 511];
}

static void tables(void)
{
	unsigned long pt = start_info->pt_base;
	unsigned long writable = 0, mapped = 0;

	rule("the last page table page is mapped like the first");
	want_true(*entry_of(pt + (start_info->nr_pt_frames - 1) * 4096, 1) &
		  PTE_PRESENT);
	rule("page tables are mapped read-only");
	for (unsigned long i = 0; i < start_info->nr_pt_frames; i++)
		writable += !!(*entry_of(pt + i * 4096, 1) & PTE_WRITE);
	want(writable, 0);
	rule("the kernel's own pages are mapped writable");
	want_true(*entry_of((unsigned long)start_info, 1) & PTE_WRITE);
	rule("the mapping covers 512 KiB above the stack and ends 4 MiB aligned");
	want_true(*entry_of(first_state.rsp + 0x7ffff, 2) & PTE_PRESENT);
	rule("nothing of the user half is mapped");
	for (int i = 0; i < 256; i++)
		mapped += !!((uint64_t *)pt)[i];
	want(mapped, 0);
}

static void read_byte(void *p)
{
	(void)*(volatile char *)p;
}

static void write_byte(void *p)
{
	*(volatile char *)p = 0;
}

static void hypervisor_range(void)
{
	rule("the machine-to-physical table cannot be written");
	want_true(traps(write_byte, (void *)MACH2PHYS_VIRT_START));
	want(trapped.vector, 14);
	want(trapped_cr2, MACH2PHYS_VIRT_START);
	rule("the hypervisor's other addresses cannot be read");
	want_true(traps(read_byte, (void *)(MACH2PHYS_VIRT_END + 0x1000)));
	want(trapped.vector, 14);
}

static void events(void)
{
	rule("vCPU 0 starts with events masked, and none pending");
	want(shared->vcpu_info[0].evtchn_upcall_mask, 1);
	want(shared->vcpu_info[0].evtchn_upcall_pending, 0);
	rule("all 32 vcpu_info of the shared page start masked");
	for (int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		want(shared->vcpu_info[i].evtchn_upcall_mask, 1);
	rule("no port is masked at the start");
	if (!is_first_domain()) {	/* the library masked these */
		port_mask(start_info->console.domU.evtchn, false);
		port_mask(start_info->store_evtchn, false);
	}
	for (int i = 0; i < 64; i++)
		want(shared->evtchn_mask[i], 0);
	rule("the clock has begun: scale and time are there, version is even");
	want_true(shared->vcpu_info[0].time.tsc_to_system_mul != 0);
	want_true(shared->vcpu_info[0].time.system_time != 0);
	want(shared->vcpu_info[0].time.version & 1, 0);
}

extern char hypercall_page[];

static void calls(void)
{
	static const uint8_t begins[] = { 0x51, 0x41, 0x53, 0xb8 };
	static const uint8_t iret_begins[] = { 0x51, 0x41, 0x53, 0x50, 0xb8 };

	rule("the hypercall page: slot n saves RCX and R11, and has n for RAX");
	for (unsigned int n = 0; n < 64; n++) {
		const char *slot = hypercall_page + 32 * n;

		if (n == __HYPERVISOR_iret)
			continue;
		want(memcmp(slot, begins, sizeof(begins)), 0);
		want(*(const uint32_t *)(slot + 4), n);
	}
	rule("the slot of iret saves RAX as well");
	want(memcmp(hypercall_page + 32 * __HYPERVISOR_iret, iret_begins,
		    sizeof(iret_begins)), 0);
	want(*(const uint32_t *)(hypercall_page + 32 * __HYPERVISOR_iret + 5),
	     __HYPERVISOR_iret);
	rule("the last slot ends the page like all others");
	want(hypercall_page[4095], hypercall_page[63]);
}

static uint64_t msr(uint32_t n)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(n));
	return (uint64_t)high << 32 | low;
}

static void hidden_registers(void)
{
	uint64_t v;

	rule("segment bases are 0");
	for (uint32_t n = 0xc0000100; n <= 0xc0000102; n++)
		want(msr(n), 0);
	rule("CR3 is pt_base's frame, CR0 has no TS, CR2 is 0");
	asm volatile("mov %%cr3, %0" : "=r"(v));
	want(v >> 12, (long)virt_to_mfn((void *)start_info->pt_base));
	asm volatile("mov %%cr0, %0" : "=r"(v));
	want(v & 8, 0);
	asm volatile("mov %%cr2, %0" : "=r"(v));
	want(v, 0);
	want(shared->vcpu_info[0].arch.cr2, 0);
	rule("no breakpoint is armed");
	want(call(get_debugreg, 7), 0x400);
	rule("there is no GDT of the guest's and no LDT");
	{
		uint32_t rights;
		bool found = false, ok;

		for (uint32_t sel = 0; sel < 0xe000; sel += 8) {
			asm("lar %2, %0" : "=r"(rights), "=@ccz"(ok) : "r"(sel | 3));
			found |= ok;
			asm("lar %2, %0" : "=r"(rights), "=@ccz"(ok) : "r"(sel | 7));
			found |= ok;
		}
		want(found, false);
	}
}

static bool is_ours(unsigned long frame)
{
	unsigned long pfn = machine_to_phys_mapping[frame];

	return pfn < start_info->nr_pages &&
	       ((unsigned long *)start_info->mfn_list)[pfn] == frame;
}

static void rings(void)
{
	rule("a plain domain's console and store have frames of its own and ports");
	if (is_first_domain()) {
		skip("the first domain has neither");
	} else {
		want_true(is_ours(start_info->console.domU.mfn));
		want_true(start_info->console.domU.evtchn);
		want_true(is_ours(start_info->store_mfn));
		want_true(start_info->store_evtchn);
	}
	rule("the first domain's store has neither frame nor port");
	if (is_first_domain()) {
		want(start_info->store_mfn, 0);
		want(start_info->store_evtchn, 0);
	} else {
		skip("a plain domain");
	}
	rule("the shared page is not among the domain's frames");
	want_true(!is_ours(start_info->shared_info >> 12));
	rule("page tables, start_info and stack are among the domain's frames");
	for (unsigned long i = 0; i < start_info->nr_pt_frames; i++)
		want_true(is_ours(virt_to_mfn((char *)start_info->pt_base + i * 4096)));
	want_true(is_ours(virt_to_mfn(start_info)));
	want_true(is_ours(virt_to_mfn((void *)(first_state.rsp - 8))));
}

void suite_main(void)
{
	registers();
	hidden_registers();
	calls();
	rings();
	info();
	frames();
	tables();
	hypervisor_range();
	events();
}
