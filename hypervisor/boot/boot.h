/* SPDX-License-Identifier: MIT */
/* boot.h - what the files of this room tell each other, once, at boot.
 */
#ifndef PARAVANE_BOOT_BOOT_H
#define PARAVANE_BOOT_BOOT_H

#include <public/elfnote.h>

#include "base/types.h"

struct domain;

#define E820_RAM		1
#define E820_RESERVED		2
#define E820_ACPI		3
#define E820_NVS		4
#define BOOT_MAX_REGIONS	64
#define BOOT_CMDLINE		1024

struct boot_region { uint64_t start, end; uint32_t type; };
struct boot_module { uint64_t start, end; char cmdline[BOOT_CMDLINE]; };

/* What the loader said, copied out of memory that will be reused. */
struct boot_params {
	char cmdline[BOOT_CMDLINE];
	char loader[32];
	struct boot_region region[BOOT_MAX_REGIONS];	/* sorted; may overlap */
	unsigned regions;
	struct boot_module module[2];			/* kernel, ramdisk */
	unsigned modules;
};

/* The hypervisor's own options. */
struct boot_options {
	uint64_t dom0_mem;		/* bytes; 0 = not given */
	uint32_t dom0_vcpus;
	uint32_t dom0_event_channels;	/* the highest port; 0 = as two levels have */
	uint32_t max_cpus;		/* 0 = as many as there are */
	uint32_t fail_cpu, hang_cpu;	/* debug builds: this APIC id + 1 will not answer,
					 * or not get far */
	uint32_t watchdog_seconds;	/* 0 = as usual */
	bool watchdog;			/* by NMI too */
	bool noreboot;
	bool sched_null;		/* one vCPU a CPU */
	char console[16], com1[32];
};

extern struct boot_params boot_params;
extern struct boot_options boot_options;

/* multiboot.c: panics when the loader spoke neither version. */
void multiboot_read(uint32_t magic, uint32_t info);
/* cmdline.c */
void options_parse(const char *line, bool report);

/* memory.c: RAM that nobody uses yet, before the heap exists. */
void memory_init(void);
extern uint64_t memory_ram_pages;	/* RAM frames in the loader's map */
/* `n` contiguous frames below 4 GiB, with what was in them; panics when there
 * are none. */
uint64_t memory_take(uint64_t n);
/* Everything not taken goes to the heap. */
void memory_to_heap(void);
void memory_free_range(uint64_t start, uint64_t end);

/* paging.c: the tables that stay. */
void paging_init(void);
/* Registers of the local APIC and of the I/O APIC at that address; nobody
 * else may map them. */
void paging_map_controllers(uint64_t ioapic);
/* The CPU_BLOCK_PAGES pages at `pa` become CPU id's block, all writable; then
 * the page of its SYSCALL stub executable instead, without a writable alias.
 * The first time takes memory for tables. */
#define CPU_BLOCK_PAGES	10
void paging_map_block(unsigned id, uint64_t pa);
void paging_seal_block(unsigned id);
void paging_unmap_block(unsigned id, uint64_t pa);
void paging_seal(void);			/* what was written at boot only, read-only */
void paging_drop_init(void);		/* init sections unmapped and freed */

/* smp.c: the other processors, found while memory can be taken, started once
 * there is a clock. */
void smp_find(void);
void smp_start(void);

/* elf.c: a kernel image in memory. */
#define ELF_NOTES	(XEN_ELFNOTE_MAX + 1)
struct kernel_image {
	const uint8_t *base;
	uint64_t size;
	uint64_t entry, virt_base, paddr_offset;
	bool is_xen;
	uint32_t notes;			/* bit per XEN_ELFNOTE_* there is */
	uint64_t note[ELF_NOTES];	/* and what it says */
	uint64_t kstart, kend;		/* guest-virtual, page aligned */
	const char *error;		/* why it cannot be loaded, or NULL */
};
static inline bool elf_noted(const struct kernel_image *k, unsigned note)
{
	return k->notes & 1u << note;
}
void elf_parse(struct kernel_image *k, const void *base, uint64_t size);
/* Copy segments through `at`, which turns a guest-virtual page into our own
 * pointer. */
void elf_load(const struct kernel_image *k, void *(*at)(uint64_t va));

/* first_domain.c */
struct domain *first_domain_build(void);

#endif
