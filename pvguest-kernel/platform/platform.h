/* SPDX-License-Identifier: MIT */
/* platform.h - the seam: all that a machine, real or paravirtual, must do.
 *
 * platform/native does these things with instructions, platform/xen-pv with
 * hypercalls; the two folders are linked as alternatives. Nothing outside them
 * knows which one it runs on.
 *
 * Kernel mode runs with interrupts masked from entry to exit. They are taken
 * only in user mode and inside platform_idle().
 */
#ifndef KERNEL_PLATFORM_PLATFORM_H
#define KERNEL_PLATFORM_PLATFORM_H

#include "core/types.h"

struct page;
struct thread;
struct user_regs;

/* 1. Start. The platform maps all memory at KERNEL_BASE, makes the console
 * work and calls kernel_main, which never returns. */
struct boot_info {
	uint64_t page_count;		/* pages 0 .. page_count-1 exist */
	uint64_t later;			/* so many of them may come later */
	uint64_t first_free;		/* pages below it are in use */
	const void *ramdisk;
	size_t ramdisk_len;
	const char *cmdline;
	const char *role;		/* for the greeting */
};
void kernel_main(const struct boot_info *boot) NORETURN;
bool platform_page_is_ram(uint64_t pfn);

/* 2. Devices of this platform, once files exist. */
void platform_devices_init(void);

/* 3. Bytes to the console. Bytes from it go to tty_console_input(). */
void platform_console_write(const char *buf, size_t len);

/* 4. Page tables. A page of zeroes is adopted before it is linked as a table
 * and released after it was unlinked; in between only platform_pte_write may
 * write it. Values are physical addresses with PTE_* flags. Writes take effect
 * in order, at the latest at platform_pte_commit(); released pages are writable
 * again after it. */
int platform_table_adopt(struct page *table, unsigned level) MUST_CHECK;
void platform_table_release(struct page *table);
void platform_pte_write(uint64_t *slot, uint64_t value);
uint64_t platform_pte_read(const uint64_t *slot);
void platform_pte_commit(bool flush_tlb);
void platform_flush_page(uint64_t va);	/* one user page; commits nothing */

/* 5. Address spaces: the top-level tables. */
struct page_tables {
	uint64_t *root;
	uint64_t *user_root;		/* NULL where one tree serves both modes */
};
int platform_root_create(struct page_tables *pt) MUST_CHECK;
/* Makes the tree ordinary memory again; it is not in use on the CPU. */
void platform_root_retire(struct page_tables *pt);
void platform_root_free(struct page_tables *pt);

/* 6. Which address space, kernel stack and user segment bases are current.
 * pt NULL: only the kernel's part is mapped. */
void platform_use_tables(const struct page_tables *pt);
void platform_use_stack(void *top);
void platform_use_segments(uint64_t fs_base, uint64_t gs_base);

/* 7. Traps. The platform calls trap_handle() with the registers on the kernel
 * stack, then restores them. platform_fault_address() is of the last one. */
void platform_traps_init(void);
uint64_t platform_fault_address(void);
void trap_handle(struct user_regs *regs);
extern char platform_resume_user[];	/* rsp -> user_regs: go there */
/* What user code and stack selectors and rflags must look like. */
void platform_user_regs_init(struct user_regs *regs);
void platform_user_regs_sanitize(struct user_regs *regs);

/* 8. Clocks and the one timer: an interrupt at or soon after `deadline`. */
uint64_t platform_clock(void);
uint64_t platform_wall_clock(void);
/* -EPERM where it is another's to set. */
int platform_set_wall_clock(uint64_t ns);
void platform_timer_set(uint64_t deadline);

/* 9. Interrupts. */
void platform_handle_interrupts(void);	/* whatever is pending, now */
void platform_idle(void);		/* waits for one and handles it */

/* 10. The end. */
enum platform_end { PLATFORM_POWER_OFF, PLATFORM_REBOOT, PLATFORM_CRASH };
void platform_end(enum platform_end how) NORETURN;

#endif
